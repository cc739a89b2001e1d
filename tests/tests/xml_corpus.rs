//! The scanner and the reader on real elements.

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::Scanner;
use xmpp_ws_tests::{corpus, infoset, oracle};

#[test]
fn real_elements_are_good() {
    let mut scanner = Scanner::new();
    let elements = corpus::elements();
    for element in &elements {
        let root = scanner.scan(element, &XmlLimits::default());
        let root = root.unwrap_or_else(|fault| panic!("{fault}: {element}"));
        let ours = infoset::of(root.read().root());
        match oracle::rxml(element) {
            Ok(theirs) => assert_eq!(ours, theirs, "{element}"),
            Err(error) => panic!("rxml: {error}: {element}"),
        }
    }
    eprintln!("{} real elements are good, and rxml reads the same in them", elements.len());
}

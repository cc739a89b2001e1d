use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::{Rule, Scanner};

use crate::oracle;

/// The scanner on any text: it answers, always the same, with a place in the text, and as other parsers do.
pub fn scan(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Err(difference) = oracle::compare(text) {
        panic!("{difference}");
    }
    let mut used = Scanner::new();
    let _ = used.scan("<p:a xmlns:p='&#117;' b='1'><c xmlns:q='v' q:d=''>", &oracle::unlimited());
    let mut fresh = Scanner::new();
    let verdict = fresh.scan(text, &XmlLimits::default());
    let again = used.scan(text, &XmlLimits::default());
    assert_eq!(verdict.is_ok(), again.is_ok(), "what was scanned before matters");
    match (verdict, again) {
        (Ok(root), Ok(again)) => {
            assert_eq!(root.namespace(), again.namespace());
            assert!(root.xml().starts_with('<') && root.xml().ends_with('>'));
            let attributes = root.attributes().map(|attribute| format!("{attribute:?}"));
            assert!(attributes.eq(again.attributes().map(|attribute| format!("{attribute:?}"))));
        }
        (Err(fault), Err(again)) => {
            assert_eq!(fault, again, "what was scanned before matters");
            assert!(text.is_char_boundary(fault.offset), "{fault} is inside a character");
            if fault.rule == Rule::AfterRoot {
                let (first, _) = text.split_at(fault.offset);
                fresh.scan(first, &XmlLimits::default()).expect("what is before it is good");
            }
        }
        _ => {}
    }
}

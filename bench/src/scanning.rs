//! The scanner beside parsers that do the same work, less, or more.

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::Scanner;
use xmpp_ws_tests::corpus;

use crate::measure::{Column, Contestant, Table};
use crate::parsers;

/// Measures the parsers whose names contain `only`, and what they are compared with.
pub fn table(only: &str) -> Table {
    let mut contestants = contestants();
    contestants.retain(|(name, _)| name.contains(only) || *name == BASE);
    Table::measure(BASE, &columns(), &mut contestants)
}

fn columns() -> Vec<Column<String>> {
    let elements = corpus::elements();
    let bytes: usize = elements.iter().map(String::len).sum();
    let mut columns = Vec::new();
    if !elements.is_empty() {
        let mean = bytes / elements.len();
        let name = format!("{} real elements, {mean} bytes on average", elements.len());
        columns.push(Column { name, texts: elements });
    }
    let message = "<message xmlns='jabber:client' from='juliet@example.com/balcony' to='romeo@example.net' \
        type='chat' id='z94nb37h' xml:lang='en'><body>Wherefore art thou, Romeo? Deny thy father!</body></message>";
    columns.push(Column {
        name: format!("a message of {} bytes", message.len()),
        texts: vec![message.to_owned(); 1000],
    });
    let attributes: Vec<_> = (0..50).map(|n| format!(" attribute{n}='value {n}'")).collect();
    let element = format!("<iq xmlns='jabber:client'><q xmlns='u'{}/></iq>", attributes.concat());
    columns.push(Column { name: "50 attributes".to_owned(), texts: vec![element; 200] });
    let sentence = "It is the east, and Juliet is the sun. ";
    let text = sentence.repeat(1024 * 1024 / sentence.len());
    let element = format!("<message xmlns='jabber:client'><body>{text}</body></message>");
    columns.push(Column { name: "1 MiB of text".to_owned(), texts: vec![element; 20] });
    columns
}

fn contestants() -> Vec<Contestant<String>> {
    let mut scanner = Scanner::new();
    let limits = XmlLimits::default();
    vec![
        ("UTF-8 check (floor)", Box::new(|text| parsers::utf8(text))),
        ("`memchr2` over `<` and `>` (floor)", Box::new(|text| parsers::brackets(text))),
        ("**xmpp-ws, full check**", Box::new(move |text| scanner.scan(text, &limits).is_ok())),
        (BASE, Box::new(|text| parsers::quick_xml_events(text))),
        ("quick-xml, with attributes", Box::new(|text| parsers::quick_xml_attributes(text))),
        ("roxmltree", Box::new(|text| parsers::roxmltree(text))),
        #[cfg(feature = "expat")]
        ("libexpat with namespaces", Box::new(|text| crate::expat::parse(text))),
        ("rxml", Box::new(|text| parsers::rxml(text))),
        ("minidom", Box::new(|text| parsers::minidom(text))),
    ]
}

const BASE: &str = "quick-xml, events only";

//! A host's metadata as XML (XRD 1.0).
//!
//! The check of XML that XMPP has is stricter than what may stand in a file: [`xml::Scanner`] takes no comments and
//! processing instructions. They are found by quick-xml and made white space, so that every byte stays in its place,
//! and the check then decides about all the rest. What quick-xml cannot read stays as it is, for the check to refuse.
//! An unused DTD is refused, too: what it declares is never expanded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Problem, is_endpoint, shortened};
use crate::limits::XmlLimits;
use crate::ns;
use crate::xml::{Fault, Scanner};

/// The addresses of all links to WebSocket endpoints, as they are written; empty for a link without one.
pub(super) fn endpoints(text: &str, limits: &XmlLimits) -> Result<Vec<String>, Problem> {
    let plain = without_comments(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
    // Many a file is made by a program that leaves an empty line at its head.
    let document = plain.trim_start_matches(is_space);
    let mut scanner = Scanner::new();
    let root = scanner.scan(document, limits).map_err(|Fault { rule, offset }| {
        Problem::Xml(Fault { rule, offset: offset + text.len() - document.len() })
    })?;
    if !root.is("XRD", ns::XRD) {
        return Err(Problem::NotXrd(shortened(root.local_name())));
    }
    let document = root.read();
    let links = document.root().children().filter(|child| child.is("Link", ns::XRD));
    let links = links.filter(|link| link.attribute("rel").is_some_and(|rel| is_endpoint(&rel)));
    Ok(links
        .map(|link| {
            // XRD 1.0: an `anyURI`, around which white space does not count (XML Schema 2 § 3.2.17).
            let address = link.attribute("href").unwrap_or_default();
            address.trim_matches(is_space).to_owned()
        })
        .collect())
}

/// The same with spaces for comments and processing instructions.
fn without_comments(text: &str) -> Cow<'_, str> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    // The check compares them.
    reader.config_mut().check_end_names = false;
    let mut plain = Cow::Borrowed(text);
    loop {
        let start = position(&reader);
        let event = reader.read_event();
        let end = position(&reader);
        match event {
            Ok(Event::Comment(_) | Event::PI(_)) => {
                plain.to_mut().replace_range(start..end, &" ".repeat(end - start));
            }
            Ok(Event::Eof) | Err(_) => return plain,
            Ok(_) => {}
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).expect("it is an offset into memory")
}

/// XML 1.0 § 2.3: `S`.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

const BYTE_ORDER_MARK: char = '\u{feff}';

//! Parsers to compare with, each as one function from a text to whether it takes it.

use std::hint::black_box;

use quick_xml::Reader;
use quick_xml::events::Event;
use rxml::{Parse, Parser};

/// The time that looking at every `<` and `>` takes.
pub fn brackets(text: &str) -> bool {
    memchr::memchr2_iter(b'<', b'>', text.as_bytes()).map(black_box).count() > 0
}

/// The time that the check of UTF-8 takes, which comes before any parser.
pub fn utf8(text: &str) -> bool {
    std::str::from_utf8(black_box(text.as_bytes())).is_ok()
}

/// Events only, which checks that end tags match and little else.
pub fn quick_xml_events(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return true,
            Ok(event) => black_box(event),
            Err(_) => return false,
        };
    }
}

/// Events, and each attribute, with the check for duplicates.
pub fn quick_xml_attributes(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return true,
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                for attribute in tag.attributes() {
                    if black_box(attribute).is_err() {
                        return false;
                    }
                }
            }
            Ok(event) => {
                black_box(event);
            }
            Err(_) => return false,
        }
    }
}

pub fn roxmltree(text: &str) -> bool {
    black_box(roxmltree::Document::parse(text)).is_ok()
}

pub fn rxml(text: &str) -> bool {
    let mut parser = Parser::new();
    let mut bytes = text.as_bytes();
    loop {
        match parser.parse(&mut bytes, true) {
            Ok(None) => return true,
            Ok(Some(event)) => black_box(event),
            Err(_) => return false,
        };
    }
}

pub fn minidom(text: &str) -> bool {
    black_box(text.parse::<minidom::Element>()).is_ok()
}

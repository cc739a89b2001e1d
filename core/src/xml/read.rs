//! Reading the content of a checked element.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::bytes::{byte, is_space, skip_space};
use super::element::Element;
use super::namespaces::Namespace;
use super::prefixes::Prefixes;
use super::references;
use super::strings::{Span, number};

/// The elements of a checked text, read once.
///
/// It is made by [`Root::read`](super::Root::read), from a text that a scan has checked, and so nothing in it can be
/// wrong. The text itself is not copied; its elements and attributes are kept as places in it.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    pub(super) text: &'t str,
    /// In the order of their start tags, so that an element's descendants follow it.
    pub(super) elements: Vec<Node>,
    pub(super) attributes: Vec<Pair>,
    pub(super) declarations: Vec<Declaration<'t>>,
}

/// An element, as places in the text and in the lists.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) whole: Range<usize>,
    /// Of its qualified name.
    pub(super) name_end: usize,
    pub(super) prefix: usize,
    /// What is between its tags.
    pub(super) content: Range<usize>,
    pub(super) namespace: Namespace,
    /// Its own, in the list of all attributes.
    pub(super) attributes: Range<usize>,
    /// The number of the first element that is not below it.
    pub(super) after: usize,
    pub(super) declares_default: bool,
}

/// An attribute, as places in the text.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) name: Range<usize>,
    pub(super) prefix: usize,
    pub(super) value: Range<usize>,
    pub(super) namespace: Namespace,
}

/// A namespace declaration.
#[derive(Clone, Debug)]
pub(super) struct Declaration<'t> {
    /// Empty for the default.
    pub(super) prefix: &'t str,
    pub(super) uri: Cow<'t, str>,
    /// The number of the element that has it.
    pub(super) element: usize,
}

/// A reading under way.
struct Reading<'t> {
    document: Document<'t>,
    prefixes: Prefixes,
    /// The numbers of the elements that are not complete, with the bindings from before them.
    open: Vec<(usize, u32)>,
}

impl<'t> Document<'t> {
    /// Reads a text that a scan has found good.
    pub(crate) fn of_checked(text: &'t str) -> Self {
        let document =
            Self { text, elements: Vec::new(), attributes: Vec::new(), declarations: Vec::new() };
        let mut reading = Reading { document, prefixes: Prefixes::default(), open: Vec::new() };
        reading.run();
        reading.document
    }

    /// The root.
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }
}

impl Reading<'_> {
    fn run(&mut self) {
        let mut reader = Reader::from_str(self.document.text);
        // The scan has compared them.
        reader.config_mut().check_end_names = false;
        loop {
            let start = position(&reader);
            let event = reader.read_event();
            let end = position(&reader);
            match event {
                Ok(Event::Start(tag)) => self.start(start, end, tag.name().as_ref().len(), false),
                Ok(Event::Empty(tag)) => self.start(start, end, tag.name().as_ref().len(), true),
                Ok(Event::End(_)) => self.end(start, end),
                Ok(Event::Eof) => return,
                Ok(_) => {}
                Err(error) => {
                    debug_assert!(false, "checked text cannot be read: {error}");
                    return;
                }
            }
        }
    }

    fn start(&mut self, start: usize, end: usize, name_length: usize, is_empty: bool) {
        let name = start + 1..start + 1 + name_length;
        let mark = self.prefixes.mark();
        let attributes = self.document.attributes.len();
        let declarations = self.document.declarations.len();
        self.attributes(name.end);
        let own = self.document.declarations.get(declarations..).unwrap_or_default();
        let declares_default = own.iter().any(|declaration| declaration.prefix.is_empty());
        let prefix = prefix_length(self.document.slice(name.clone()));
        let namespace = self.namespace(name.start..name.start + prefix);
        for index in attributes..self.document.attributes.len() {
            self.resolve(index);
        }
        let number = self.document.elements.len();
        self.document.elements.push(Node {
            whole: start..end,
            name_end: name.end,
            prefix,
            content: end..end,
            namespace,
            attributes: attributes..self.document.attributes.len(),
            after: number + 1,
            declares_default,
        });
        if is_empty {
            self.prefixes.leave(mark);
        } else {
            self.open.push((number, mark));
        }
    }

    fn end(&mut self, start: usize, end: usize) {
        let Some((number, mark)) = self.open.pop() else {
            return;
        };
        let after = self.document.elements.len();
        if let Some(node) = self.document.elements.get_mut(number) {
            node.content.end = start;
            node.whole.end = end;
            node.after = after;
        }
        self.prefixes.leave(mark);
    }

    /// Takes the attributes and declarations of a tag from after its name on. That they are well-formed is known.
    fn attributes(&mut self, mut at: usize) {
        let text = self.document.text;
        let bytes = text.as_bytes();
        loop {
            let name = skip_space(bytes, at);
            if matches!(byte(bytes, name), b'>' | b'/' | 0) {
                return;
            }
            let rest = bytes.get(name..).unwrap_or_default();
            let length = rest.iter().position(|&byte| byte == b'=' || is_space(byte));
            let name = name..name + length.unwrap_or(rest.len());
            let quote = skip_space(bytes, skip_space(bytes, name.end) + 1);
            let rest = bytes.get(quote + 1..).unwrap_or_default();
            let length = memchr::memchr(byte(bytes, quote), rest).unwrap_or(rest.len());
            let value = quote + 1..quote + 1 + length;
            at = value.end + 1;
            self.take(name, value);
        }
    }

    fn take(&mut self, name: Range<usize>, value: Range<usize>) {
        let text = self.document.text;
        let name_text = self.document.slice(name.clone());
        let declared = match name_text.strip_prefix("xmlns") {
            Some("") => name.end..name.end,
            Some(prefix) if prefix.starts_with(':') => name.start + "xmlns:".len()..name.end,
            _ => {
                let prefix = prefix_length(name_text);
                let namespace = Namespace::None;
                self.document.attributes.push(Pair { name, prefix, value, namespace });
                return;
            }
        };
        let meaning = number(self.document.declarations.len());
        self.document.declarations.push(Declaration {
            prefix: self.document.slice(declared.clone()),
            uri: references::value(self.document.slice(value)),
            element: self.document.elements.len(),
        });
        let strings = self.prefixes.strings.len();
        self.prefixes.bind(text, Span::verbatim(declared), meaning, strings);
    }

    /// Namespaces 1.0 § 6.2: the default namespace is not that of attributes.
    fn resolve(&mut self, attribute: usize) {
        let Some(pair) = self.document.attributes.get(attribute) else {
            return;
        };
        if pair.prefix == 0 {
            return;
        }
        let namespace = self.namespace(pair.name.start..pair.name.start + pair.prefix);
        if let Some(pair) = self.document.attributes.get_mut(attribute) {
            pair.namespace = namespace;
        }
    }

    /// What a prefix means here; the default namespace if it is empty.
    fn namespace(&self, prefix: Range<usize>) -> Namespace {
        match self.document.slice(prefix) {
            "xml" => Namespace::Xml,
            prefix => self
                .prefixes
                .meaning(self.document.text, prefix.as_bytes())
                .map_or(Namespace::None, Namespace::Declared),
        }
    }
}

fn prefix_length(name: &str) -> usize {
    name.find(':').unwrap_or(0)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

//! A view of an element in a read document.

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::ops::Range;

use super::namespaces::Namespace;
use super::read::{Document, Node};
use super::references;
use super::root::Attribute;
use super::write;
use crate::ns;

/// An element of a [`Document`].
///
/// It is as small as a reference and as cheap to copy, so that a path is a chain:
/// `root.child("query", ROSTER)?.child("item", ROSTER)?`.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    pub(super) document: &'d Document<'d>,
    number: usize,
}

impl<'d> Element<'d> {
    pub(super) fn new(document: &'d Document<'d>, number: usize) -> Self {
        Self { document, number }
    }

    /// The name without its prefix.
    pub fn name(&self) -> &'d str {
        let node = self.node();
        let colon = usize::from(node.prefix > 0);
        self.document.slice(node.whole.start + 1 + node.prefix + colon..node.name_end)
    }

    /// The prefix, if there is one.
    pub fn prefix(&self) -> Option<&'d str> {
        let node = self.node();
        let start = node.whole.start + 1;
        (node.prefix > 0).then(|| self.document.slice(start..start + node.prefix))
    }

    /// The namespace, with what its declaration refers to resolved; empty for none.
    pub fn namespace(&self) -> &'d str {
        self.uri(self.node().namespace)
    }

    /// Whether this is the element of that name in that namespace.
    pub fn is(&self, name: &str, namespace: &str) -> bool {
        self.name() == name && self.namespace() == namespace
    }

    /// The value of the attribute of this name that has no prefix.
    pub fn attribute(&self, name: &str) -> Option<Cow<'d, str>> {
        self.attribute_ns("", name)
    }

    /// The value of the attribute of this namespace and name, such as [`ns::XML`] and `lang`.
    pub fn attribute_ns(&self, namespace: &str, name: &str) -> Option<Cow<'d, str>> {
        self.attributes()
            .find(|attribute| attribute.local_name() == name && attribute.namespace() == namespace)
            .map(|attribute| attribute.value())
    }

    /// The attributes in the order of their places. Namespace declarations are not among them.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'d>> + use<'d> {
        let this = *self;
        let own = self.document.attributes.get(self.node().attributes.clone());
        own.unwrap_or_default().iter().map(move |pair| Attribute {
            text: this.document.text,
            namespace: this.uri(pair.namespace),
            name: pair.name.start,
            name_end: pair.name.end,
            prefix: pair.prefix,
            value: pair.value.start,
            value_end: pair.value.end,
        })
    }

    /// The elements directly in this one, in their order.
    pub fn children(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let document = self.document;
        let end = self.node().after;
        let mut next = self.number + 1;
        iter::from_fn(move || {
            let child = Element::new(document, next);
            if next >= end {
                return None;
            }
            next = child.node().after;
            Some(child)
        })
    }

    /// The first element of this name directly in this one.
    pub fn child(&self, name: &str, namespace: &str) -> Option<Element<'d>> {
        self.children().find(|child| child.is(name, namespace))
    }

    /// The text directly in this element, without that of the elements in it.
    ///
    /// CDATA sections are text, references are resolved, line ends are normalised (XML 1.0 § 2.11).
    pub fn text(&self) -> Cow<'d, str> {
        let mut pieces = self.pieces().filter(|piece| !piece.is_empty());
        let first = pieces.next().unwrap_or_default();
        let second = pieces.next();
        if second.is_none() && !first.contains(CDATA_START) {
            return references::text(first);
        }
        let mut text = String::new();
        for piece in self.pieces() {
            push_piece(&mut text, piece);
        }
        Cow::Owned(text)
    }

    /// The element as it stands in the text. Its prefixes may be declared around it.
    pub fn xml(&self) -> &'d str {
        self.document.slice(self.node().whole.clone())
    }

    /// The element by itself: it declares every prefix that it uses.
    pub fn to_xml(&self) -> String {
        let mut xml = String::with_capacity(self.xml().len());
        self.push_xml(&mut xml, "");
        xml
    }

    /// [`to_xml`](Self::to_xml), put to where `default` is the default namespace.
    pub(super) fn push_xml(&self, out: &mut impl fmt::Write, default: &str) {
        let node = self.node();
        let (name, rest) = (node.whole.start..node.name_end, node.name_end..node.whole.end);
        // Writing into memory cannot fail.
        let _ = out.write_str(self.document.slice(name));
        let mut says_default = node.declares_default;
        for declaration in self.borrowed_declarations() {
            let Some(declaration) = self.document.declarations.get(declaration) else {
                continue;
            };
            if !declaration.prefix.is_empty() {
                write::push_declaration(out, declaration.prefix, &declaration.uri);
            } else if declaration.uri != default {
                write::push_declaration(out, "", &declaration.uri);
                says_default = true;
            } else {
                says_default = true;
            }
        }
        if !says_default && !default.is_empty() {
            write::push_declaration(out, "", "");
        }
        let _ = out.write_str(self.document.slice(rest));
    }

    /// The numbers of the declarations around this element that it and what is in it use.
    fn borrowed_declarations(&self) -> Vec<usize> {
        let elements = self.subtree();
        let attributes = elements.first().map_or(0, |first| first.attributes.start)
            ..elements.last().map_or(0, |last| last.attributes.end);
        let attributes = self.document.attributes.get(attributes).unwrap_or_default();
        let mut used: Vec<usize> = (elements.iter().map(|element| element.namespace))
            .chain(attributes.iter().map(|attribute| attribute.namespace))
            .filter_map(|namespace| match namespace {
                Namespace::Declared(declaration) => Some(declaration as usize),
                Namespace::None | Namespace::Xml => None,
            })
            .filter(|&declaration| {
                let declaration = self.document.declarations.get(declaration);
                declaration.is_some_and(|declaration| declaration.element < self.number)
            })
            .collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    /// What stands directly in this element: before, between and after its children.
    fn pieces(&self) -> impl Iterator<Item = &'d str> + use<'d> {
        let document = self.document;
        let content = self.node().content.clone();
        let mut at = content.start;
        self.children()
            .map(|child| child.node().whole.clone())
            .chain(iter::once(content.end..content.end))
            .map(move |Range { start, end }| {
                let piece = document.slice(at..start);
                at = end;
                piece
            })
    }

    fn uri(&self, namespace: Namespace) -> &'d str {
        match namespace {
            Namespace::None => "",
            Namespace::Xml => ns::XML,
            Namespace::Declared(declaration) => {
                let declaration = self.document.declarations.get(declaration as usize);
                declaration.map_or("", |declaration| &declaration.uri)
            }
        }
    }

    pub(super) fn node(&self) -> &'d Node {
        self.document.elements.get(self.number).unwrap_or(&NOTHING)
    }

    /// It and all that is in it, in the order of the start tags.
    pub(super) fn subtree(&self) -> &'d [Node] {
        self.document.elements.get(self.number..self.node().after).unwrap_or_default()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'d str {
        self.document.slice(range)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("name", &self.name())
            .field("namespace", &self.namespace())
            .field("xml", &self.xml())
            .finish_non_exhaustive()
    }
}

/// Adds character data and CDATA sections to what is there already.
fn push_piece(out: &mut String, mut piece: &str) {
    while let Some((text, after)) = piece.split_once(CDATA_START) {
        references::push_text(out, text);
        let (section, rest) = after.split_once(CDATA_END).unwrap_or((after, ""));
        references::push_cdata(out, section);
        piece = rest;
    }
    references::push_text(out, piece);
}

// XML 1.0 § 2.7
const CDATA_START: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

/// What stands for an element that is not there, which no checked text can make happen.
static NOTHING: Node = Node {
    whole: 0..0,
    name_end: 0,
    prefix: 0,
    content: 0..0,
    namespace: Namespace::None,
    attributes: 0..0,
    after: 0,
    declares_default: false,
};

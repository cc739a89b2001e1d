//! What a scan tells about the element that it checked.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::attributes::{Entry, Kind};
use super::names::Name;
use super::namespaces::Namespace;
use super::read::Document;
use super::references;
use super::scan::Scanner;
use super::strings::Span;

/// The root of a checked text: its name, its namespace, its attributes, and where they are.
///
/// That there is one is the proof that the whole text was checked.
#[derive(Clone, Copy)]
pub struct Root<'s, 't> {
    scanner: &'s Scanner,
    text: &'t str,
    shape: Shape,
}

/// An attribute of a checked element.
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    pub(super) text: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: usize,
    pub(super) name_end: usize,
    /// The length of the prefix, 0 for none.
    pub(super) prefix: usize,
    pub(super) value: usize,
    pub(super) value_end: usize,
}

/// What a scan finds out on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: Name,
    /// What the root's prefix means, if it has one.
    pub(super) namespace: Namespace,
    /// What the root declares as default.
    pub(super) default: Option<Span>,
    pub(super) depth: usize,
    pub(super) elements: usize,
    pub(super) children: usize,
    pub(super) attributes: usize,
}

impl<'s, 't: 's> Root<'s, 't> {
    pub(super) fn new(scanner: &'s Scanner, text: &'t str, shape: Shape) -> Self {
        Self { scanner, text, shape }
    }

    /// The text that was scanned.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The element as it stands in the text, without what may be around it.
    pub fn xml(&self) -> &'t str {
        self.slice(self.shape.start..self.shape.end)
    }

    /// The root's name without its prefix.
    pub fn local_name(&self) -> &'t str {
        let colon = usize::from(self.shape.name.prefix > 0);
        self.slice(self.name_start() + self.shape.name.prefix + colon..self.shape.name.end)
    }

    /// The root's prefix, if it has one.
    pub fn prefix(&self) -> Option<&'t str> {
        let length = self.shape.name.prefix;
        (length > 0).then(|| self.slice(self.name_start()..self.name_start() + length))
    }

    /// The root's namespace, with what its declaration refers to resolved; empty for none.
    pub fn namespace(&self) -> &'s str {
        let namespaces = &self.scanner.namespaces;
        match self.shape.default {
            Some(span) if self.shape.name.prefix == 0 => namespaces.kept(self.text, span),
            _ => namespaces.uri(self.text, self.shape.namespace),
        }
    }

    /// Whether the root is this element.
    pub fn is(&self, local_name: &str, namespace: &str) -> bool {
        self.local_name() == local_name && self.namespace() == namespace
    }

    /// The root's attributes in the order of their places. Namespace declarations are not among them.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'s>> + use<'s, 't> {
        let Self { scanner, text, .. } = *self;
        scanner.attributes.kept().iter().filter_map(move |entry| match entry.kind {
            Kind::Attribute(namespace) => {
                Some(Attribute::new(text, entry, scanner.namespaces.uri(text, namespace)))
            }
            Kind::Declaration => None,
        })
    }

    /// The root's attribute of this name; the namespace is empty for what has no prefix.
    pub fn attribute(&self, namespace: &str, local_name: &str) -> Option<Attribute<'s>> {
        self.attributes().find(|attribute| {
            attribute.local_name() == local_name && attribute.namespace() == namespace
        })
    }

    /// The offset of the root's `<`: 0, unless an XML declaration precedes it.
    pub fn start(&self) -> usize {
        self.shape.start
    }

    /// The offset just after the root's qualified name, where one more attribute may be put in.
    pub fn name_end(&self) -> usize {
        self.shape.name.end
    }

    /// The offset just after the root's last `>`. Only white space follows.
    pub fn end(&self) -> usize {
        self.shape.end
    }

    /// Whether an XML declaration precedes the root.
    pub fn has_declaration(&self) -> bool {
        self.shape.start > 0
    }

    /// Whether the root says what the default namespace is, be it none.
    pub fn declares_default(&self) -> bool {
        self.shape.default.is_some()
    }

    /// How deep the elements nest, the root counting as 1.
    pub fn depth(&self) -> usize {
        self.shape.depth
    }

    /// How many elements there are, the root among them.
    pub fn elements(&self) -> usize {
        self.shape.elements
    }

    /// How many elements there are directly in the root.
    pub fn child_count(&self) -> usize {
        self.shape.children
    }

    /// How many attributes all the elements have together, namespace declarations not counted.
    pub fn attribute_count(&self) -> usize {
        self.shape.attributes
    }

    /// Reads the content.
    pub fn read(&self) -> Document<'t> {
        Document::of_checked(self.text)
    }

    fn name_start(&self) -> usize {
        self.shape.start + 1
    }

    fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }
}

impl fmt::Debug for Root<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("local_name", &self.local_name())
            .field("namespace", &self.namespace())
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl<'a> Attribute<'a> {
    fn new(text: &'a str, entry: &Entry, namespace: &'a str) -> Self {
        Self {
            text,
            namespace,
            name: entry.name as usize,
            name_end: entry.name_end as usize,
            prefix: entry.prefix as usize,
            value: entry.value as usize,
            value_end: entry.value_end as usize,
        }
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &'a str {
        let colon = usize::from(self.prefix > 0);
        self.slice(self.name + self.prefix + colon..self.name_end)
    }

    /// The prefix, if there is one.
    pub fn prefix(&self) -> Option<&'a str> {
        (self.prefix > 0).then(|| self.slice(self.name..self.name + self.prefix))
    }

    /// The namespace; empty for a name without a prefix (Namespaces 1.0 § 6.2).
    pub fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// The value as it stands between its quotes.
    pub fn raw_value(&self) -> &'a str {
        self.slice(self.value_range())
    }

    /// Where the raw value stands in the text.
    pub fn value_range(&self) -> Range<usize> {
        self.value..self.value_end
    }

    /// The value: references resolved, white space normalised (XML 1.0 § 3.3.3).
    pub fn value(&self) -> Cow<'a, str> {
        references::value(self.raw_value())
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute")
            .field("local_name", &self.local_name())
            .field("namespace", &self.namespace)
            .field("raw_value", &self.raw_value())
            .finish_non_exhaustive()
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            start: 0,
            end: 0,
            name: Name { end: 0, prefix: 0 },
            namespace: Namespace::None,
            default: None,
            depth: 0,
            elements: 0,
            children: 0,
            attributes: 0,
        }
    }
}

//! The writer: the one place where XML is made.

use std::fmt;

use bytes::BytesMut;
use bytestring::ByteString;
use thiserror::Error;

use super::bytes::check_characters;
use super::element::Element;
use super::names::qualified;
use super::root::{Attribute, Root};

/// Writes one element, and all that is in it.
///
/// What a value needs to be escaped is escaped where it is put. What no XML can carry is remembered, and
/// [`finish`](Self::finish) tells of it, so that nothing has to be asked in between. Attributes are in single quotes,
/// characters are themselves but for the five entities (and line ends and tabs where they would be normalised), and
/// there is no CDATA and no hexadecimal reference: some peers understand no more than that.
///
/// ```
/// use xmpp_ws::{ns, xml::Writer};
///
/// let xml = Writer::new()
///     .start("iq", ns::CLIENT).attribute("type", "get").attribute("id", "1")
///     .start("ping", ns::PING).end()
///     .end()
///     .finish()?;
/// assert_eq!(xml, "<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
/// # Ok::<(), xmpp_ws::xml::Unwritable>(())
/// ```
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: Buffer<'a>,
    open: Stack<'a>,
    /// Whether the last tag may still get attributes.
    in_tag: bool,
    unwritable: Option<Unwritable>,
}

/// A value holds a character that no XML can carry (XML 1.0 § 2.2).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("XML cannot carry U+{:04X}", u32::from(*.character))]
#[non_exhaustive]
pub struct Unwritable {
    /// The first such character.
    pub character: char,
}

/// Where it is written.
#[derive(Debug)]
enum Buffer<'a> {
    Own(BytesMut),
    Given(&'a mut BytesMut),
}

/// The open elements. Few elements nest deeply: those that do not cost no allocation.
#[derive(Debug, Default)]
struct Stack<'a> {
    first: [Open<'a>; SHALLOW],
    further: Vec<Open<'a>>,
    depth: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Open<'a> {
    prefix: &'static str,
    name: &'static str,
    /// The default namespace in this element.
    default: &'a str,
}

impl<'a> Writer<'a> {
    /// A writer into a buffer of its own.
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// A writer into a buffer of its own, which has room for so many bytes and grows when it must.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self::over(Buffer::Own(BytesMut::with_capacity(bytes)))
    }

    /// A writer into this buffer, which is empty.
    ///
    /// What is written is split off at the end; the space behind it remains for the next writer, and is won back when
    /// what was written before is gone.
    pub fn with_buffer(buffer: &'a mut BytesMut) -> Self {
        debug_assert!(buffer.is_empty(), "what is in the buffer would come before the element");
        Self::over(Buffer::Given(buffer))
    }

    fn over(buffer: Buffer<'a>) -> Self {
        Self { buffer, open: Stack::default(), in_tag: false, unwritable: None }
    }

    /// Begins an element without a prefix. The namespace is declared where the element around it has another.
    pub fn start(&mut self, name: &'static str, namespace: &'a str) -> &mut Self {
        debug_assert!(is_name(name) && !name.contains(':'), "{name:?} is no local name");
        self.close_tag();
        self.markup(&["<", name]);
        if namespace != self.open.default_namespace() {
            self.declare("", namespace);
        }
        self.open.push(Open { prefix: "", name, default: namespace });
        self.in_tag = true;
        self
    }

    /// Begins an element with a prefix, and declares that.
    ///
    /// Within, the default namespace is what it was outside.
    pub fn start_prefixed(
        &mut self,
        prefix: &'static str,
        name: &'static str,
        namespace: &'a str,
    ) -> &mut Self {
        debug_assert!(is_name(prefix) && !prefix.contains(':'), "{prefix:?} is no prefix");
        debug_assert!(is_name(name) && !name.contains(':'), "{name:?} is no local name");
        debug_assert!(!namespace.is_empty(), "a prefix needs a namespace");
        self.close_tag();
        self.markup(&["<", prefix, ":", name]);
        self.declare(prefix, namespace);
        self.open.push(Open { prefix, name, default: self.open.default_namespace() });
        self.in_tag = true;
        self
    }

    /// Gives the element that has just begun an attribute, such as `id` or `xml:lang`.
    pub fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        debug_assert!(is_name(name), "{name:?} is no name");
        debug_assert!(!name.starts_with("xmlns"), "declarations are written by themselves");
        debug_assert!(self.in_tag, "{name:?} comes after the content");
        self.check(value);
        self.markup(&[" ", name, "='"]);
        push_value(self.buffer(), value);
        self.markup(&["'"]);
        self
    }

    /// Gives the element that has just begun an attribute, if there is a value for it.
    pub fn optional_attribute(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Adds text to the element that is open.
    pub fn text(&mut self, text: &str) -> &mut Self {
        debug_assert!(self.open.depth > 0, "text is in an element");
        if !text.is_empty() {
            self.check(text);
            self.close_tag();
            push_text(self.buffer(), text);
        }
        self
    }

    /// Adds an element that stands for itself and was checked.
    ///
    /// Its bytes are taken as they are; only if it has no namespace, and would get one here, is that said.
    pub fn raw(&mut self, root: &Root<'_, '_>) -> &mut Self {
        self.close_tag();
        let name_length = root.name_end() - root.start();
        let (name, rest) = root.xml().split_at_checked(name_length).unwrap_or_default();
        self.markup(&[name]);
        if !root.declares_default() && !self.open.default_namespace().is_empty() {
            self.declare("", "");
        }
        self.markup(&[rest]);
        self
    }

    /// Adds an element of a document that was read, with the declarations that it needs here. Of several elements that
    /// are added so each has them, however long they are.
    pub fn element(&mut self, element: Element<'_>) -> &mut Self {
        self.close_tag();
        let default = self.open.default_namespace();
        element.push_xml(self.buffer(), default);
        self
    }

    /// Ends the element that is open.
    pub fn end(&mut self) -> &mut Self {
        debug_assert!(self.open.depth > 0, "nothing is open");
        let Some(Open { prefix, name, .. }) = self.open.pop() else {
            return self;
        };
        if self.in_tag {
            self.in_tag = false;
            self.markup(&["/>"]);
        } else if prefix.is_empty() {
            self.markup(&["</", name, ">"]);
        } else {
            self.markup(&["</", prefix, ":", name, ">"]);
        }
        self
    }

    /// Ends what is still open, and gives what was written.
    ///
    /// The writer is as new after it.
    #[expect(clippy::missing_panics_doc, reason = "a writer is never given half a character")]
    pub fn finish(&mut self) -> Result<ByteString, Unwritable> {
        while self.open.depth > 0 {
            self.end();
        }
        let written = self.buffer().split();
        match self.unwritable.take() {
            None => Ok(ByteString::try_from(written).expect("only whole strings are written")),
            Some(unwritable) => Err(unwritable),
        }
    }

    /// [`finish`](Self::finish), where every value is known to be legal: a name of our own, or text out of checked
    /// XML.
    pub(crate) fn finish_checked(&mut self) -> ByteString {
        self.finish().expect("every value came out of checked XML")
    }

    /// The default namespace in the element that is open.
    pub(super) fn default_namespace(&self) -> &str {
        self.open.default_namespace()
    }

    /// Copies an attribute of a checked element, whose prefix is declared.
    pub(super) fn copy_attribute(&mut self, attribute: &Attribute<'_>) {
        let prefix = attribute.prefix().unwrap_or_default();
        let colon = if prefix.is_empty() { "" } else { ":" };
        self.markup(&[" ", prefix, colon, attribute.local_name(), "='"]);
        push_value(self.buffer(), &attribute.value());
        self.markup(&["'"]);
    }

    pub(super) fn close_tag(&mut self) {
        if self.in_tag {
            self.in_tag = false;
            self.markup(&[">"]);
        }
    }

    pub(super) fn declare(&mut self, prefix: &str, namespace: &str) {
        self.check(namespace);
        push_declaration(self.buffer(), prefix, namespace);
    }

    pub(super) fn markup(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.buffer().extend_from_slice(piece.as_bytes());
        }
    }

    /// XML 1.0 § 2.2: remembers the first character that may not be there, even as a reference.
    fn check(&mut self, value: &str) {
        let Err(fault) = check_characters(value.as_bytes(), 0, value.len()) else {
            return;
        };
        let character = value.get(fault.offset..).and_then(|rest| rest.chars().next());
        if let (None, Some(character)) = (self.unwritable, character) {
            self.unwritable = Some(Unwritable { character });
        }
    }

    fn buffer(&mut self) -> &mut BytesMut {
        match &mut self.buffer {
            Buffer::Own(buffer) => buffer,
            Buffer::Given(buffer) => buffer,
        }
    }
}

impl Default for Writer<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Stack<'a> {
    fn push(&mut self, open: Open<'a>) {
        match self.first.get_mut(self.depth) {
            Some(place) => *place = open,
            None => self.further.push(open),
        }
        self.depth += 1;
    }

    fn pop(&mut self) -> Option<Open<'a>> {
        self.depth = self.depth.checked_sub(1)?;
        self.first.get(self.depth).copied().or_else(|| self.further.pop())
    }

    /// The default namespace where the next element goes.
    fn default_namespace(&self) -> &'a str {
        let Some(last) = self.depth.checked_sub(1) else {
            return "";
        };
        self.first.get(last).or(self.further.last()).map_or("", |open| open.default)
    }
}

/// An attribute's value as it can stand between quotes of either kind.
pub(crate) fn quotable(value: &str) -> String {
    let mut quotable = String::with_capacity(value.len());
    push_value(&mut quotable, value);
    quotable.replace('"', "&quot;")
}

/// Writes the declaration of a prefix, or of the default namespace if the prefix is empty.
pub(super) fn push_declaration(out: &mut impl fmt::Write, prefix: &str, namespace: &str) {
    let colon = if prefix.is_empty() { "" } else { ":" };
    for piece in [" xmlns", colon, prefix, "='"] {
        put(out, piece);
    }
    push_value(out, namespace);
    put(out, "'");
}

/// XML 1.0 § 2.4: `<` and `&` must be escaped, and `>` after `]]`; § 2.11: a carriage return would not survive.
fn push_text(out: &mut impl fmt::Write, text: &str) {
    push_escaped(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// XML 1.0 § 3.1: no `<` and no `&`; § 3.3.3: white space other than blanks would not survive.
fn push_value(out: &mut impl fmt::Write, value: &str) {
    push_escaped(out, value, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\'' => Some("&apos;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

fn push_escaped(
    out: &mut impl fmt::Write,
    mut value: &str,
    escape: impl Fn(u8) -> Option<&'static str>,
) {
    let special =
        |value: &str| value.bytes().enumerate().find_map(|(at, byte)| Some((at, escape(byte)?)));
    while let Some((at, replacement)) = special(value) {
        // What is escaped is ASCII, so that the text can be split beside it.
        let (before, rest) = value.split_at_checked(at).unwrap_or_default();
        put(out, before);
        put(out, replacement);
        value = rest.get(1..).unwrap_or_default();
    }
    put(out, value);
}

fn put(out: &mut impl fmt::Write, piece: &str) {
    let written = out.write_str(piece);
    debug_assert!(written.is_ok(), "writing into memory cannot fail");
}

fn is_name(name: &str) -> bool {
    qualified(name, 0).is_ok_and(|found| found.end == name.len())
}

// Most of what a client writes is shorter than this.
const CAPACITY: usize = 256;
// The deepest element that the standards need has 5 levels.
const SHALLOW: usize = 8;

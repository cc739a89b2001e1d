//! The scanner: one pass over one message.

use super::attributes::{Attributes, Entry, Kind};
use super::bytes::{
    byte, check_characters, continues_name, is_space, misplaced, skip_space, starts_name,
    step_over, text_stop, value_stop,
};
use super::declaration;
use super::fault::{Fault, Rule};
use super::names::{Name, qualified};
use super::namespaces::{Namespace, Namespaces, Scope};
use super::references::reference;
use super::root::{Root, Shape};
use super::strings::number;
use crate::limits::XmlLimits;

/// Checks one message after the other.
///
/// It holds what one scan needs to remember, so that the next one allocates nothing.
#[derive(Debug, Default)]
pub struct Scanner {
    open: Vec<Open>,
    pub(super) attributes: Attributes,
    pub(super) namespaces: Namespaces,
}

/// An element whose end tag has not come yet.
#[derive(Debug)]
struct Open {
    name: u32,
    name_end: u32,
    scope: Scope,
}

/// One scan under way.
struct Pass<'p> {
    text: &'p str,
    bytes: &'p [u8],
    limits: &'p XmlLimits,
    scanner: &'p mut Scanner,
    shape: Shape,
}

impl Scanner {
    /// A scanner that has allocated nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks that `text` is one well-formed, namespace-well-formed element of XMPP's restricted XML, within limits.
    ///
    /// An XML declaration before it and white space after it are no fault. Otherwise the answer is the first rule
    /// that the text breaks. Time is linear in the text, but for a logarithm in the number of a tag's attributes.
    pub fn scan<'s, 't: 's>(
        &'s mut self,
        text: &'t str,
        limits: &XmlLimits,
    ) -> Result<Root<'s, 't>, Fault> {
        if u32::try_from(text.len()).is_err() {
            return Err(Fault::new(Rule::TextTooLong, 0));
        }
        self.open.clear();
        self.attributes.clear();
        self.namespaces.clear();
        let bytes = text.as_bytes();
        let mut pass = Pass { text, bytes, limits, scanner: self, shape: Shape::default() };
        pass.document()?;
        let shape = pass.shape;
        Ok(Root::new(self, text, shape))
    }
}

impl Pass<'_> {
    /// XML 1.0 § 2.1: `document`, without what RFC 6120 § 11.1 forbids.
    fn document(&mut self) -> Result<(), Fault> {
        let start = declaration::skip(self.text)?;
        match self.bytes.get(start) {
            Some(b'<') if !self.text.get(start..).unwrap_or_default().starts_with(CDATA) => {}
            Some(_) => return Err(misplaced(self.text, start, Rule::BeforeRoot)),
            None => return Err(Fault::new(Rule::Empty, start)),
        }
        let mut at = self.start_tag(start)?;
        while !self.scanner.open.is_empty() {
            at = self.character_data(at)?;
            at = match byte(self.bytes, at + 1) {
                b'/' => self.end_tag(at)?,
                b'!' => self.cdata(at)?,
                _ => self.start_tag(at)?,
            };
        }
        self.shape.start = start;
        self.shape.end = at;
        // XML 1.0 § 2.1: `Misc`, which is white space here. RFC 7395 § 3.3.3: one element a message.
        at = skip_space(self.bytes, at);
        if at == self.bytes.len() {
            return Ok(());
        }
        let fault = match byte(self.bytes, at) {
            b'<' => self.forbidden_markup(at).unwrap_or(Fault::new(Rule::AfterRoot, at)),
            _ => misplaced(self.text, at, Rule::AfterRoot),
        };
        Err(fault)
    }

    /// XML 1.0 § 3.1: `STag` and `EmptyElemTag`, from the `<` on; the offset after its `>`.
    #[inline]
    fn start_tag(&mut self, at: usize) -> Result<usize, Fault> {
        let scope = self.scanner.namespaces.scope();
        let start = at + 1;
        let name = match qualified(self.text, start) {
            Ok(name) => name,
            Err(fault) => return Err(self.forbidden_markup(at).unwrap_or(fault)),
        };
        self.check_name(start, name)?;
        let depth = self.scanner.open.len() + 1;
        if depth > self.limits.max_depth {
            return Err(Fault::new(Rule::TooDeep, at));
        }
        self.shape.depth = self.shape.depth.max(depth);
        self.shape.elements += 1;
        self.scanner.attributes.begin();
        let (at, is_empty) = self.attributes(name.end)?;
        let is_root = self.scanner.open.is_empty() && self.shape.elements == 1;
        self.resolve(start, name, is_root)?;
        if is_empty {
            if !is_root {
                self.scanner.namespaces.leave(scope);
            }
        } else {
            self.scanner.open.push(Open { name: number(start), name_end: number(name.end), scope });
        }
        Ok(at)
    }

    /// The rest of a tag: the offset after its `>`, and whether the element is empty.
    #[inline]
    fn attributes(&mut self, mut at: usize) -> Result<(usize, bool), Fault> {
        let name_end = at;
        loop {
            let spaced = match byte(self.bytes, at) {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at = if is_space(byte(self.bytes, at + 1)) {
                        skip_space(self.bytes, at + 1)
                    } else {
                        at + 1
                    };
                    true
                }
                _ => false,
            };
            match byte(self.bytes, at) {
                b'>' => return Ok((at + 1, false)),
                b'/' if byte(self.bytes, at + 1) == b'>' => return Ok((at + 2, true)),
                b'/' => return Err(misplaced(self.text, at + 1, Rule::Tag)),
                _ if spaced => at = self.attribute(at)?,
                other if at > name_end && (starts_name(other) || continues_name(other)) => {
                    return Err(Fault::new(Rule::AttributeSpace, at));
                }
                _ => return Err(misplaced(self.text, at, Rule::Tag)),
            }
        }
    }

    /// XML 1.0 § 3.1: `Attribute`; the offset after its closing quote.
    #[inline]
    fn attribute(&mut self, at: usize) -> Result<usize, Fault> {
        let name = qualified(self.text, at)?;
        self.check_name(at, name)?;
        let mut value = name.end;
        if byte(self.bytes, value) != b'=' {
            value = skip_space(self.bytes, value);
            if byte(self.bytes, value) != b'=' {
                return Err(misplaced(self.text, value, Rule::AttributeEquals));
            }
        }
        value += 1;
        let mut quote = byte(self.bytes, value);
        if !matches!(quote, b'\'' | b'"') {
            value = skip_space(self.bytes, value);
            quote = byte(self.bytes, value);
            if !matches!(quote, b'\'' | b'"') {
                return Err(misplaced(self.text, value, Rule::AttributeQuotes));
            }
        }
        value += 1;
        let (end, is_plain) = self.value(value, quote)?;
        self.take(at, name, value, end, is_plain)?;
        Ok(end + 1)
    }

    /// XML 1.0 § 2.3: `AttValue`, from after its first quote: the offset of its last, and whether it is to be taken as it stands.
    #[inline]
    fn value(&mut self, mut at: usize, quote: u8) -> Result<(usize, bool), Fault> {
        let mut is_plain = true;
        loop {
            at = value_stop(self.bytes, at, quote);
            match byte(self.bytes, at) {
                found if found == quote => return Ok((at, is_plain)),
                b'<' => return Err(Fault::new(Rule::AttributeValue, at)),
                b'&' => (_, at) = reference(self.text, at)?,
                _ => at = step_over(self.bytes, at)?,
            }
            is_plain = false;
        }
    }

    /// Puts an attribute to the others, and a declaration into effect.
    #[inline]
    fn take(
        &mut self,
        at: usize,
        name: Name,
        value: usize,
        end: usize,
        is_plain: bool,
    ) -> Result<(), Fault> {
        let Scanner { attributes, namespaces, open } = &mut *self.scanner;
        let raw_name = self.bytes.get(at..name.end).unwrap_or_default();
        let is_default = raw_name == b"xmlns";
        let is_declaration = is_default || (name.prefix == 5 && raw_name.starts_with(b"xmlns"));
        let entry = Entry {
            name: number(at),
            name_end: number(name.end),
            prefix: number(name.prefix),
            value: number(value),
            value_end: number(end),
            kind: if is_declaration { Kind::Declaration } else { Kind::Attribute(Namespace::None) },
        };
        attributes.push(self.bytes, entry)?;
        if !is_declaration {
            self.shape.attributes += 1;
            if attributes.count() > self.limits.max_attributes {
                return Err(Fault::new(Rule::TooManyAttributes, at));
            }
            return Ok(());
        }
        if namespaces.in_scope() >= self.limits.max_declarations {
            return Err(Fault::new(Rule::TooManyDeclarations, at));
        }
        let declared = if is_default {
            let name = namespaces.declare_default(self.text, value..end, is_plain);
            name.map(|name| {
                if open.is_empty() {
                    self.shape.default = Some(name);
                } else {
                    namespaces.forget(name);
                }
            })
        } else {
            let prefix = at + name.prefix + 1..name.end;
            namespaces.declare(self.text, prefix, value..end, is_plain)
        };
        declared.map_err(|rule| Fault::new(rule, at))
    }

    /// Namespaces 1.0 § 5, "Prefix Declared", for the tag that is complete now.
    #[inline]
    fn resolve(&mut self, start: usize, name: Name, is_root: bool) -> Result<(), Fault> {
        let Scanner { attributes, namespaces, .. } = &mut *self.scanner;
        let mut namespace = Namespace::None;
        if name.prefix > 0 {
            let prefix = self.bytes.get(start..start + name.prefix).unwrap_or_default();
            // Namespaces 1.0 § 3: "Element names MUST NOT have the prefix xmlns."
            if prefix == b"xmlns" {
                return Err(Fault::new(Rule::ReservedPrefix, start));
            }
            namespace = match namespaces.resolve(self.text, prefix) {
                Some(namespace) => namespace,
                None => return Err(Fault::new(Rule::UnboundPrefix, start)),
            };
        }
        attributes.resolve(self.text, namespaces)?;
        if is_root {
            attributes.keep();
            self.shape.name = name;
            self.shape.namespace = namespace;
        }
        Ok(())
    }

    /// XML 1.0 § 3.1: `ETag`, from the `<` on; the offset after its `>`.
    #[inline]
    fn end_tag(&mut self, at: usize) -> Result<usize, Fault> {
        let start = at + 2;
        let Some(open) = self.scanner.open.pop() else {
            return Err(Fault::new(Rule::EndTag, at));
        };
        let name = self.bytes.get(open.name as usize..open.name_end as usize).unwrap_or_default();
        let mut end = start + name.len();
        if self.bytes.get(start..end) != Some(name) {
            return Err(self.wrong_end_tag(start));
        }
        if byte(self.bytes, end) != b'>' {
            if !is_space(byte(self.bytes, end)) {
                return Err(self.wrong_end_tag(start));
            }
            end = skip_space(self.bytes, end);
            if byte(self.bytes, end) != b'>' {
                return Err(misplaced(self.text, end, Rule::Tag));
            }
        }
        // The root's declarations are kept: they are part of the answer.
        if !self.scanner.open.is_empty() {
            self.scanner.namespaces.leave(open.scope);
        }
        Ok(end + 1)
    }

    /// The fault of an end tag that is not the one that must come.
    #[cold]
    fn wrong_end_tag(&self, start: usize) -> Fault {
        match qualified(self.text, start) {
            Err(fault) => fault,
            Ok(name) if name.end == self.bytes.len() => Fault::new(Rule::Unfinished, name.end),
            Ok(_) => Fault::new(Rule::EndTag, start),
        }
    }

    /// XML 1.0 § 2.4: `CharData` and references; the offset of the `<` after it.
    #[inline]
    fn character_data(&mut self, mut at: usize) -> Result<usize, Fault> {
        loop {
            at = text_stop(self.bytes, at);
            at = match byte(self.bytes, at) {
                b'<' => return Ok(at),
                b'&' => reference(self.text, at)?.1,
                b']' if self.bytes.get(at..at + 3) == Some(b"]]>") => {
                    return Err(Fault::new(Rule::CdataEnd, at));
                }
                b']' => at + 1,
                _ => step_over(self.bytes, at)?,
            };
        }
    }

    /// XML 1.0 § 2.7: `CDSect`; the offset after it.
    #[cold]
    fn cdata(&mut self, at: usize) -> Result<usize, Fault> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(content) = rest.strip_prefix(CDATA.as_bytes()) else {
            return Err(self.forbidden_markup(at).unwrap_or(Fault::new(Rule::Markup, at)));
        };
        let start = self.bytes.len() - content.len();
        let length = memchr::memmem::find(content, b"]]>");
        let end = length.map_or(self.bytes.len(), |length| start + length);
        check_characters(self.bytes, start, end)?;
        match length {
            Some(_) => Ok(end + 3),
            None => Err(Fault::new(Rule::Unfinished, end)),
        }
    }

    /// The fault of markup other than a tag, if this is such.
    #[cold]
    fn forbidden_markup(&self, at: usize) -> Option<Fault> {
        let rest = self.text.get(at..).unwrap_or_default();
        // RFC 6120 § 11.1
        let rule = if rest.starts_with("<!--") {
            Rule::Comment
        } else if rest.starts_with("<!DOCTYPE") {
            Rule::Doctype
        } else if declaration::is_here(self.text, at) {
            Rule::MisplacedDeclaration
        } else if rest.starts_with("<?") {
            Rule::ProcessingInstruction
        } else if rest.starts_with("<!") && !rest.starts_with(CDATA) {
            Rule::Markup
        } else {
            return None;
        };
        Some(Fault::new(rule, at))
    }

    #[inline]
    fn check_name(&self, at: usize, name: Name) -> Result<(), Fault> {
        if name.end - at > self.limits.max_name_bytes {
            return Err(Fault::new(Rule::NameTooLong, at));
        }
        Ok(())
    }
}

// XML 1.0 § 2.7: `CDStart`.
const CDATA: &str = "<![CDATA[";

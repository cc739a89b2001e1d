//! The scanner: one pass over one message.
//!
//! # Where the time goes
//!
//! A quarter of it is what a processor cannot guess: whether text, a tag or an end tag comes next, whether one more
//! attribute follows, how long a text is. That is what real messages cost more than the same message many times over.
//! The rest is instructions, about five in every cycle, of which nearly half belong to attributes: some sixty for the
//! two searches in [plain](super::plain) ones, and as many for keeping their places, telling duplicates and counting
//! declarations. Start tags take another quarter; end tags, text and what each message costs once share what is left.

use super::attributes::Attributes;
use super::block::BLOCK;
use super::bytes::{byte, check_characters, chunk, is_space, misplaced, skip_space, step_over};
use super::declaration;
use super::fault::{Fault, Rule};
use super::names::{qualified, word};
use super::namespaces::{Namespaces, Scope};
use super::padded::Padded;
use super::references::reference;
use super::root::{Root, Shape};
use super::search::text_stop;
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
pub(super) struct Open {
    pub(super) name: u32,
    pub(super) length: u32,
    /// See [`names::word`](super::names::word).
    pub(super) word: u128,
    pub(super) scope: Scope,
}

/// One scan under way.
pub(super) struct Pass<'p> {
    pub(super) text: &'p str,
    pub(super) bytes: &'p [u8],
    pub(super) padded: Padded<'p>,
    pub(super) limits: &'p XmlLimits,
    pub(super) open: &'p mut Vec<Open>,
    pub(super) attributes: &'p mut Attributes,
    pub(super) namespaces: &'p mut Namespaces,
    pub(super) shape: Shape,
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
        let mut pass = Pass {
            text,
            bytes: text.as_bytes(),
            padded: Padded::new(text),
            limits,
            open: &mut self.open,
            attributes: &mut self.attributes,
            namespaces: &mut self.namespaces,
            shape: Shape::default(),
        };
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
        let mut at = self.start_tag::<true>(start)?;
        while !self.open.is_empty() {
            at = self.character_data(at)?;
            at = match byte(self.bytes, at + 1) {
                b'/' => self.end_tag(at)?,
                b'!' => self.cdata(at)?,
                _ => self.start_tag::<false>(at)?,
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

    /// XML 1.0 § 3.1: `ETag`, from the `<` on; the offset after its `>`.
    #[inline]
    fn end_tag(&mut self, at: usize) -> Result<usize, Fault> {
        let start = at + 2;
        let Some(open) = self.open.pop() else {
            return Err(Fault::new(Rule::EndTag, at));
        };
        let length = open.length as usize;
        let mut end = start + length;
        let repeats = if length <= BLOCK {
            word(self.padded.window(start), open.length) == open.word
        } else {
            self.repeats(&open, at)
        };
        if !repeats {
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
        if !self.open.is_empty() {
            self.namespaces.leave(open.scope);
        }
        Ok(end + 1)
    }

    /// Whether the name after the `</` at `at` is that of the start tag.
    fn repeats(&self, open: &Open, at: usize) -> bool {
        let length = open.length as usize;
        let name = open.name as usize;
        self.bytes.get(name..name + length) == self.bytes.get(at + 2..at + 2 + length)
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
        if byte(self.bytes, at) == b'<' {
            return Ok(at);
        }
        loop {
            at = text_stop(&self.padded, at);
            at = match byte(self.bytes, at) {
                b'<' => return Ok(at),
                b'&' => reference(self.text, at)?.1,
                b']' if chunk(self.bytes, at) == Some(*b"]]>") => {
                    return Err(Fault::new(Rule::CdataEnd, at));
                }
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
    pub(super) fn forbidden_markup(&self, at: usize) -> Option<Fault> {
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
}

// XML 1.0 § 2.7: `CDStart`.
const CDATA: &str = "<![CDATA[";

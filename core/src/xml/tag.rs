//! Start tags: where a scan spends two thirds of its time.
//!
//! Of that, most goes into two searches an attribute, for the end of its name and the end of its value, each of which
//! has to wait for the one before. The rest is what a processor cannot guess: whether one more attribute follows,
//! whether it is a declaration, and whether a tag or text comes next.

use super::attributes::{Entry, Kind, hash};
use super::bytes::{
    byte, chunk, continues_name, misplaced, skip_space, starts_name, step_over, word,
};
use super::fault::{Fault, Rule};
use super::names::{Name, qualified};
use super::namespaces::{Namespace, Namespaces};
use super::references::reference;
use super::scan::{Open, Pass};
use super::search::{name_end, name_stops, value_stop};
use super::strings::number;

impl Pass<'_> {
    /// XML 1.0 § 3.1: `STag` and `EmptyElemTag`, from the `<` on; the offset after its `>`.
    pub(super) fn start_tag<const IS_ROOT: bool>(&mut self, at: usize) -> Result<usize, Fault> {
        let scope = self.namespaces.scope();
        let start = at + 1;
        let name = match self.name(start) {
            Ok(name) => name,
            Err(fault) => return Err(self.forbidden_markup(at).unwrap_or(fault)),
        };
        let depth = self.open.len() + 1;
        if depth > self.limits.max_depth {
            return Err(Fault::new(Rule::TooDeep, at));
        }
        self.shape.depth = self.shape.depth.max(depth);
        self.shape.elements += 1;
        self.attributes.begin();
        let (end, is_empty) = self.attributes::<IS_ROOT>(name.end)?;
        if name.prefix > 0 {
            self.resolve_element(start, name, IS_ROOT)?;
        }
        self.shape.attributes += self.attributes.count();
        self.attributes.resolve(self.text, self.namespaces)?;
        if IS_ROOT {
            self.attributes.keep();
            self.shape.name = name;
        }
        if !is_empty {
            self.open.push(Open {
                name: number(start),
                length: number(name.end - start),
                word: name.word,
                scope,
            });
        } else if !IS_ROOT {
            // The root's declarations are kept: they are part of the answer.
            self.namespaces.leave(scope);
        }
        Ok(end)
    }

    /// Namespaces 1.0 § 5, "Prefix Declared".
    #[cold]
    fn resolve_element(&mut self, start: usize, name: Name, is_root: bool) -> Result<(), Fault> {
        let prefix = self.bytes.get(start..start + name.prefix).unwrap_or_default();
        // Namespaces 1.0 § 3: "Element names MUST NOT have the prefix xmlns."
        if prefix == b"xmlns" {
            return Err(Fault::new(Rule::ReservedPrefix, start));
        }
        let Some(namespace) = self.namespaces.resolve(self.text, prefix) else {
            return Err(Fault::new(Rule::UnboundPrefix, start));
        };
        if is_root {
            self.shape.namespace = namespace;
        }
        Ok(())
    }

    /// The rest of a tag: the offset after its `>`, and whether the element is empty.
    #[inline]
    fn attributes<const IS_ROOT: bool>(&mut self, name_end: usize) -> Result<(usize, bool), Fault> {
        let mut at = name_end;
        loop {
            let next = byte(self.bytes, at + 1);
            if byte(self.bytes, at) == b' ' && next > b'/' && next != b'>' {
                at += 1;
            } else {
                let start = skip_space(self.bytes, at);
                match byte(self.bytes, start) {
                    b'>' => return Ok((start + 1, false)),
                    b'/' if byte(self.bytes, start + 1) == b'>' => return Ok((start + 2, true)),
                    b'/' => return Err(self.misplaced_in_tag(start, name_end)),
                    _ if start == at => return Err(self.misplaced_in_tag(at, name_end)),
                    _ => at = start,
                }
            }
            at = self.attribute::<IS_ROOT>(at)?;
        }
    }

    /// The fault of what is neither the end of a tag nor an attribute that something separates.
    #[cold]
    fn misplaced_in_tag(&self, at: usize, name_end: usize) -> Fault {
        match byte(self.bytes, at) {
            b'/' => misplaced(self.text, at + 1, Rule::Tag),
            other if at > name_end && (starts_name(other) || continues_name(other)) => {
                Fault::new(Rule::AttributeSpace, at)
            }
            _ => misplaced(self.text, at, Rule::Tag),
        }
    }

    /// XML 1.0 § 3.1: `Attribute`; the offset after its closing quote.
    #[inline]
    fn attribute<const IS_ROOT: bool>(&mut self, at: usize) -> Result<usize, Fault> {
        let name = self.name(at)?;
        let (value, quote) = match chunk(self.bytes, name.end) {
            Some([b'=', quote @ (b'\'' | b'"')]) => (name.end + 2, quote),
            _ => self.value_start(name.end)?,
        };
        let mut end = match quote {
            b'"' => value_stop::<b'"'>(self.bytes, value),
            _ => value_stop::<b'\''>(self.bytes, value),
        };
        let is_plain = byte(self.bytes, end) == quote;
        if !is_plain {
            end = self.value_end(end, quote)?;
        }
        self.take::<IS_ROOT>(at, name, value, end, is_plain)?;
        Ok(end + 1)
    }

    /// XML 1.0 § 3.1: `Eq`, and the first quote of `AttValue`; the offset after it, and it.
    #[cold]
    fn value_start(&self, name_end: usize) -> Result<(usize, u8), Fault> {
        let equals = skip_space(self.bytes, name_end);
        if byte(self.bytes, equals) != b'=' {
            return Err(misplaced(self.text, equals, Rule::AttributeEquals));
        }
        let value = skip_space(self.bytes, equals + 1);
        match byte(self.bytes, value) {
            quote @ (b'\'' | b'"') => Ok((value + 1, quote)),
            _ => Err(misplaced(self.text, value, Rule::AttributeQuotes)),
        }
    }

    /// XML 1.0 § 2.3: `AttValue`, from the first thing in it that is not plain: the offset of its last quote.
    #[cold]
    fn value_end(&self, mut at: usize, quote: u8) -> Result<usize, Fault> {
        loop {
            at = match byte(self.bytes, at) {
                found if found == quote => return Ok(at),
                // XML 1.0 § 3.1, "No < in Attribute Values".
                b'<' => return Err(Fault::new(Rule::AttributeValue, at)),
                b'&' => reference(self.text, at)?.1,
                _ => step_over(self.bytes, at)?,
            };
            at = match quote {
                b'"' => value_stop::<b'"'>(self.bytes, at),
                _ => value_stop::<b'\''>(self.bytes, at),
            };
        }
    }

    /// Puts an attribute to the others, and a declaration into effect.
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator would be a branch")]
    #[inline]
    fn take<const IS_ROOT: bool>(
        &mut self,
        at: usize,
        name: Name,
        value: usize,
        end: usize,
        is_plain: bool,
    ) -> Result<(), Fault> {
        let length = name.end - at;
        // No name has zeros in it, so that the word tells the length too.
        let is_default = name.word == XMLNS;
        let is_declaration =
            is_default | (name.prefix == 5 && self.bytes.get(at..at + 5) == Some(b"xmlns"));
        let last = chunk(self.bytes, name.end.saturating_sub(8)).map_or(0, u64::from_le_bytes);
        let last = if length > 8 { last } else { 0 };
        let kind =
            if is_declaration { Kind::Declaration } else { Kind::Attribute(Namespace::None) };
        let entry = Entry {
            name: number(at),
            name_end: number(name.end),
            prefix: number(name.prefix),
            value: number(value),
            value_end: number(end),
            hash: hash(name.word, last),
            kind,
        };
        self.attributes.push(self.bytes, entry)?;
        if self.attributes.count() > self.limits.max_attributes {
            return Err(Fault::new(Rule::TooManyAttributes, at));
        }
        self.namespaces.count(is_declaration);
        if self.namespaces.in_scope() > self.limits.max_declarations {
            return Err(Fault::new(Rule::TooManyDeclarations, at));
        }
        // Most default namespaces need no more than to be counted: what cannot be guessed need not be a branch.
        let is_of_interest = !is_plain | IS_ROOT | Namespaces::may_be_reserved(end - value);
        if is_declaration & (is_of_interest | !is_default) {
            return self.declare(at, name, value, end, is_plain);
        }
        Ok(())
    }

    /// Namespaces 1.0 § 3: puts a declaration into effect.
    #[cold]
    fn declare(
        &mut self,
        at: usize,
        name: Name,
        value: usize,
        end: usize,
        is_plain: bool,
    ) -> Result<(), Fault> {
        let declared = if name.prefix == 0 {
            let name = self.namespaces.declare_default(self.text, value..end, is_plain);
            name.map(|name| {
                if self.shape.elements == 1 {
                    self.shape.default = Some(name);
                } else {
                    self.namespaces.forget(name);
                }
            })
        } else {
            let prefix = at + name.prefix + 1..name.end;
            self.namespaces.declare(self.text, prefix, value..end, is_plain)
        };
        declared.map_err(|rule| Fault::new(rule, at))
    }

    /// Reads the qualified name that starts at `at`.
    #[expect(clippy::inline_always, reason = "a name in registers is a third of its cost")]
    #[inline(always)]
    fn name(&self, at: usize) -> Result<Name, Fault> {
        let name = match chunk(self.bytes, at).and_then(|bytes| short(at, bytes)) {
            Some(name) => name,
            None => self.long_name(at)?,
        };
        if name.end - at > self.limits.max_name_bytes {
            return Err(Fault::new(Rule::NameTooLong, at));
        }
        Ok(name)
    }

    /// The same for a name that is not short.
    #[inline(never)]
    fn long_name(&self, at: usize) -> Result<Name, Fault> {
        let Some(first) = chunk(self.bytes, at) else {
            return qualified(self.text, at);
        };
        let word = u64::from_le_bytes(first);
        let stops = name_stops(word);
        if stops != 0 {
            return self.prefixed_name(at, at + (stops.trailing_zeros() / 8) as usize);
        }
        let end = name_end(self.bytes, at + 8);
        let [first, ..] = first;
        if starts_name(first) && !continues_name(byte(self.bytes, end)) {
            return Ok(Name { end, prefix: 0, word });
        }
        self.prefixed_name(at, end)
    }

    /// The same for a name in which there is a colon at `colon`, as in `xml:lang`, or something else than ASCII.
    fn prefixed_name(&self, at: usize, colon: usize) -> Result<Name, Fault> {
        let local = colon + 1;
        let end = name_end(self.bytes, local);
        if byte(self.bytes, colon) == b':'
            && starts_name(byte(self.bytes, at))
            && starts_name(byte(self.bytes, local))
            && !continues_name(byte(self.bytes, end))
        {
            let word = word(self.bytes, at, end - at);
            return Ok(Name { end, prefix: colon - at, word });
        }
        qualified(self.text, at)
    }
}

/// The name that starts at `at` with these bytes, if it has no more than seven, all ASCII, and no colon.
#[expect(clippy::inline_always, reason = "a name in registers is a third of its cost")]
#[inline(always)]
fn short(at: usize, bytes: [u8; 8]) -> Option<Name> {
    let [first, ..] = bytes;
    let word = u64::from_le_bytes(bytes);
    let stops = name_stops(word);
    // How many bits of the word are the name's.
    let length = stops.trailing_zeros() & !7;
    let [next, ..] = word.checked_shr(length)?.to_le_bytes();
    if !starts_name(first) || continues_name(next) {
        return None;
    }
    let word = word << (u64::BITS - length);
    Some(Name { end: at + (length / 8) as usize, prefix: 0, word })
}

/// The name `xmlns` as [`word`] makes it.
const XMLNS: u64 = u64::from_le_bytes(*b"\0\0\0xmlns");

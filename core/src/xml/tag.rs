//! Start tags: where a scan spends two thirds of its time.
//!
//! Most attributes are [plain](super::plain), and what follows them says itself whether one more comes. All else is
//! read here, step by step.

use super::attributes::{Entry, Tag};
use super::bytes::{byte, misplaced, skip_space, step_over};
use super::fault::{Fault, Rule};
use super::names::{self, Name, XMLNS, goes_on, is_ascii_start};
use super::references::reference;
use super::scan::{Open, Pass};
use super::search::value_stop;
use super::strings::number;

impl Pass<'_> {
    /// XML 1.0 § 3.1: `STag` and `EmptyElemTag`, from the `<` on; the offset after its `>`.
    pub(super) fn start_tag<const IS_ROOT: bool>(&mut self, at: usize) -> Result<usize, Fault> {
        let scope = self.namespaces.scope();
        let start = at + 1;
        let (name, word) = match self.name(start) {
            Ok(name) => name,
            Err(fault) => return Err(self.forbidden_markup(at).unwrap_or(fault)),
        };
        let depth = self.open.len() + 1;
        if depth > self.limits.max_depth {
            return Err(Fault::new(Rule::TooDeep, at));
        }
        self.shape.depth = self.shape.depth.max(depth);
        self.shape.elements += 1;
        self.shape.children += usize::from(depth == CHILD_DEPTH);
        let mut tag = self.attributes.begin();
        let (end, is_empty) = self.attributes::<IS_ROOT>(name.end, &mut tag)?;
        if name.prefix > 0 {
            self.resolve_element(start, name, IS_ROOT)?;
        }
        self.shape.attributes += self.attributes.count(tag);
        self.namespaces.count(tag.declarations);
        self.attributes.resolve(self.text, tag, self.namespaces)?;
        if IS_ROOT {
            self.attributes.keep(tag);
            self.shape.name = name;
        }
        if !is_empty {
            self.open.push(Open {
                name: number(start),
                length: number(name.end - start),
                word,
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
    #[expect(clippy::inline_always, reason = "this is where most of the time goes")]
    #[inline(always)]
    fn attributes<const IS_ROOT: bool>(
        &mut self,
        name_end: usize,
        tag: &mut Tag,
    ) -> Result<(usize, bool), Fault> {
        let declarations = self.limits.max_declarations.saturating_sub(self.namespaces.in_scope());
        let budget = self.attributes.after(declarations.min(self.limits.max_attributes));
        let mut at = name_end;
        loop {
            match byte(self.bytes, at) {
                b' ' => {
                    if let Some(end) = self.plain_attribute::<IS_ROOT>(at + 1, tag, budget)? {
                        at = end;
                        continue;
                    }
                }
                b'>' => return Ok((at + 1, false)),
                b'/' if byte(self.bytes, at + 1) == b'>' => return Ok((at + 2, true)),
                _ => {}
            }
            // A copy, so that the tag itself, whose address nobody has, can stay in registers.
            let mut copy = *tag;
            let next = self.attribute_or_end(at, name_end, &mut copy)?;
            *tag = copy;
            match next {
                Next::Attribute(end) => at = end,
                Next::End(end, is_empty) => return Ok((end, is_empty)),
            }
        }
    }

    /// Whether one attribute more, at `at`, was too much.
    #[cold]
    pub(super) fn check_limits(&self, at: usize, tag: Tag) -> Result<(), Fault> {
        if self.attributes.count(tag) > self.limits.max_attributes {
            return Err(Fault::new(Rule::TooManyAttributes, at));
        }
        let in_scope = self.namespaces.in_scope() + tag.declarations as usize;
        if in_scope > self.limits.max_declarations {
            return Err(Fault::new(Rule::TooManyDeclarations, at));
        }
        Ok(())
    }

    /// What follows at `at`, where something other than a plain attribute or the end of the tag does.
    #[inline(never)]
    fn attribute_or_end(
        &mut self,
        at: usize,
        name_end: usize,
        tag: &mut Tag,
    ) -> Result<Next, Fault> {
        let start = skip_space(self.bytes, at);
        match byte(self.bytes, start) {
            b'>' => Ok(Next::End(start + 1, false)),
            b'/' if byte(self.bytes, start + 1) == b'>' => Ok(Next::End(start + 2, true)),
            b'/' => Err(self.misplaced_in_tag(start, name_end)),
            _ if start == at => Err(self.misplaced_in_tag(at, name_end)),
            _ => Ok(Next::Attribute(self.attribute(start, tag)?)),
        }
    }

    /// The fault of what is neither the end of a tag nor an attribute that something separates.
    #[cold]
    fn misplaced_in_tag(&self, at: usize, name_end: usize) -> Fault {
        match byte(self.bytes, at) {
            b'/' => misplaced(self.text, at + 1, Rule::Tag),
            other if at > name_end && (is_ascii_start(other) || goes_on(other)) => {
                Fault::new(Rule::AttributeSpace, at)
            }
            _ => misplaced(self.text, at, Rule::Tag),
        }
    }

    /// XML 1.0 § 3.1: `Attribute`; the offset after its closing quote.
    fn attribute(&mut self, at: usize, tag: &mut Tag) -> Result<usize, Fault> {
        let (name, word) = self.name(at)?;
        let (value, quote) = self.value_start(name.end)?;
        let mut end = value_stop(&self.padded, value);
        let is_plain = byte(self.bytes, end) == quote;
        if !is_plain {
            end = self.value_end(end, quote)?;
        }
        let tail = names::tail(word);
        let is_declaration =
            tail == XMLNS || (name.prefix == 5 && self.bytes.get(at..at + 5) == Some(b"xmlns"));
        let entry = Entry::new(at, name, tail, value..end, is_declaration);
        self.attributes.push(self.bytes, tag, entry)?;
        self.check_limits(at, *tag)?;
        if is_declaration {
            self.declare(entry, is_plain)?;
        }
        Ok(end + 1)
    }

    /// XML 1.0 § 3.1: `Eq`, and the first quote of `AttValue`; the offset after it, and it.
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
    pub(super) fn value_end(&self, mut at: usize, quote: u8) -> Result<usize, Fault> {
        loop {
            at = match byte(self.bytes, at) {
                found if found == quote => return Ok(at),
                b'\'' | b'"' => at + 1,
                // XML 1.0 § 3.1, "No < in Attribute Values".
                b'<' => return Err(Fault::new(Rule::AttributeValue, at)),
                b'&' => reference(self.text, at)?.1,
                _ => step_over(self.bytes, at)?,
            };
            at = value_stop(&self.padded, at);
        }
    }

    /// Namespaces 1.0 § 3: puts a declaration into effect.
    #[cold]
    pub(super) fn declare(&mut self, entry: Entry, is_plain: bool) -> Result<(), Fault> {
        let value = entry.value as usize..entry.value_end as usize;
        let declared = if entry.prefix == 0 {
            let name = self.namespaces.declare_default(self.text, value, is_plain);
            name.map(|name| {
                if self.shape.elements == 1 {
                    self.shape.default = Some(name);
                } else {
                    self.namespaces.forget(name);
                }
            })
        } else {
            let prefix = (entry.name + entry.prefix + 1) as usize..entry.name_end as usize;
            self.namespaces.declare(self.text, prefix, value, is_plain)
        };
        declared.map_err(|rule| Fault::new(rule, entry.name as usize))
    }

    /// Reads the qualified name that starts at `at`, and its [word](names::word).
    #[expect(clippy::inline_always, reason = "a name in registers is most of the gain")]
    #[inline(always)]
    fn name(&self, at: usize) -> Result<(Name, u128), Fault> {
        let (name, word) = names::read(&self.padded, at)?;
        if name.end - at > self.limits.max_name_bytes {
            return Err(Fault::new(Rule::NameTooLong, at));
        }
        Ok((name, word))
    }
}

/// What there is in a tag after its name or an attribute.
enum Next {
    /// An attribute, with the offset after its closing quote.
    Attribute(usize),
    /// The end of the tag, with the offset after its `>`, and whether the element is empty.
    End(usize, bool),
}

/// The depth of the elements directly in the root.
const CHILD_DEPTH: usize = 2;

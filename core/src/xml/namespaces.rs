//! Which prefix means which namespace, where (Namespaces 1.0).

use std::ops::Range;

use super::fault::Rule;
use super::prefixes::Prefixes;
use super::references;
use super::strings::Span;
use crate::ns;

/// The declarations that are in scope.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    prefixes: Prefixes,
    in_scope: u32,
}

/// The namespace of a name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Namespace {
    /// None at all: an attribute without a prefix.
    None,
    /// The one of the prefix `xml`, which needs no declaration.
    Xml,
    /// The string of this number.
    Declared(u32),
}

/// A point to which [`Namespaces::leave`] goes back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope {
    bindings: u32,
    in_scope: u32,
}

impl Namespaces {
    pub(super) fn clear(&mut self) {
        self.prefixes.clear();
        self.in_scope = 0;
    }

    /// The scope to leave to, from an element that is about to begin.
    #[inline]
    pub(super) fn scope(&self) -> Scope {
        Scope { bindings: self.prefixes.mark(), in_scope: self.in_scope }
    }

    /// Takes back what was declared since.
    #[inline]
    pub(super) fn leave(&mut self, scope: Scope) {
        self.in_scope = scope.in_scope;
        self.prefixes.leave(scope.bindings);
    }

    /// Counts so many more declarations.
    #[inline]
    pub(super) fn count(&mut self, declarations: u32) {
        self.in_scope += declarations;
    }

    /// Whether a namespace whose name has this many bytes may be one of those that none may declare.
    #[inline]
    pub(super) const fn may_be_reserved(length: usize) -> bool {
        const LENGTHS: u64 = (1 << ns::XML.len()) | (1 << ns::XMLNS.len());
        (LENGTHS >> (length % u64::BITS as usize)) & 1 != 0
    }

    /// How many declarations are in scope.
    #[inline]
    pub(super) fn in_scope(&self) -> usize {
        self.in_scope as usize
    }

    /// Takes `xmlns='value'`, and tells where its name is, for as long as nothing else is declared.
    ///
    /// A value is plain if it holds no references, and no white space other than blanks.
    #[inline]
    pub(super) fn declare_default(
        &mut self,
        text: &str,
        value: Range<usize>,
        is_plain: bool,
    ) -> Result<Span, Rule> {
        let name = self.name(text, value, is_plain);
        if is_reserved(self.kept(text, name)) {
            return Err(Rule::ReservedNamespace);
        }
        Ok(name)
    }

    /// Lets go of a name that [`declare_default`](Self::declare_default) gave.
    #[inline]
    pub(super) fn forget(&mut self, name: Span) {
        self.prefixes.strings.forget(name);
    }

    /// Takes `xmlns:prefix='value'`.
    pub(super) fn declare(
        &mut self,
        text: &str,
        prefix: Range<usize>,
        value: Range<usize>,
        is_plain: bool,
    ) -> Result<(), Rule> {
        let strings = self.prefixes.strings.len();
        let namespace = self.name(text, value, is_plain);
        let uri = self.prefixes.strings.str(text, namespace);
        let verdict = match text.get(prefix.clone()).unwrap_or_default() {
            // Namespaces 1.0 § 3: `xmlns` must not be declared, `xml` only as what it is, their namespaces as nothing else.
            "xml" if uri == ns::XML => Some(Ok(())),
            "xml" | "xmlns" => Some(Err(Rule::ReservedPrefix)),
            _ if is_reserved(uri) => Some(Err(Rule::ReservedNamespace)),
            // Namespaces 1.0 § 5, "No Prefix Undeclaring".
            _ if uri.is_empty() => Some(Err(Rule::EmptyNamespace)),
            _ => None,
        };
        if let Some(verdict) = verdict {
            self.prefixes.strings.forget(namespace);
            return verdict;
        }
        let namespace = self.prefixes.strings.insert(text, namespace);
        self.prefixes.bind(text, Span::verbatim(prefix), namespace, strings);
        Ok(())
    }

    /// What this prefix means here.
    pub(super) fn resolve(&self, text: &str, prefix: &[u8]) -> Option<Namespace> {
        if prefix == b"xml" {
            return Some(Namespace::Xml);
        }
        self.prefixes.meaning(text, prefix).map(Namespace::Declared)
    }

    /// The name of a namespace.
    pub(super) fn uri<'a>(&'a self, text: &'a str, namespace: Namespace) -> &'a str {
        match namespace {
            Namespace::None => "",
            Namespace::Xml => ns::XML,
            Namespace::Declared(string) => {
                self.prefixes.strings.str(text, self.prefixes.strings.span(string))
            }
        }
    }

    /// The name of a namespace, given the value of its declaration.
    #[inline]
    fn name(&mut self, text: &str, value: Range<usize>, is_plain: bool) -> Span {
        if is_plain {
            return Span::verbatim(value);
        }
        let raw = text.get(value).unwrap_or_default();
        self.prefixes.strings.normalise(|out| references::push_value(out, raw))
    }

    /// The name that [`declare_default`](Self::declare_default) gave.
    pub(super) fn kept<'a>(&'a self, text: &'a str, span: Span) -> &'a str {
        self.prefixes.strings.str(text, span)
    }
}

/// Namespaces 1.0 § 3: whether this belongs to the prefixes `xml` and `xmlns` alone.
#[inline]
fn is_reserved(uri: &str) -> bool {
    (uri.len() == ns::XML.len() && uri == ns::XML)
        || (uri.len() == ns::XMLNS.len() && uri == ns::XMLNS)
}

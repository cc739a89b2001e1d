//! What each prefix means in the current scope: the stack of bindings under both scanning and reading.

use super::strings::{Span, Strings, number};

/// A map from prefixes to numbers, whose scopes nest.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    pub(super) strings: Strings,
    bindings: Vec<Binding>,
}

#[derive(Debug)]
struct Binding {
    prefix: u32,
    /// What the prefix meant outside.
    shadowed: Option<u32>,
    /// How many strings there were before.
    strings: u32,
}

impl Prefixes {
    pub(super) fn clear(&mut self) {
        self.strings.clear();
        self.bindings.clear();
    }

    /// How many bindings there are: a point that [`leave`](Self::leave) goes back to.
    #[inline]
    pub(super) fn mark(&self) -> u32 {
        number(self.bindings.len())
    }

    /// Takes back what was bound since, and the strings that came with it.
    #[inline]
    pub(super) fn leave(&mut self, mark: u32) {
        while self.bindings.len() > mark as usize {
            self.unbind();
        }
    }

    fn unbind(&mut self) {
        if let Some(binding) = self.bindings.pop() {
            self.strings.bind(binding.prefix, binding.shadowed);
            self.strings.truncate(binding.strings as usize);
        }
    }

    /// Gives a prefix a meaning from here on, for which strings were put in since there were `strings`.
    pub(super) fn bind(&mut self, text: &str, prefix: Span, meaning: u32, strings: usize) {
        let prefix = self.strings.insert(text, prefix);
        let shadowed = self.strings.bind(prefix, Some(meaning));
        self.bindings.push(Binding { prefix, shadowed, strings: number(strings) });
    }

    /// What this prefix means here.
    pub(super) fn meaning(&self, text: &str, prefix: &[u8]) -> Option<u32> {
        self.strings.meaning(self.strings.find(text, prefix)?)
    }
}

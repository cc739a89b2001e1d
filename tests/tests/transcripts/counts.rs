//! What a server has sent since it counts (XEP-0198).

use bytestring::ByteString;
use xmpp_ws::endpoint::Transmit;

use super::record::{is, namespace};
use super::said::is_stanza;

/// How many stanzas were sent on one connection, by the recorded server and by ours.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) recorded: Sent,
    pub(crate) ours: Sent,
}

/// The stanzas that one server has sent since they count.
#[derive(Default)]
pub(crate) struct Sent {
    counts: bool,
    stanzas: Vec<ByteString>,
}

impl Counts {
    /// What the recorded server has sent and ours has not, once both count.
    pub(crate) fn missing(&self) -> Vec<ByteString> {
        let missing = self.recorded.stanzas.iter().skip(self.ours.stanzas.len());
        missing.filter(|_| self.ours.counts).cloned().collect()
    }
}

impl Sent {
    pub(crate) fn note(&mut self, text: &str) {
        let begins = is(text, "enabled") || is(text, "resumed");
        self.counts |= begins && namespace(text) == "urn:xmpp:sm:3";
        if self.counts && is_stanza(text) {
            self.stanzas.push(text.into());
        }
    }

    pub(crate) fn note_all(&mut self, said: &[Transmit]) {
        for transmit in said {
            if let Transmit::Text(text) = transmit {
                self.note(text);
            }
        }
    }
}

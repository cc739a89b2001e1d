//! What became of one half of a conversation.

use xmpp_ws::endpoint::Transmit;

use super::record::{Transcript, is, namespace};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    /// How many messages there are.
    messages: usize,
    /// How many were taken, and the next one, where our side began to leave of its own accord.
    left_at: Option<(usize, String)>,
    /// How many were taken so far.
    taken: usize,
    /// Whether the login went through to a bound resource.
    pub(crate) is_bound: bool,
    /// What our side refused: the names in its SASL failures and stream errors.
    refused: Vec<String>,
    /// Why it is over.
    pub(crate) ended: String,
    /// Why our side ended it, where it did before the record ends.
    why: Option<String>,
    /// What had to be mapped.
    pub(crate) mapped: Vec<&'static str>,
}

impl Outcome {
    pub(crate) fn new(messages: usize) -> Self {
        Self {
            messages,
            left_at: None,
            taken: 0,
            is_bound: false,
            refused: Vec::new(),
            ended: String::new(),
            why: None,
            mapped: Vec::new(),
        }
    }

    /// One more message was handed in, and this is what our side said.
    pub(crate) fn took(&mut self, text: &str, said: &[Transmit]) {
        if said.iter().any(leaves) && self.left_at.is_none() {
            self.left_at = Some((self.taken, text.to_owned()));
        }
        self.taken += 1;
    }

    /// Keeps by what names our side refuses what it was told.
    pub(crate) fn heed(&mut self, said: &[Transmit]) {
        for transmit in said {
            let Transmit::Text(text) = transmit else { continue };
            if is(text, "failure") || is(text, "error") {
                // STARTTLS is refused without a condition.
                let inside = text.split_once("><").map_or("no-condition", |(_, inside)| inside);
                let end = inside.find([' ', '/', '>']).unwrap_or(inside.len());
                self.refused.push(inside[..end].to_owned());
            }
        }
    }

    /// It is over, and for this reason no whole replay.
    pub(crate) fn end(&mut self, ended: String, why: Option<String>) {
        self.ended = ended;
        self.why = why;
    }

    /// It cannot be whole, for a reason that is told better than by how it ended.
    pub(crate) fn stop(&mut self, why: String) {
        self.why = Some(why);
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.why.is_none()
    }

    /// The reason in other words where it is a part of the standards that has no code yet.
    pub(crate) fn held_to(mut self, transcript: &Transcript) -> Self {
        let is_management = |(_, text): &(_, String)| namespace(text).starts_with("urn:xmpp:sm:");
        if self.why.is_some() && self.left_at.as_ref().is_some_and(is_management) {
            self.why = Some("stream management is not there yet".into());
        }
        self.held_to_login(transcript)
    }

    /// No replay is whole whose login goes another way than the recorded one.
    pub(crate) fn held_to_login(mut self, transcript: &Transcript) -> Self {
        if self.why.is_none() && !self.is_bound && transcript.has_bound() {
            self.why = Some("the recorded login goes another way".into());
        }
        self
    }

    /// The kind of outcome that the summary counts.
    pub(crate) fn kind(&self) -> &str {
        self.why.as_deref().unwrap_or("whole")
    }

    /// How much of the record was taken and how it ended, in one line.
    pub(crate) fn describe(&self) -> String {
        let extent = match &self.why {
            None if self.mapped.is_empty() => "whole".into(),
            None => format!("whole with {} mapped", self.mapped.join(" and ")),
            Some(why) => {
                let taken = self.left_at.as_ref().map_or(self.taken, |(taken, _)| *taken);
                let why = if *why == self.ended { "" } else { why };
                let colon = if why.is_empty() { "" } else { ": " };
                format!("prefix of {taken} of {}{colon}{why}", self.messages)
            }
        };
        let bound = if self.is_bound { "bound, " } else { "" };
        let refused = self.refused.join(" and ");
        let refused = match &*refused {
            "" => String::new(),
            names => format!("refused with {names}, "),
        };
        let ended = if self.ended.is_empty() { "not pursued" } else { &self.ended };
        format!("{extent} | {bound}{refused}{ended}")
    }
}

/// Whether this is how a side begins to leave, or answers to it.
fn leaves(transmit: &Transmit) -> bool {
    match transmit {
        Transmit::Text(text) => is(text, "close"),
        Transmit::Close { .. } => true,
        _ => false,
    }
}

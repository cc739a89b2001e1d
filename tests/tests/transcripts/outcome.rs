//! What became of one half of a conversation.

use xmpp_ws::endpoint::Transmit;

use super::record::{Transcript, is};

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
    /// Whether the recorded client left before ours was through with the login.
    pub(crate) is_left_early: bool,
    /// What our side refused: the names in its SASL failures and stream errors.
    refused: Vec<String>,
    /// Why it is over.
    pub(crate) ended: String,
    /// Why our side ended it, where it did before the record ends.
    why: Option<String>,
    /// What had to be mapped.
    pub(crate) mapped: Vec<&'static str>,
    /// Whether our side left for a message that is not well-formed.
    pub(crate) ends_with_ill_formed: bool,
    /// How much is taken when such messages are passed over.
    pub(crate) passing_over: Option<String>,
    /// What became of what our side sent, as counts.
    pub(crate) fates: String,
}

impl Outcome {
    pub(crate) fn new(messages: usize) -> Self {
        Self {
            messages,
            left_at: None,
            taken: 0,
            is_bound: false,
            is_left_early: false,
            refused: Vec::new(),
            ended: String::new(),
            why: None,
            mapped: Vec::new(),
            ends_with_ill_formed: false,
            passing_over: None,
            fates: String::new(),
        }
    }

    /// The connection begins whose outcome it is; what came before counts no more.
    pub(crate) fn begin(&mut self) {
        *self = Self::new(self.messages);
    }

    /// How many messages were taken before our side began to leave.
    pub(crate) fn left_at(&self) -> usize {
        self.left_at.as_ref().map_or(self.taken, |(taken, _)| *taken)
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

    /// No replay is whole whose login goes another way than the recorded one, or that leaves something unsaid.
    pub(crate) fn held_to(mut self, transcript: &Transcript) -> Self {
        let is_bound = self.is_bound || self.is_left_early;
        if self.why.is_none() && !is_bound && transcript.has_bound() {
            self.why = Some("the recorded login goes another way".into());
        }
        if self.why.is_none() && self.taken < self.messages {
            self.why = Some("our side is over too early".into());
        }
        self
    }

    /// The kind of outcome that the summary counts.
    pub(crate) fn kind(&self) -> &str {
        self.why.as_deref().unwrap_or("whole")
    }

    /// How much of the record was taken.
    pub(crate) fn extent(&self) -> String {
        match &self.why {
            None if self.mapped.is_empty() => "whole".into(),
            None => format!("whole with {} mapped", self.mapped.join(" and ")),
            Some(why) => {
                let taken = self.left_at();
                let why = if *why == self.ended { "" } else { why };
                let colon = if why.is_empty() { "" } else { ": " };
                format!("prefix of {taken} of {}{colon}{why}", self.messages)
            }
        }
    }

    /// The same, with the reason in any case.
    pub(crate) fn extent_with_reason(&self) -> String {
        match &self.why {
            Some(why) if *why == self.ended => format!("{}: {why}", self.extent()),
            _ => self.extent(),
        }
    }

    /// How much of the record was taken and how it ended, in one line.
    pub(crate) fn describe(&self) -> String {
        let extent = self.extent();
        let passing_over = match &self.passing_over {
            Some(extent) => format!(", passing over what is ill-formed: {extent}"),
            None => String::new(),
        };
        let bound = if self.is_bound { "bound, " } else { "" };
        let refused = self.refused.join(" and ");
        let refused = match &*refused {
            "" => String::new(),
            names => format!("refused with {names}, "),
        };
        let ended = if self.ended.is_empty() { "not pursued" } else { &self.ended };
        format!("{extent}{passing_over} | {bound}{}{refused}{ended}", self.fates)
    }
}

/// Counts that are not zero, each with what it counts.
pub(crate) fn describe_counts(counts: &[(usize, &str)]) -> String {
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| [&*count.to_string(), " ", what, ", "].concat()).collect()
}

/// Whether this is how a side begins to leave, or answers to it.
fn leaves(transmit: &Transmit) -> bool {
    match transmit {
        Transmit::Text(text) => is(text, "close"),
        Transmit::Close { .. } => true,
        _ => false,
    }
}

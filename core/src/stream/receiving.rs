//! What comes over an open connection: judged, counted, and handed on as far as it matters above.

use bytestring::ByteString;

use super::closing::Phase;
use super::half::{Half, Kind};
use super::{Step, Stream};
use crate::endpoint::Input;
use crate::error::Violation;
use crate::frame::Frame;
use crate::jid::Jid;
use crate::sm;
use crate::stanza::StanzaKind;
use crate::time::Instant;
#[cfg(doc)]
use crate::tolerance::Tolerance;

impl Stream {
    /// Takes one input that belongs to an open connection. Time has passed already.
    pub(crate) fn receive(&mut self, now: Instant, input: Input) -> Step {
        match input {
            Input::Text(text) => self.receive_text(now, &text),
            // RFC 7395 § 3.2: text messages only.
            Input::Binary => self.violated(now, Violation::Binary),
            Input::Unreadable(fault) => self.violated(now, Violation::WebSocket(fault)),
            Input::Closed { code } => self.on_gone(code),
            Input::Lost => self.on_gone(None),
            Input::Unwritable => self.on_unwritable(now),
            Input::Ping | Input::Pong | Input::Timeout => Step::Nothing,
            Input::Connected(_) | Input::ConnectFailed(_) | Input::Fetched(_) => {
                debug_assert!(false, "not an input of an open connection");
                Step::Nothing
            }
        }
    }

    fn receive_text(&mut self, now: Instant, text: &ByteString) -> Step {
        if matches!(self.phase, Phase::HangingUp { .. } | Phase::Over)
            || self.theirs == Half::Closed
        {
            return Step::Nothing;
        }
        if let Some(violation) = self.too_long(text) {
            return self.violated(now, violation);
        }
        let frame = match self.decoder.decode(text) {
            Ok(frame) => frame,
            Err(violation) if self.may_discard(&violation) => {
                // The server counted it, if it took it for a stanza.
                if looks_like_a_stanza(text) {
                    self.count_stanza();
                }
                return Step::Discarded(violation, text.clone());
            }
            Err(violation) => return self.violated(now, violation),
        };
        if self.is_another_users(&frame) {
            return Step::Ignored(text.clone());
        }
        let kind = Kind::of(&frame);
        let Some(after) = self.theirs.after(kind) else {
            if self.may_reopen(kind) {
                self.theirs = Half::Reopened;
                self.await_reason(now, Violation::OpenedTwice);
                return Step::Nothing;
            }
            return self.violated(now, self.theirs.violation(kind));
        };
        self.theirs = after;
        match self.take_ack(now, &frame) {
            Some(step) => return step,
            None => self.note_stanza(&frame),
        }
        match frame {
            Frame::Close(close) => self.on_close(now, &close),
            Frame::Error(error) => {
                self.on_error(now, error);
                Step::Nothing
            }
            Frame::ErrorAndClose(error, close) => {
                self.on_error(now, error);
                self.theirs = Half::Closed;
                self.on_close(now, &close)
            }
            frame => Step::Frame(frame),
        }
    }

    /// Takes an acknowledgement or a request for one.
    fn take_ack(&mut self, now: Instant, frame: &Frame) -> Option<Step> {
        let Frame::Nonza(nonza) = frame else { return None };
        // What is addressed was another user's, relayed by a lenient server.
        if !self.is_counting() || nonza.is_addressed() {
            return None;
        }
        match sm::Element::read_ack(&self.decoder.root(nonza)?)? {
            Ok(element) => self.receive_ack(now, &element),
            Err(violation) => Some(self.violated(now, violation)),
        }
    }

    /// XEP-0198 § 4: stanzas count, and nothing else.
    fn note_stanza(&mut self, frame: &Frame) {
        if matches!(frame, Frame::Stanza(_)) {
            self.count_stanza();
        }
    }

    fn count_stanza(&mut self) {
        if self.counts_received
            && let Some(ledger) = self.outbox.ledger_mut()
        {
            ledger.note_received();
        }
    }

    /// [`Tolerance::ill_formed_stanzas`]: only from a server, and only once there is a session to save.
    fn may_discard(&self, violation: &Violation) -> bool {
        self.decoder.tolerance().ill_formed_stanzas
            && matches!(violation, Violation::Xml(_) | Violation::StanzaNamespace)
            && self.host.is_some()
            && self.pinger.is_some()
            && self.theirs == Half::Open
    }

    /// Whether a server relayed this for another user, and it must not be obeyed.
    fn is_another_users(&self, frame: &Frame) -> bool {
        let from = match frame {
            Frame::Open(open) if self.theirs == Half::Open => &open.from,
            Frame::Close(close) => &close.from,
            _ => return false,
        };
        match (&self.host, from) {
            (Some(host), Some(from)) if !from.is_empty() => {
                from.parse::<Jid>().map_or(true, |from| from.as_str() != host)
            }
            _ => false,
        }
    }

    /// [`Tolerance::open_before_end`]: a server's second `<open/>`, after which only the end may come.
    fn may_reopen(&self, kind: Kind) -> bool {
        let is_second = (self.theirs, kind) == (Half::Open, Kind::Open);
        is_second && self.host.is_some() && self.decoder.tolerance().open_before_end
    }

    fn too_long(&self, text: &str) -> Option<Violation> {
        let (length, limit) = (text.len(), self.max_message_bytes);
        (length > limit).then_some(Violation::TooLong { length, limit })
    }

    /// Keeps a message for later, while the application has a request to answer.
    pub(crate) fn hold(&mut self, now: Instant, text: ByteString) {
        if let Some(violation) = self.too_long(&text) {
            self.violated(now, violation);
        } else if self.held.len() < self.limits.max_held_messages {
            self.held.push_back(text);
        } else {
            self.violated(now, Violation::TooEager);
        }
    }

    /// Takes the oldest message that was kept; `None` when there is none.
    pub(crate) fn receive_held(&mut self, now: Instant) -> Option<Step> {
        let text = self.held.pop_front()?;
        Some(self.receive_text(now, &text))
    }
}

/// Whether this begins like a stanza, though it is not well-formed.
fn looks_like_a_stanza(text: &str) -> bool {
    let name = text.trim_start().strip_prefix('<').unwrap_or_default();
    let end = name.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(name.len());
    name.get(..end).is_some_and(|name| StanzaKind::from_name(name).is_some())
}

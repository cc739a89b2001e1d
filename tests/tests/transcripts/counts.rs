//! What was counted in a recorded conversation with stream management (XEP-0198).

use bytestring::ByteString;
use serde_json::json;
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::server::{ResumeRequest, Server, Suspended};
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::time::Instant;

use super::record::{Transcript, attribute, is, namespace};

/// The session that a recorded client went on with.
pub(crate) struct Recording {
    /// How many of the client's stanzas the server had.
    received: u32,
    /// How many of the server's stanzas the client had.
    acknowledged: u32,
}

impl Recording {
    /// `None` where the recorded server went on with no session.
    pub(crate) fn of(transcript: &Transcript) -> Option<Self> {
        let h =
            |from_client, name| attribute(transcript.first(from_client, name)?, "h").parse().ok();
        Some(Self { received: h(false, "resumed")?, acknowledged: h(true, "resume")? })
    }

    /// The session as a store would have it, with nothing that waits.
    pub(crate) fn suspended(&self, request: &ResumeRequest) -> Suspended {
        let no_time = json!({ "secs": 0, "nanos": 0 });
        let session = json!({
            "session": { "id": request.previd(), "max": { "secs": 300, "nanos": 0 } },
            "jid": format!("{}/r", request.account()),
            "age": no_time,
            "received": self.received,
            "acknowledged": self.acknowledged,
            "unacknowledged": [],
            "unwritten": [],
            "next": 0,
        });
        serde_json::from_value(session).expect("a session")
    }
}

/// How many stanzas were sent, by the recorded server and by ours.
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
    /// Sends what the recorded server has sent and ours has not.
    pub(crate) fn catch_up(&mut self, server: &mut Server) {
        if !self.ours.counts || !server.is_open() {
            return;
        }
        for stanza in self.recorded.stanzas.iter().skip(self.ours.stanzas.len()) {
            server.send(Instant::ORIGIN, stanza.clone()).expect("there is room");
        }
        let said = std::iter::from_fn(|| xmpp_ws::endpoint::Endpoint::poll_transmit(server));
        self.ours.note_all(&said.collect::<Vec<_>>());
    }
}

impl Sent {
    pub(crate) fn note(&mut self, input: &Input) {
        if let Input::Text(text) = input {
            self.note_text(text);
        }
    }

    pub(crate) fn note_all(&mut self, said: &[Transmit]) {
        for transmit in said {
            if let Transmit::Text(text) = transmit {
                self.note_text(text);
            }
        }
    }

    fn note_text(&mut self, text: &ByteString) {
        let begins = is(text, "enabled") || is(text, "resumed");
        self.counts |= begins && namespace(text) == "urn:xmpp:sm:3";
        let kinds = [StanzaKind::Message, StanzaKind::Presence, StanzaKind::Iq];
        if self.counts && kinds.iter().any(|kind| is(text, kind.name())) {
            self.stanzas.push(text.clone());
        }
    }
}

use xmpp_ws::endpoint::{Connection, Fetch, Fetched, Input};
use xmpp_ws::uri::Uri;

use super::script::refused;
use super::{Role, Walk};

/// What an endpoint asks its transport for.
pub(super) enum Asked {
    Dial,
    Fetch(Uri),
}

impl<E: Role> Walk<E> {
    /// Whether the transport has something to answer.
    pub(super) fn has_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// What was asked for can be had.
    pub(super) fn answer_asked(&mut self) {
        match &self.asked {
            Some(Asked::Dial) => self.sees(Input::Connected(Connection::new(true))),
            Some(Asked::Fetch(uri)) => {
                let uri = uri.clone();
                self.asked = None;
                self.fetched(uri);
            }
            None => {}
        }
    }

    /// The answer to a dial is looked at when its time has passed, and perhaps when the next one is due. False: none is
    /// asked for.
    pub(super) fn answer_late(&mut self, how: usize) -> bool {
        let Some(Asked::Dial) = self.asked else { return false };
        self.now = self.endpoint.poll_timeout().map_or(self.now, |at| self.now.max(at));
        if how & 1 == 0 {
            self.sees(Input::Timeout);
        }
        self.sees(if how & 2 == 0 { Input::Connected(Connection::new(true)) } else { refused() });
        true
    }

    fn fetched(&mut self, uri: Uri) {
        let outcome = Ok(Fetched::new(200, XRD));
        self.sees(Input::Fetched(Fetch::new(uri, outcome)));
    }
}

/// What a domain publishes of its endpoints.
const XRD: &str = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://a.example/'/>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://b.example/'/></XRD>";

//! Which rule a recorded client broke.

use xmpp_ws::endpoint::Input;

use super::record::{Transcript, attribute, is, namespace};
use super::said::is_stanza;

/// What is known of the conversation so far.
#[derive(Default)]
struct Seen {
    /// The host that was asked for first.
    host: String,
    /// How often the client opened since the last restart.
    opens: u32,
    is_authenticated: bool,
    is_bound: bool,
    /// Whether the client asked for stream management.
    is_enabled: bool,
}

/// The first rule that the recorded client broke before the server said this many messages and one.
pub(crate) fn of_client(transcript: &Transcript, taken: usize) -> Option<&'static str> {
    let mut seen = Seen::default();
    let mut server = 0;
    for record in &transcript.records {
        let is_binary = record.from_client && record.input == Input::Binary;
        // What is recorded of that kind is an `<open/>`, before anything else.
        let text = if is_binary && seen.opens == 0 { Some("<open") } else { record.text() };
        let Some(text) = text else { continue };
        if record.from_client {
            if let Some(fault) = seen.said(text) {
                return Some(fault);
            }
        } else {
            if server > taken {
                break;
            }
            server += 1;
            seen.heard(text);
        }
    }
    None
}

impl Seen {
    fn heard(&mut self, text: &str) {
        if is(text, "success") {
            self.opens = 0;
            self.is_authenticated = true;
        }
        let is_session = is(text, "resumed") || (is(text, "iq") && text.contains("<jid>"));
        self.is_bound |= is_session;
        self.is_enabled |= is(text, "resumed");
    }

    /// The rule that the client breaks by this.
    fn said(&mut self, text: &str) -> Option<&'static str> {
        if namespace(text).starts_with("urn:xmpp:sm:") {
            return self.said_of_management(text);
        }
        if text.contains("<stream:stream") {
            return Some("frames as RFC 6120 does");
        }
        if text.contains("/><auth") {
            return Some("says two things at once");
        }
        // Also where it does so in a way that is not allowed.
        if text.contains("<open") || text.contains(":open") {
            return self.opened(&attribute(text, "to"));
        }
        if is(text, "auth") && self.is_authenticated {
            return Some("authenticates twice");
        }
        if is(text, "starttls") || is(text, "compress") {
            return Some("asks for what has no place over WebSocket");
        }
        if is_stanza(text) && !self.is_authenticated {
            return Some("sends a stanza before it is authenticated");
        }
        if is_stanza(text) && self.opens == 0 {
            return Some("does not restart");
        }
        None
    }

    fn opened(&mut self, host: &str) -> Option<&'static str> {
        self.opens += 1;
        if self.host.is_empty() {
            host.clone_into(&mut self.host);
        }
        match () {
            () if self.opens > 1 => Some("opens twice"),
            () if self.is_authenticated && host != self.host => Some("restarts at another host"),
            () => None,
        }
    }

    fn said_of_management(&mut self, text: &str) -> Option<&'static str> {
        let was_enabled = self.is_enabled;
        if namespace(text) != "urn:xmpp:sm:3" {
            return Some("speaks another version of stream management");
        }
        let counts = attribute(text, "h").parse::<u32>().is_ok();
        if is(text, "enable") {
            self.is_enabled = true;
            return match () {
                () if !self.is_bound => Some("enables before it is bound"),
                () if was_enabled => Some("enables twice"),
                () => None,
            };
        }
        if is(text, "resume") {
            return match () {
                () if !self.is_authenticated => Some("resumes before it is authenticated"),
                () if self.is_bound => Some("resumes after it is bound"),
                () if !counts => Some("resumes without a count"),
                () => None,
            };
        }
        match () {
            () if !is(text, "a") && !is(text, "r") => Some("invents stream management"),
            () if !was_enabled => Some("acknowledges before it enables"),
            () if is(text, "a") && !counts => Some("acknowledges without a count"),
            () => None,
        }
    }
}

//! What an endpoint has its transport do, and what it must not ask of it then.

use bytestring::ByteString;
use xmpp_ws::endpoint::Transmit;
use xmpp_ws::frame::Frame;

use super::transport::Asked;
use super::{FEW, Role, Walk};

impl<E: Role> Walk<E> {
    pub(super) fn take_all(&mut self) {
        let mut taken = 0;
        while self.take_one() {
            taken += 1;
        }
        let queued = self.limits.max_queued_messages;
        let own = self.limits.max_held_messages + FEW;
        // A session that goes on has them to send again.
        let again = self.limits.max_unacknowledged;
        assert!(!self.heeds || taken <= 2 * queued + own + again, "{taken} messages were queued");
    }

    pub(super) fn take_one(&mut self) -> bool {
        let Some(transmit) = self.endpoint.poll_transmit() else { return false };
        assert!(!self.has_ended(), "{transmit:?} after the end");
        match transmit {
            Transmit::Text(text) => {
                assert!(self.is_open, "{text}, and nobody to say it to");
                self.on_said(&text);
            }
            Transmit::Close { .. } => {
                assert!(!self.has_hung_up, "a second close frame");
                self.has_hung_up = true;
            }
            Transmit::Ping => assert!(!self.has_hung_up, "a ping after the close frame"),
            Transmit::Drop => {
                assert!(self.reconnects, "a drop, and no connection follows");
                (self.asked, self.is_gone) = (None, true);
            }
            Transmit::Dial(target) => {
                self.begin(Asked::Dial);
                self.dials += 1;
                self.peer.is_at(target.uri.host());
            }
            Transmit::Fetch(uri) => self.begin(Asked::Fetch(uri)),
        }
        true
    }

    /// There is no connection any more, and the next one is on its way.
    fn begin(&mut self, asked: Asked) {
        self.asked = Some(asked);
        self.is_gone = false;
        self.is_open = false;
        (self.has_closed, self.has_hung_up, self.must_close) = (false, false, false);
        self.said.clear();
        self.peer.begin();
    }

    fn on_said(&mut self, text: &ByteString) {
        assert!(!self.has_hung_up, "{text} after the close frame");
        assert!(!self.has_closed, "{text} after <close/>");
        let frame = self.decoder.decode(text).unwrap_or_else(|fault| panic!("{fault} in {text}"));
        self.has_closed = matches!(frame, Frame::Close(_));
        assert!(!self.must_close || self.has_closed, "{text} after an error");
        self.must_close = matches!(frame, Frame::Error(_));
        self.peer.note(text);
        self.said = text.to_string();
    }
}

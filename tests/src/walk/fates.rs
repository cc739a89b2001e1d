//! What an endpoint tells its application, and what it owes it: of each stanza one fate, of each request one reply, and an
//! end.

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Ticket;
use xmpp_ws::error::Misuse;

use super::{Role, Told, Walk};

/// What has become of a stanza so far.
#[derive(Default)]
pub(super) struct Sent {
    fates: u32,
    replies: u32,
    wants_reply: bool,
}

impl<E: Role> Walk<E> {
    pub(super) fn tell_all(&mut self) {
        while self.tell_one() {}
        let may_wait = self.endpoint.is_bound() && self.limits.ping_after.is_none();
        let waits = self.endpoint.poll_timeout().is_some();
        assert!(self.has_ended() || may_wait || waits, "stuck");
    }

    pub(super) fn tell_one(&mut self) -> bool {
        let Some(event) = self.endpoint.poll_event() else { return false };
        assert!(!self.has_ended(), "an event after the end");
        match E::told(event) {
            Told::Request(request) => self.requests.push(request),
            Told::Fate(tickets) => {
                for ticket in tickets {
                    let sent = self.tickets.get_mut(&ticket).expect("a ticket that was given out");
                    sent.fates += 1;
                    assert_eq!(sent.fates, 1, "{ticket:?} ends twice");
                }
            }
            Told::Reply(ticket) => {
                let sent = self.tickets.get_mut(&ticket).expect("a ticket that was given out");
                sent.replies += 1;
                assert!(sent.wants_reply && sent.replies == 1, "{ticket:?} is answered twice");
            }
            Told::Ended(why) => self.on_ended(why),
            Told::Other => {}
        }
        true
    }

    fn on_ended(&mut self, why: Ending) {
        self.ended = Some(why);
        for (ticket, sent) in &self.tickets {
            assert_eq!(sent.fates, 1, "what became of {ticket:?}?");
            assert_eq!(sent.replies, u32::from(sent.wants_reply), "{ticket:?}");
        }
    }

    pub(super) fn note_ticket(&mut self, sent: Result<Ticket, Misuse>, wants_reply: bool) {
        let Ok(ticket) = sent else { return };
        assert!(!self.has_ended(), "sent after the end");
        let last = self.tickets.last_key_value().map(|(last, _)| *last);
        assert!(last.is_none_or(|last| last < ticket), "tickets rise");
        self.tickets.insert(ticket, Sent { wants_reply, ..Sent::default() });
    }
}

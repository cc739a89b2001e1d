//! The delivery rules, without sockets.

mod iqs;
mod messages;
mod presences;
mod queues;

use bytestring::ByteString;
use xmpp_ws::condition::Condition;
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::jid::Jid;
use xmpp_ws::stanza::Stanza;

use super::{Order, Patience, Routed, Router, SessionId};

/// A router for Alice, Bob and Carol, who are not there yet.
fn router() -> Router {
    Router::new(
        "localhost",
        ["alice", "bob", "carol"].map(|name| jid(&format!("{name}@localhost"))),
    )
}

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

fn stanza(xml: &str) -> Stanza {
    match Decoder::default().decode(&ByteString::from(xml)) {
        Ok(Frame::Stanza(stanza)) => stanza,
        other => panic!("{xml} is no stanza: {other:?}"),
    }
}

impl Router {
    /// Binds `name@localhost/resource`.
    fn joined(&mut self, resource: &str) -> SessionId {
        self.bind(&jid(&resource.replace('/', "@localhost/"))).unwrap()
    }

    /// The same, available with this priority.
    fn available_as(&mut self, resource: &str, priority: i8) -> SessionId {
        let id = self.joined(resource);
        self.says(id, &format!("<presence><priority>{priority}</priority></presence>"));
        self.everything(id);
        id
    }

    fn says(&mut self, id: SessionId, xml: &str) {
        assert_eq!(self.route(id, &stanza(xml), None, Patience::Some), Routed::Done, "{xml}");
    }

    /// What there is for this session, as it is.
    fn everything(&mut self, id: SessionId) -> Vec<String> {
        let next = || match self.take(id, true)? {
            Order::Send(xml) => Some(xml.to_string()),
            Order::End(condition) => Some(condition.name().to_owned()),
        };
        std::iter::from_fn(next).collect()
    }

    /// What there is for this session, in short: its sender's resource, its type, and the id of each.
    fn heard(&mut self, id: SessionId) -> Vec<String> {
        let short = |xml: String| {
            let stanza = stanza(&xml);
            let from = stanza.from().map(|from| from.replace("@localhost", ""));
            let error = stanza.error().map(|error| error.name);
            [from.as_deref(), stanza.type_attribute().as_deref(), error.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        };
        self.everything(id).into_iter().map(short).collect()
    }
}

#[test]
fn the_newer_of_two_with_one_address_stays() {
    let mut router = router();
    let old = router.available_as("alice/desk", 0);
    let other = router.available_as("alice/phone", 0);
    router.everything(old);
    let new = router.joined("alice/desk");
    assert_eq!(router.everything(old), ["conflict"]);
    assert_eq!(router.heard(other), ["alice/desk unavailable"]);
    router.leave(old, &[]);
    let bob = router.joined("bob/b");
    router.says(bob, "<message to='alice@localhost/desk'/>");
    assert_eq!(router.heard(new), ["bob/b"]);
    assert_eq!(router.heard(other), [""; 0], "the old one's leaving is not told twice");
}

#[test]
fn only_a_known_account_can_be_bound() {
    assert!(router().bind(&jid("mallory@localhost/x")).is_err());
}

#[test]
fn resources_are_bounded() {
    let mut router = router();
    for number in 0..super::MAX_RESOURCES {
        router.joined(&format!("alice/{number}"));
    }
    assert!(router.bind(&jid("alice@localhost/more")).is_err());
    assert!(router.bind(&jid("bob@localhost/b")).is_ok());
}

#[test]
fn whoever_has_something_to_take_is_woken() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(alice, "<message to='bob@localhost/b'/>");
    router.says(alice, "<message to='nobody@localhost'/>");
    assert_eq!(router.poll_wake(), Some(alice));
    assert_eq!(router.poll_wake(), Some(bob));
    assert_eq!(router.poll_wake(), None);
}

#[test]
fn an_end_is_told_also_to_whom_nothing_can_be_sent() {
    let mut router = router();
    let (alice, old) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(alice, "<message to='bob@localhost/b'/>");
    assert_eq!(router.take(old, false), None);
    router.joined("bob/b");
    assert_eq!(router.take(old, false), Some(Order::End(Condition::Conflict)));
    assert_eq!(router.take(old, true), None);
    router.leave(old, &[]);
    assert_eq!(router.heard(alice), ["bob/b error recipient-unavailable"]);
}

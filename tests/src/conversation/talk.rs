//! A client with a server that is there to be used.

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws::error::Misuse;
use xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws_driver::{Io, Session};

use super::{ClientSide, Place};
use crate::random::Seeded;

/// Logs in, and leaves in good order.
pub async fn log_in_and_leave<A: ClientSide>(place: Place) -> String {
    let session = log_in::<A>(&place).await;
    leave(session).await;
    "pass".into()
}

/// Sends so many messages of all sizes to itself, which all come back, in order.
pub async fn both_ways<A: ClientSide>(place: Place, count: usize) -> String {
    let mut session = log_in::<A>(&place).await;
    let own = own(&session);
    let (mut sent, mut came) = (0, 0);
    while came < count {
        while sent < count {
            match session.send(message(&own, sent, size(sent))) {
                Ok(_) => sent += 1,
                Err(Misuse::Full) => break,
                Err(misuse) => panic!("{misuse}"),
            }
        }
        if let Some(stanza) = message_in(session.next().await) {
            check(&stanza, came, size(came));
            came += 1;
        }
    }
    leave(session).await;
    "pass".into()
}

/// Drops the wait for the next event so many times; nothing is lost or doubled.
pub async fn dropped_waits<A: ClientSide>(place: Place, count: usize) -> String {
    let mut session = log_in::<A>(&place).await;
    let own = own(&session);
    let (mut dropped, mut number) = (0, 0);
    while dropped < count || number < count / WAITS_A_MESSAGE {
        session.send(message(&own, number, 10)).expect("bound, and room");
        loop {
            let Some(event) = A::attempt(&mut session).await else {
                dropped += 1;
                A::breathe().await;
                continue;
            };
            if let Some(stanza) = message_in(event) {
                check(&stanza, number, 10);
                break;
            }
        }
        number += 1;
    }
    leave(session).await;
    "pass".into()
}

/// One message as long as the server takes it; it comes back whole.
pub async fn longest<A: ClientSide>(place: Place) -> String {
    let length = place.max_message_bytes.unwrap_or(LONG);
    let mut session = log_in::<A>(&place).await;
    let message = of_length(&own(&session), length);
    session.send(message.clone()).expect("bound, and short enough");
    let stanza = loop {
        if let Some(stanza) = message_in(session.next().await) {
            break stanza;
        }
    };
    let document = stanza.read();
    let body = document.root().children().find(|it| it.name() == "body").expect("a body").text();
    assert!(message.contains(&*body) && body.len() > length - 300, "{} bytes", body.len());
    leave(session).await;
    format!("pass ({length} bytes)")
}

/// One byte more than that; it is refused, by name.
pub async fn too_long<A: ClientSide>(place: Place) -> String {
    let Some(limit) = place.max_message_bytes else {
        return "it has no limit below ours".into();
    };
    let mut session = log_in::<A>(&place).await;
    match session.send(of_length(&own(&session), limit + 1)) {
        // The server has told its limit (XEP-0478).
        Err(Misuse::TooLong { length, limit: told }) => {
            assert_eq!((length, told), (limit + 1, limit));
            leave(session).await;
            "pass (not sent)".into()
        }
        Err(misuse) => panic!("{misuse}"),
        Ok(_) => match ending(&mut session).await {
            Ending::PeerError(error) => {
                assert_eq!(error.condition(), Condition::PolicyViolation);
                "pass (policy-violation)".into()
            }
            why => panic!("{why:?}"),
        },
    }
}

/// The server leaves first.
pub async fn left<A: ClientSide>(place: Place) -> String {
    if !place.leaves {
        return "it does not leave first".into();
    }
    let mut session = log_in::<A>(&place).await;
    let own = own(&session);
    session.send(format!("<message to='{own}'><subject>leave</subject></message>")).expect("bound");
    assert_eq!(ending(&mut session).await, Ending::Clean);
    "pass".into()
}

/// The certificate is not for this name, or by nobody trusted.
pub async fn distrusted<A: ClientSide>(place: Place, words: &str) -> String {
    let mut session = A::connect(place.trust.as_deref(), place.config());
    match ending(&mut session).await {
        Ending::NotConnected(error) => {
            assert_eq!(error.kind, DialErrorKind::Tls, "{error}");
            assert!(error.detail.contains(words), "{error}");
            "pass".into()
        }
        why => panic!("{why:?}"),
    }
}

/// A session that is bound.
pub async fn log_in<A: ClientSide>(place: &Place) -> Session<Client, A::Io> {
    let mut session = A::connect(place.trust.as_deref(), place.config());
    bound(&mut session).await;
    session.send("<presence/>").expect("bound");
    session
}

/// Goes on until the client is bound.
pub async fn bound<I: Io>(session: &mut Session<Client, I>) {
    loop {
        match session.next().await.expect("the end comes first") {
            ClientEvent::Bound(_) => return,
            ClientEvent::Ended(why) => panic!("{why:?}"),
            _ => {}
        }
    }
}

/// How it ends, with nothing after the last event.
pub async fn ending<I: Io>(session: &mut Session<Client, I>) -> Ending {
    loop {
        if let ClientEvent::Ended(why) = session.next().await.expect("the end comes first") {
            assert!(session.next().await.is_none(), "an event after the last");
            return why;
        }
    }
}

/// Leaves in good order.
pub async fn leave<I: Io>(mut session: Session<Client, I>) {
    session.close().expect("not over");
    assert_eq!(ending(&mut session).await, Ending::Clean);
}

/// The message, where one came.
pub fn message_in(event: Option<ClientEvent>) -> Option<Stanza> {
    match event.expect("the end comes first") {
        ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
            assert_eq!(stanza.error(), None, "{}", stanza.xml());
            Some(stanza)
        }
        ClientEvent::Ended(why) => panic!("{why:?}"),
        _ => None,
    }
}

/// The address that a session is bound to.
pub fn own<I: Io>(session: &Session<Client, I>) -> String {
    session.endpoint().jid().expect("bound").to_string()
}

fn message(to: &str, number: usize, size: usize) -> String {
    let body = "x".repeat(size);
    format!("<message to='{to}' type='chat' id='n{number}'><body>{body}</body></message>")
}

fn check(stanza: &Stanza, number: usize, size: usize) {
    assert_eq!(stanza.id().as_deref(), Some(format!("n{number}").as_str()), "out of order");
    let document = stanza.read();
    let body = document.root().children().find(|it| it.name() == "body").expect("a body").text();
    assert_eq!(body.len(), size, "the message {number}");
}

/// A message to itself that stays as long when the server puts the sender and the language there.
fn of_length(own: &str, length: usize) -> String {
    let bare = format!(
        "<message xmlns='jabber:client' to='{own}' from='{own}' xml:lang='en' type='chat'><body></body></message>"
    );
    let body = "y".repeat(length - bare.len());
    bare.replace("<body>", &format!("<body>{body}"))
}

/// The length of a message's body: most are short, some of a few KiB, a few of many.
fn size(number: usize) -> usize {
    let most = if number.is_multiple_of(100) { 20_000 } else { 500 };
    let bits = Seeded::new(number as u64).next_bits();
    usize::try_from(bits % most).expect("a length")
}

/// At most so many, on average.
const WAITS_A_MESSAGE: usize = 10;
const LONG: usize = 256 * 1024;

//! Sessions that outlast their connections (XEP-0198).

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{Server, TIME};
use crate::raw::Raw;

const PRESENCE: &str = "<presence xmlns='jabber:client'/>";
const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";
const CLOSE: &str = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

fn server(more: &[&str]) -> Server {
    Server::start(&[&["--allow-plaintext-auth"], more].concat())
}

fn message(to: &str, body: &str) -> String {
    format!("<message xmlns='jabber:client' type='chat' to='{to}'><body>{body}</body></message>")
}

fn ping(to: &str, id: &str) -> String {
    format!(
        "<iq xmlns='jabber:client' type='get' id='{id}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>"
    )
}

/// Waits until the server has noticed that this client's connection is gone: pings of it go unanswered, and nothing
/// is refused.
fn settle(other: &mut Raw) {
    sleep(Duration::from_millis(200));
    other.says(&ping("localhost", "settle"));
    other.until("id='settle'");
}

#[test]
fn a_cut_connection_loses_nothing() {
    let server = server(&[]);
    let (mut alice, id) = Raw::managed(&server, "alice", "a");
    let mut bob = Raw::bound(&server, "bob", "b");
    alice.says(PRESENCE);
    assert!(alice.stanza().contains("from='alice@localhost/a'"));
    bob.says(&message("alice@localhost/a", "1"));
    assert!(alice.stanza().contains("<body>1<"));
    // Under way when the connection is cut.
    alice.says(&ping("bob@localhost/b", "q"));
    let asked = bob.stanza();
    assert!(asked.contains("id='q'"), "{asked}");
    drop(alice);
    settle(&mut bob);
    bob.says("<iq xmlns='jabber:client' type='result' id='q' to='alice@localhost/a'/>");
    // Her presence is still there: what is for her account waits for her, too.
    for (to, body) in
        [("alice@localhost/a", "2"), ("alice@localhost", "3"), ("alice@localhost/a", "4")]
    {
        bob.says(&message(to, body));
    }
    settle(&mut bob);

    let mut alice = Raw::login(&server, "alice");
    // She has her presence and the first message; the server has her presence and her request.
    let resumed = alice.resumes(&id, 2);
    assert_eq!(resumed, format!("<resumed xmlns='urn:xmpp:sm:3' h='2' previd='{id}'/>"));
    let answer = alice.stanza();
    assert!(answer.contains("id='q'") && answer.contains("type='result'"), "{answer}");
    for body in ["<body>2<", "<body>3<", "<body>4<"] {
        let stanza = alice.stanza();
        assert!(stanza.contains(body), "{stanza}");
    }
    // It is the session of before: nothing is announced anew, both counts go on.
    alice.says(&message("bob@localhost/b", "5"));
    let stanza = bob.stanza();
    assert!(stanza.contains("<body>5<") && stanza.contains("from='alice@localhost/a'"), "{stanza}");
    alice.says(R);
    assert_eq!(alice.until("<a "), "<a xmlns='urn:xmpp:sm:3' h='3'/>");
    // And once more, with all acknowledged but the last.
    drop(alice);
    let mut alice = Raw::login(&server, "alice");
    assert!(alice.resumes(&id, 5).starts_with("<resumed "));
    assert!(alice.stanza().contains("<body>4<"));
}

#[test]
fn a_session_is_taken_from_a_connection_that_is_still_there() {
    let server = server(&[]);
    let (mut old, id) = Raw::managed(&server, "alice", "a");
    let mut bob = Raw::bound(&server, "bob", "b");
    bob.says(&message("alice@localhost/a", "1"));
    assert!(old.stanza().contains("<body>1<"));
    old.says(&message("bob@localhost/b", "0"));
    assert!(bob.stanza().contains("<body>0<"));
    let mut new = Raw::login(&server, "alice");
    assert_eq!(
        new.resumes(&id, 0),
        format!("<resumed xmlns='urn:xmpp:sm:3' h='1' previd='{id}'/>")
    );
    assert!(new.stanza().contains("<body>1<"));
    assert!(old.until("<stream:error").contains("<conflict "));
    old.until("<close ");
    bob.says(&message("alice@localhost/a", "2"));
    assert!(new.stanza().contains("<body>2<"));
    drop(old);
    settle(&mut bob);
    bob.says(&message("alice@localhost/a", "3"));
    assert!(new.stanza().contains("<body>3<"));
}

#[test]
fn who_does_not_come_back_in_time_is_gone() {
    let server = server(&["--resume-for", "1s"]);
    let (mut alice, id) = Raw::managed(&server, "alice", "a");
    let mut other = Raw::bound(&server, "alice", "other");
    let mut bob = Raw::bound(&server, "bob", "b");
    other.says(PRESENCE);
    other.stanza();
    alice.says(PRESENCE);
    alice.stanza();
    other.until("from='alice@localhost/a'");
    bob.says(&message("alice@localhost/a", "1"));
    alice.until("<body>1<");
    let begin = Instant::now();
    drop(alice);
    settle(&mut bob);
    bob.says(&message("alice@localhost/a", "2"));
    // Both come back: the one that was sent and not acknowledged, and the one that waited.
    for body in ["1", "2"] {
        let bounced = bob.stanza();
        assert!(bounced.contains("<recipient-unavailable "), "{body}: {bounced}");
    }
    assert!(begin.elapsed() >= Duration::from_secs(1), "{:?}", begin.elapsed());
    let gone = other.until("type='unavailable'");
    assert!(gone.contains("from='alice@localhost/a'"), "{gone}");
    // The server still knows what it had, and the stream goes on to bind.
    let mut alice = Raw::login(&server, "alice");
    let failed = alice.resumes(&id, 0);
    assert!(failed.starts_with("<failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found "), "{failed}");
    assert!(begin.elapsed() < TIME);
}

#[test]
fn nobody_resumes_what_is_not_theirs_or_not_there() {
    let server = server(&[]);
    let (alice, id) = Raw::managed(&server, "alice", "a");
    for (user, previd) in [("bob", &*id), ("alice", "nothing")] {
        let mut raw = Raw::login(&server, user);
        let failed = raw.resumes(previd, 0);
        assert!(failed.starts_with("<failed xmlns='urn:xmpp:sm:3'><item-not-found "), "{failed}");
    }
    drop(alice);
    let mut bob = Raw::bound(&server, "bob", "b");
    settle(&mut bob);
    assert!(Raw::login(&server, "bob").resumes(&id, 0).starts_with("<failed "));
    assert!(Raw::login(&server, "alice").resumes(&id, 0).starts_with("<resumed "));
}

#[test]
fn who_binds_the_same_address_takes_the_place_of_who_is_away() {
    let server = server(&[]);
    let (mut alice, id) = Raw::managed(&server, "alice", "a");
    let mut bob = Raw::bound(&server, "bob", "b");
    bob.says(&message("alice@localhost/a", "1"));
    alice.until("<body>1<");
    drop(alice);
    settle(&mut bob);
    let mut new = Raw::bound(&server, "alice", "a");
    assert!(bob.stanza().contains("<recipient-unavailable "));
    bob.says(&message("alice@localhost/a", "2"));
    assert!(new.stanza().contains("<body>2<"));
    assert!(Raw::login(&server, "alice").resumes(&id, 0).starts_with("<failed "));
}

#[test]
fn resumption_can_be_turned_off() {
    let server = server(&["--resume-for", "0"]);
    let mut alice = Raw::bound(&server, "alice", "a");
    alice.says("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    assert_eq!(alice.hears(), "<enabled xmlns='urn:xmpp:sm:3'/>");
    alice.says(R);
    assert_eq!(alice.hears(), "<a xmlns='urn:xmpp:sm:3' h='0'/>");
    let mut bob = Raw::bound(&server, "bob", "b");
    bob.says(&message("alice@localhost/a", "1"));
    alice.until("<body>1<");
    drop(alice);
    assert!(bob.stanza().contains("<recipient-unavailable "), "it is not known to be there");
}

#[test]
fn acknowledgements_are_asked_for_and_given() {
    let server = server(&[]);
    let (mut alice, _) = Raw::managed(&server, "alice", "a");
    let mut bob = Raw::bound(&server, "bob", "b");
    for number in 0..3 {
        alice.says(&message("bob@localhost/b", &number.to_string()));
        bob.stanza();
        alice.says(R);
        assert_eq!(alice.until("<a "), format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", number + 1));
    }
    bob.says(&message("alice@localhost/a", "1"));
    alice.until("<body>1<");
    alice.until("<r ");
    alice.says("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    let error = alice.until("<stream:error");
    assert!(error.contains("<handled-count-too-high "), "{error}");
    assert!(bob.stanza().contains("<recipient-unavailable "));
}

/// XEP-0198 § 4: as if it had been sent to somebody who is not there, however the session ended.
#[test]
fn what_was_not_acknowledged_when_a_session_ends_goes_back() {
    let server = server(&[]);
    let mut bob = Raw::bound(&server, "bob", "b");
    for last_words in [CLOSE, "<x", "<a xmlns='urn:xmpp:sm:3' h='77'/>"] {
        let (mut alice, _) = Raw::managed(&server, "alice", "a");
        for body in ["0", "1", "2"] {
            bob.says(
                &message("alice@localhost/a", body).replace(" to=", &format!(" id='{body}' to=")),
            );
            alice.until(&format!("<body>{body}<"));
        }
        alice.says("<a xmlns='urn:xmpp:sm:3' h='1'/>");
        alice.says(last_words);
        drop(alice);
        for id in ["1", "2"] {
            let bounced = bob.stanza();
            assert!(bounced.contains("<recipient-unavailable "), "{last_words}: {bounced}");
            assert!(bounced.contains(&format!(" id='{id}' ")), "{last_words}: {bounced}");
        }
        settle(&mut bob);
    }
}

#[test]
fn who_says_goodbye_is_gone_at_once() {
    let server = server(&[]);
    let mut bob = Raw::bound(&server, "bob", "b");
    let mut phone = Raw::bound(&server, "alice", "phone");
    phone.says("<presence xmlns='jabber:client'><priority>-1</priority></presence>");
    phone.stanza();
    let (mut alice, id) = Raw::managed(&server, "alice", "a");
    alice.says(PRESENCE);
    phone.until("from='alice@localhost/a'");
    // The WebSocket stays open: only the stream is closed.
    alice.says(CLOSE);
    alice.until("<close ");
    assert!(phone.stanza().contains("type='unavailable'"));
    bob.says(&message("alice@localhost", "1"));
    assert!(bob.stanza().contains("<service-unavailable "));
    phone.says(PRESENCE);
    phone.stanza();
    bob.says(&message("alice@localhost", "2"));
    assert!(phone.stanza().contains("<body>2<"));
    assert!(Raw::login(&server, "alice").resumes(&id, 0).starts_with("<failed "));
}

#[test]
fn who_owes_acknowledgements_is_read_on_so_that_they_come() {
    let server = server(&["--answer-timeout", "5s"]);
    let (mut alice, _) = Raw::managed(&server, "alice", "a");
    let mut bob = Raw::bound(&server, "bob", "b");
    // More than may be unacknowledged.
    let all: u32 = 1100;
    for number in 0..all {
        bob.says(&message("alice@localhost/a", &number.to_string()));
    }
    settle(&mut bob);
    // Her acknowledgement stands behind more than what is read at once.
    for number in 0..200 {
        alice.says(&message("bob@localhost/b", &number.to_string()));
    }
    let mut heard = 0;
    while heard < all {
        let stanza = alice.stanza();
        assert!(stanza.contains(&format!("<body>{heard}<")), "{stanza}");
        heard += 1;
        if heard % 500 == 0 {
            alice.says(&format!("<a xmlns='urn:xmpp:sm:3' h='{heard}'/>"));
        }
    }
    bob.until("<body>199<");
}

//! Users of one server who talk to each other.

use crate::process::Server;
use crate::raw::Raw;

#[test]
fn two_users_talk() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    let mut bob = server.login("bob@localhost/b");
    bob.says("<presence/>");
    assert!(bob.stanza().starts_with("<presence from='bob@localhost/b'"));

    let message = "<message to='bob@localhost' type='chat'><body>Hi &amp; \u{fc}</body></message>";
    alice.says(message);
    assert_eq!(alice.until("acked")["ticket"], 0);
    let heard = bob.stanza();
    assert!(heard.contains("from='alice@localhost/a'"), "{heard}");
    assert!(heard.contains("<body>Hi &amp; \u{fc}</body>"), "{heard}");
    bob.says("<message to='alice@localhost/a'><body>Ho</body></message>");
    assert!(alice.stanza().contains("<body>Ho</body>"));

    for mut client in [alice, bob] {
        client.ends_input();
        client.until("closed");
        assert_eq!(client.status().code(), Some(0));
    }
}

#[test]
fn a_request_that_nobody_answers_is_refused() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    let mut bob = server.login("bob@localhost/b");
    alice
        .says("<iq to='bob@localhost/b' type='get' id='1'><query xmlns='jabber:iq:version'/></iq>");
    assert!(bob.stanza().contains("jabber:iq:version"), "it is told all the same");
    let answer = alice.stanza();
    assert!(answer.contains("type='error'") && answer.contains("<service-unavailable"), "{answer}");
    alice.says("<iq to='bob@localhost/b' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert!(alice.stanza().contains("type='result'"));
}

#[test]
fn the_server_answers_what_is_for_it() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    for (request, expected) in [
        (
            "<iq type='get' id='1' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            "category='server'",
        ),
        (
            "<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>",
            "<query xmlns='jabber:iq:roster'/>",
        ),
        (
            "<iq type='get' id='3' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
            "type='result'",
        ),
        (
            "<iq type='set' id='4'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
            "type='result'",
        ),
        (
            "<iq type='get' id='5' to='localhost'><query xmlns='jabber:iq:version'/></iq>",
            "<name>xmpp-ws</name>",
        ),
        ("<iq type='get' id='6'><vCard xmlns='vcard-temp'/></iq>", "<service-unavailable"),
        (
            "<message to='bob@localhost'><body>Nobody is there</body></message>",
            "<service-unavailable",
        ),
        ("<message to='bob@elsewhere'/>", "<remote-server-not-found"),
        ("<message to='@'/>", "<jid-malformed"),
    ] {
        alice.says(request);
        let answer = alice.stanza();
        assert!(answer.contains(expected), "{request}: {answer}");
    }
}

#[test]
fn the_newer_of_two_with_one_address_stays() {
    let server = Server::start(&[]);
    let mut old = server.login("alice@localhost/a");
    let mut new = server.login("alice@localhost/a");
    assert_eq!(old.until("error")["condition"], "conflict");
    assert_eq!(old.status().code(), Some(1));
    new.says("<message to='alice@localhost/a'/>");
    assert!(new.stanza().starts_with("<message"));
}

#[test]
fn the_own_resources_learn_of_an_end_without_words() {
    // Otherwise it might come back.
    let server = Server::start(&["--resume-for", "0"]);
    let mut desk = server.login("alice@localhost/desk");
    let mut phone = server.login("alice@localhost/phone");
    desk.says("<presence/>");
    desk.stanza();
    phone.says("<presence/>");
    phone.stanza();
    assert!(desk.stanza().contains("alice@localhost/phone"));
    drop(phone);
    let gone = desk.stanza();
    assert!(
        gone.contains("type='unavailable'") && gone.contains("alice@localhost/phone"),
        "{gone}"
    );
}

/// RFC 6120 § 8.1.2.1: what a client sends becomes longer on its way, by the sender's address at least.
#[test]
fn what_the_server_says_it_takes_arrives() {
    let server = Server::start(&["--allow-plaintext-auth"]);
    let mut bob = Raw::bound(&server, "bob", "b");
    let mut alice = Raw::login(&server, "alice");
    alice.says(
        "<iq xmlns='jabber:client' type='set' id='b'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>a</resource></bind></iq>",
    );
    alice.until("type='result'");
    let sized = |length: usize, id: &str| {
        let (start, end) = (
            format!("<message xmlns='jabber:client' id='{id}' to='bob@localhost/b'><body>"),
            "</body></message>",
        );
        format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()))
    };
    alice.says(&sized(TOLD_MAX_BYTES, "told"));
    let heard = bob.stanza();
    assert!(heard.contains("id='told'") && heard.contains("from='alice@localhost/a'"));
    // What cannot be sent on is not to be tried again.
    alice.says(&sized(256 * 1024, "taken"));
    let refused = alice.stanza();
    assert!(refused.contains("id='taken'") && refused.contains("type='error'"), "{refused}");
    assert!(refused.contains("<error type='modify'><policy-violation "), "{refused}");
}

/// What the server announces (XEP-0478).
const TOLD_MAX_BYTES: usize = 247 * 1024;

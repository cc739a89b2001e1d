//! The language of a stream (RFC 6120 § 4.7.4), which a server writes into each stanza that has none (§ 8.1.5): what is
//! none goes nowhere, so that nobody can have a server send more than what it was sent.

use xmpp_ws::jid::Jid;
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::solo::{CLIENT_OPEN, SoloServer};

/// RFC 5646 § 4.4.1: 35 bytes are enough for all that are registered.
const LONGEST: usize = 64;

#[test]
fn what_is_no_language_is_not_the_streams() {
    let german = "de-CH-1996".to_owned();
    let longest = "x".repeat(LONGEST);
    for (said, taken) in [
        (german.clone(), german),
        (longest.clone(), longest),
        ("x".repeat(LONGEST + 1), "en".into()),
        ("x".repeat(10_000), "en".into()),
        (String::new(), "en".into()),
        ("de CH".into(), "en".into()),
        ("&lt;".into(), "en".into()),
    ] {
        let mut server = SoloServer::fresh();
        server.hears(CLIENT_OPEN.replace("xml:lang='en'", &format!("xml:lang='{said}'")));
        assert_eq!(server.endpoint.language(), Some(taken.as_str()), "{said:?}");
    }
}

#[test]
fn what_is_no_language_is_not_relayed() {
    let from: Jid = "alice@example.com/r".parse().expect("an address");
    for message in
        ["<message xmlns='jabber:client'/>", "<c:message xmlns:c='jabber:client'></c:message>"]
    {
        let mut server = SoloServer::bound();
        server.hears(message);
        let Some(ServerEvent::Stanza(stanza)) = server.tells() else { panic!("{message}") };
        assert!(stanza.relayed(&from, Some("de")).contains(" xml:lang='de'"), "{message}");
        for language in ["\u{7}", "", "d'e", &"x".repeat(LONGEST + 1)] {
            let relayed = stanza.relayed(&from, Some(language));
            assert_eq!(relayed, stanza.relayed(&from, None), "{language:?}");
        }
    }
}

//! Messages and presences made of what users wrote: nothing gets out of its place, and nothing changes.

use proptest::prelude::*;
use xmpp_ws::endpoint::ByteString;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::stanza::{Message, MessageKind, Presence, PresenceKind, Stanza, StanzaKind};
use xmpp_ws::xml::{Scanner, Unwritable};
use xmpp_ws_tests::pair::Pair;

/// What breaks out of XML that is made by hand.
const HOSTILE: &[&str] = &[
    "",
    "Hi!",
    "</body></message><message to='eve@example.com'>",
    "' to='eve@example.com",
    "\" onload=\"x",
    "&lt;&#0;&quot;",
    "]]>",
    "<![CDATA[",
    "a\tb\nc\rd\r\ne",
    "\u{85}\u{2028}\u{feff}",
    "\u{1F9C0} \u{10FFFD}",
];

#[test]
fn a_message_carries_what_was_put_into_it() {
    for value in HOSTILE {
        let stanza = delivered(
            Message::new("bob@example.com").kind(MessageKind::Chat).id(value).body(value).finish(),
        );
        assert_eq!(stanza.kind(), StanzaKind::Message);
        assert_eq!(stanza.to().as_deref(), Some("bob@example.com"));
        assert_eq!(stanza.type_attribute().as_deref(), Some("chat"));
        assert_eq!(stanza.id().as_deref(), Some(*value));
        let document = stanza.read();
        let children: Vec<_> = document.root().children().collect();
        assert_eq!(children.len(), 1, "{}", stanza.xml());
        assert!(children[0].is("body", ns::CLIENT));
        assert_eq!(children[0].text(), *value);
    }
}

#[test]
fn a_presence_carries_what_was_put_into_it() {
    for value in HOSTILE {
        let presence =
            Presence::new().id(value).status(value).language("en").finish_with(|writer| {
                writer.start("show", ns::CLIENT).text("away").end();
                writer.start("x", "urn:x").attribute("value", value);
            });
        let stanza = delivered(presence);
        assert_eq!(stanza.kind(), StanzaKind::Presence);
        assert_eq!((stanza.to(), stanza.type_attribute()), (None, None));
        assert_eq!(stanza.id().as_deref(), Some(*value));
        assert_eq!(stanza.language().as_deref(), Some("en"));
        let document = stanza.read();
        let root = document.root();
        assert_eq!(root.child("status", ns::CLIENT).expect("there").text(), *value);
        assert_eq!(root.child("show", ns::CLIENT).expect("there").text(), "away");
        let further = root.child("x", "urn:x").expect("there");
        assert_eq!(further.attribute("value").as_deref(), Some(*value));
        assert_eq!(root.children().count(), 3);
    }
}

#[test]
fn what_no_xml_can_carry_is_refused_wherever_it_stands() {
    const BAD: &str = "a\u{0}b\u{1}";
    let (to, message, presence) =
        ("bob@example.com", Message::new("bob@example.com"), Presence::new());
    let refused = [
        Message::new(BAD).finish(),
        message.id(BAD).finish(),
        message.from(BAD).finish(),
        message.language(BAD).finish(),
        message.body(BAD).finish(),
        message.finish_with(|writer| {
            writer.start("x", "urn:x").text(BAD).end();
        }),
        presence.to(BAD).finish(),
        presence.id(BAD).finish(),
        presence.from(BAD).finish(),
        presence.language(BAD).finish(),
        presence.status(BAD).finish(),
    ];
    for refused in refused {
        assert_eq!(refused.expect_err("it cannot be written").character, '\0');
    }
    assert!(Message::new(to).body("ab").finish().is_ok());
}

#[test]
fn it_is_written_as_the_standards_have_it() {
    let address = "bob@example.com";
    for kind in MessageKind::ALL {
        let expected = format!("<message xmlns='jabber:client' type='{kind}' to='{address}'/>");
        assert_eq!(Message::new(address).kind(*kind).finish().expect("plain"), expected);
    }
    for kind in PresenceKind::ALL {
        let expected = format!("<presence xmlns='jabber:client' type='{kind}' to='{address}'/>");
        let presence = Presence::new().to(address).kind(*kind);
        assert_eq!(presence.finish().expect("plain"), expected);
    }
    assert_eq!(Presence::new().finish().expect("plain"), "<presence xmlns='jabber:client'/>");
    let whole = Message::new("a").from("b").id("1").language("de").body("").finish();
    assert_eq!(
        whole.expect("plain"),
        "<message xmlns='jabber:client' id='1' to='a' from='b' xml:lang='de'><body/></message>"
    );
}

proptest! {
    #[test]
    fn whatever_can_be_written_is_one_element(to: String, id: String, body: String) {
        let Ok(text) = Message::new(&to).id(&id).body(&body).finish() else { return Ok(()) };
        let mut scanner = Scanner::new();
        let root = scanner.scan(&text, &XmlLimits::default());
        let document = root.expect("well-formed").read();
        let root = document.root();
        let (read_to, read_id) = (root.attribute("to"), root.attribute("id"));
        prop_assert_eq!(read_to.as_deref(), Some(&*to));
        prop_assert_eq!(read_id.as_deref(), Some(&*id));
        let read = root.child("body", ns::CLIENT).expect("there");
        prop_assert_eq!(read.text(), body);
        prop_assert_eq!(root.children().count(), 1);
    }
}

/// What the server's application gets of it.
fn delivered(written: Result<ByteString, Unwritable>) -> Stanza {
    let mut pair = Pair::bound();
    let written = written.expect("it can be written");
    pair.client.send(pair.now, written).expect("it can be sent");
    match pair.until_server(|event| matches!(event, ServerEvent::Stanza(_))) {
        ServerEvent::Stanza(stanza) => stanza,
        other => panic!("{other:?}"),
    }
}

//! A stanza with a prefix goes on without one (RFC 6120 § 4.8.5): the same, and no longer than what came by much.

use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::jid::Jid;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws_tests::infoset::{self, Item};

fn stanza(xml: &str, tolerance: Tolerance) -> Stanza {
    match Decoder::new(XmlLimits::default(), tolerance).decode(&xml.into()) {
        Ok(Frame::Stanza(stanza)) => stanza,
        other => panic!("{xml}: {other:?}"),
    }
}

/// What a stanza says, but for `from` and for text beside its children, which means nothing.
fn said(stanza: &Stanza) -> Vec<Item> {
    let mut items = infoset::of(stanza.read().root());
    items[0].attributes.remove(&(String::new(), "from".into()));
    items[0].text.clear();
    items
}

fn relayed(xml: &str) -> String {
    let from: Jid = "alice@example.com/r".parse().expect("an address");
    let came = stanza(xml, Tolerance::default());
    let relayed = came.relayed(&from, None);
    let copy = stanza(&relayed, Tolerance::strict());
    assert_eq!(copy.from().as_deref(), Some(from.as_str()), "{xml}");
    assert_eq!(said(&copy), said(&came), "{xml} became {relayed}");
    assert_eq!(copy.read().root().namespace(), ns::CLIENT);
    relayed.to_string()
}

#[test]
fn what_had_a_prefix_says_the_same_without_it() {
    for content in [
        "",
        "<c:body>Hi</c:body>",
        "<c:body>a &amp; b</c:body>text<c:subject xml:lang='en'><![CDATA[<]]></c:subject>",
        "<x/>",
        "<x a='1'><y/></x><y></y>",
        "<c:x><x/><a:y a:z='1' z='2'/></c:x>",
        "<x xmlns='urn:own'><y/><c:z/></x>",
        "<a:x xmlns:a='urn:own'><a:y/></a:x>",
        "<x xmlns=''><y xmlns='urn:own'/><y/></x>",
        "<x><x xmlns='urn:own'><x/></x><x><x/></x><n0:x xmlns:n0='urn:n'/></x>",
        "<b:x/><x\n>&lt;</x\n><x\t/>",
    ] {
        for declared in [
            "",
            " xmlns=''",
            " xmlns='urn:default'",
            " xmlns='jabber:client'",
            " xmlns='&#x75;rn:&amp;&apos;'",
        ] {
            for attributes in ["", " type='chat' a:b='1' xml:lang='en' from='x' id='&amp;'"] {
                relayed(&format!(
                    "<c:message xmlns:c='jabber:client' xmlns:a='urn:a' xmlns:b='urn:a'{declared}{attributes}>\
                     {content}</c:message>"
                ));
            }
        }
    }
}

/// Somebody who declares much for many elements has it declared once.
#[test]
fn what_many_elements_share_is_not_written_for_each() {
    let long = "n".repeat(20_000);
    for (declared, child) in [
        (format!("xmlns:a='{long}'"), "<a:x/>"),
        (format!("xmlns:a='{long}'"), "<x a:y=''/>"),
        (format!("xmlns='{long}'"), "<x/>"),
        (format!("xmlns='{long}'"), "<c:x><x/></c:x>"),
        (String::new(), "<x/>"),
        (String::new(), "<c:x/>"),
    ] {
        let content = child.repeat(5_000);
        let sent = format!("<c:message xmlns:c='jabber:client' {declared}>{content}</c:message>");
        let length = relayed(&sent).len();
        // The least that says of an element without a namespace that it has none is ` xmlns=''`.
        assert!(length < 4 * sent.len(), "{child}: {length} bytes of {}", sent.len());
    }
}

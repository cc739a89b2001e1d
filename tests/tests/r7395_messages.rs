//! RFC 7395 § 3.2 and § 3.3, row by row of the checklist: what a message is.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::{Violation, WebSocketFault};
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws_tests::solo::{
    CLIENT_OPEN, CLOSE, SERVER_OPEN, SoloClient, SoloServer, attribute, condition,
};

/// A message that is no message to a server: what is said back is an `<open/>` unless there was one, the error with
/// this condition, `<close/>`, and a close frame with this code.
fn refused_by_server(mut server: SoloServer, input: Input, expected: &str, code: u16) {
    let opened = server.endpoint.jid().is_some();
    server.sees(input.clone());
    let mut said = server.said();
    if !opened {
        assert!(said.remove(0).starts_with("<open "), "{input:?}");
    }
    let [error, close, hangup] = &said[..] else { panic!("{input:?}: {said:#?}") };
    assert_eq!(condition(error), expected, "{input:?}");
    assert_eq!((close.as_str(), hangup), (CLOSE, &format!("close {code}")), "{input:?}");
    server.sees(Input::Closed { code: Some(code) });
    assert!(matches!(server.ended(), Ending::Violated(_)), "{input:?}");
}

/// The same to a client, which has opened in any case.
fn refused_by_client(mut client: SoloClient, input: Input, expected: &str, code: u16) {
    client.sees(input.clone());
    let said = client.said();
    let [error, close, hangup] = &said[..] else { panic!("{input:?}: {said:#?}") };
    assert_eq!(condition(error), expected, "{input:?}");
    assert_eq!((close.as_str(), hangup), (CLOSE, &format!("close {code}")), "{input:?}");
    client.sees(Input::Closed { code: Some(code) });
    assert!(matches!(client.ended(), Ending::Violated(_)), "{input:?}");
}

/// Before `<open/>` and when bound, to both.
fn refused(text: &str, expected: &str) {
    refused_at_first(text, expected);
    refused_by_server(SoloServer::bound(), Input::Text(text.into()), expected, 1000);
    refused_by_client(SoloClient::bound(), Input::Text(text.into()), expected, 1000);
}

fn refused_at_first(text: &str, expected: &str) {
    refused_by_server(SoloServer::fresh(), Input::Text(text.into()), expected, 1000);
    refused_by_client(SoloClient::opening(), Input::Text(text.into()), expected, 1000);
}

fn decode(text: &str) -> Result<Frame, Violation> {
    Decoder::new(XmlLimits::default(), Tolerance::default()).decode(&text.into())
}

#[test]
fn r7395_3_2_a_binary_and_invalid_utf_8_end_the_stream() {
    for (input, expected, code) in [
        (Input::Binary, "bad-format", 1003),
        (Input::Unreadable(WebSocketFault::NotUtf8), "unsupported-encoding", 1007),
        (Input::Unreadable(WebSocketFault::TooLong), "policy-violation", 1009),
        (Input::Unreadable(WebSocketFault::Protocol), "bad-format", 1002),
    ] {
        refused_by_server(SoloServer::fresh(), input.clone(), expected, code);
        refused_by_server(SoloServer::bound(), input.clone(), expected, code);
        refused_by_client(SoloClient::opening(), input.clone(), expected, code);
        refused_by_client(SoloClient::bound(), input, expected, code);
    }
}

#[test]
fn r7395_3_3_1_a_open_starts_and_close_ends() {
    let Ok(Frame::Open(open)) = decode(
        "<open xml:lang=\"de\" version='1.0' id='i' from='a@b' to='b' \
         xmlns='urn:ietf:params:xml:ns:xmpp-framing'></open>",
    ) else {
        panic!("no open")
    };
    assert_eq!((open.to.as_deref(), open.from.as_deref()), (Some("b"), Some("a@b")));
    assert_eq!((open.id.as_deref(), open.language.as_deref()), (Some("i"), Some("de")));
    assert_eq!(open.version.map(|it| (it.major, it.minor)), Some((1, 0)));

    // Other attributes of <close/> are ignored.
    let mut server = SoloServer::bound();
    server.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' to='x' a='b'/>");
    assert_eq!(server.says(), CLOSE);
}

#[test]
fn r7395_3_3_2_a_another_namespace_is_no_open() {
    for header in [
        "<open to='example.com' version='1.0'/>",
        "<open xmlns='jabber:client' to='example.com' version='1.0'/>",
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>",
        "<message xmlns='jabber:client'/>",
        "<message xmlns='urn:x'/>",
        "<x xmlns='urn:x'/>",
    ] {
        refused_at_first(header, "invalid-namespace");
    }
    // The namespace decides, not the prefix; and its value, not how it is written.
    for header in [
        "<f:open xmlns:f='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framin&#103;' to='example.com' version='1.0'/>",
    ] {
        let mut server = SoloServer::fresh();
        server.hears(header);
        assert!(matches!(server.tells(), Some(ServerEvent::OpenRequested(_))), "{header}");
    }
}

#[test]
fn r7395_3_3_2_a_a_foreign_element_later_is_an_unsupported_stanza_type() {
    let text = Input::Text("<x xmlns='urn:x'/>".into());
    refused_by_server(SoloServer::bound(), text.clone(), "unsupported-stanza-type", 1000);
    refused_by_client(SoloClient::bound(), text, "unsupported-stanza-type", 1000);
}

#[test]
fn r7395_3_3_3_a_one_element_a_message() {
    for text in [
        "<message xmlns='jabber:client'/><message xmlns='jabber:client'/>",
        "<message xmlns='jabber:client'>",
        "</message>",
        "<message xmlns='jabber:client'/>text",
        "<message xmlns='jabber:client'/>&#32;",
        "<message xmlns='jabber:client'><p:x/></message>",
        "<p:message/>",
    ] {
        refused(text, "not-well-formed");
    }
}

#[test]
fn r7395_3_3_3_b_the_first_character_is_an_opening_bracket() {
    for text in ["", " ", "\n", " <message xmlns='jabber:client'/>", "\u{feff}<message/>", "x"] {
        refused(text, "not-well-formed");
    }
}

#[test]
fn r7395_3_3_3_c_a_declaration_is_tolerated_and_never_sent() {
    let declared = format!("<?xml version='1.0' encoding='utf-8'?>{CLIENT_OPEN}");
    let mut server = SoloServer::fresh();
    server.hears(declared).answer();
    assert_eq!(server.said().iter().filter(|said| said.starts_with("<?")).count(), 0);
    refused("<?xml version='1.0' encoding='iso-8859-1'?><message/>", "unsupported-encoding");
    refused("<?xml version='1.1'?><message/>", "not-well-formed");
}

#[test]
fn r7395_3_3_3_d_features_and_errors_declare_their_prefix_and_need_none() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).answer();
    let said = server.said();
    let declared = "xmlns:stream='http://etherx.jabber.org/streams'";
    assert!(said[1].starts_with(&format!("<stream:features {declared}>")), "{}", said[1]);
    server.hears("x");
    assert!(server.said()[0].starts_with(&format!("<stream:error {declared}>")));

    // The other way round: a receiver goes by namespace.
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN).hears(
        "<features xmlns='http://etherx.jabber.org/streams'><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
         </features>",
    );
    assert!(client.says().starts_with("<auth "));
    let mut client = SoloClient::bound();
    client.hears(
        "<error xmlns='http://etherx.jabber.org/streams'>\
         <conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>",
    );
    assert_eq!(client.says(), CLOSE);
}

#[test]
fn r7395_3_3_3_e_a_stanza_carries_its_namespace() {
    let mut client = SoloClient::bound();
    client.endpoint.send(client.now, "<presence/>").expect("bound");
    assert_eq!(client.says(), "<presence xmlns='jabber:client'/>");
    let mut server = SoloServer::bound();
    server.endpoint.send(server.now, "<iq type='get' id='1'><q xmlns='u'/></iq>").expect("bound");
    assert_eq!(server.says(), "<iq xmlns='jabber:client' type='get' id='1'><q xmlns='u'/></iq>");
}

#[test]
fn r7395_3_3_3_f_text_for_people_has_its_language() {
    // What is sent.
    let mut server = SoloServer::bound();
    server.hears("x");
    assert!(
        server.said()[0]
            .contains("<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>")
    );

    // What is delivered: the stream's language where the stanza has none, and never another.
    let mut server = SoloServer::fresh();
    let german = |open: &str| open.replace("xml:lang='en'", "xml:lang='de'");
    server.hears(german(CLIENT_OPEN)).answer();
    server.hears(xmpp_ws_tests::solo::PLAIN_AUTH).answer();
    assert_eq!(server.endpoint.language(), Some("de"));
    server.hears(CLIENT_OPEN.replace("xml:lang='en'", "xml:lang='fr'"));
    server.hears(xmpp_ws_tests::solo::BIND).answer();
    assert_eq!(server.endpoint.language(), Some("fr"), "the second stream has its own");
    server.hears("<message xmlns='jabber:client'/>");
    server.hears("<message xmlns='jabber:client' xml:lang='it'/>");
    let own = server.endpoint.jid().expect("bound").clone();
    let languages: Vec<String> = server
        .told()
        .into_iter()
        .map(|event| match event {
            ServerEvent::Stanza(stanza) => stanza.relayed(&own, Some("fr")),
            event => panic!("{event:?}"),
        })
        .map(|relayed| attribute(&relayed, "xml:lang"))
        .collect();
    assert_eq!(languages, ["fr", "it"]);

    // Who names no language speaks the one that it is answered in.
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN.replace(" xml:lang='en'", ""));
    assert_eq!(server.endpoint.language(), Some("en"));
}

#[test]
fn r6120_4_8_stanzas_go_out_unprefixed_and_count_by_namespace() {
    let mut client = SoloClient::bound();
    let prefixed = "<c:message xmlns:c='jabber:client'/>";
    assert!(client.endpoint.send(client.now, prefixed).is_err());
    client.hears(prefixed);
    assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))));
    let mut server = SoloServer::bound();
    server.hears(prefixed);
    let Some(ServerEvent::Stanza(stanza)) = server.tells() else { panic!("no stanza") };
    let own = server.endpoint.jid().expect("bound");
    assert_eq!(
        stanza.relayed(own, None),
        "<message xmlns='jabber:client' from='alice@example.com/r'/>"
    );
    for other in ["<message xmlns='jabber:server'/>", "<iq xmlns='urn:x'/>", "<presence xmlns=''/>"]
    {
        let text = Input::Text(other.into());
        refused_by_server(SoloServer::bound(), text.clone(), "invalid-namespace", 1000);
        refused_by_client(SoloClient::bound(), text, "invalid-namespace", 1000);
    }
}

#[test]
fn r6120_11_restricted_xml() {
    for text in [
        "<!-- --><message xmlns='jabber:client'/>",
        "<message xmlns='jabber:client'><!-- --></message>",
        "<message xmlns='jabber:client'><?p i?></message>",
        "<!DOCTYPE message><message xmlns='jabber:client'/>",
        "<message xmlns='jabber:client'>&nbsp;</message>",
    ] {
        refused(text, "restricted-xml");
    }
    for text in [
        "<message xmlns='jabber:client'><a></b></message>",
        "<message xmlns='jabber:client' a='1' a='2'/>",
        "<message xmlns='jabber:client'>\u{1}</message>",
    ] {
        refused(text, "not-well-formed");
    }
}

#[test]
fn r6120_11_5_standalone_changes_nothing() {
    let mut server = SoloServer::fresh();
    server.hears(format!("<?xml version='1.0' standalone='yes'?>{CLIENT_OPEN}"));
    assert!(matches!(server.tells(), Some(ServerEvent::OpenRequested(_))));
}

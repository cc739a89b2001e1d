//! Each limit, kept to at the limit and enforced one past it. `limits_of_time.rs` has those that are durations,
//! `discovery_limits.rs` those of discovery.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_ws::client::{ClientEvent, Iq};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input};
use xmpp_ws::error::{Misuse, Violation};
use xmpp_ws::limits::Limits;
use xmpp_ws::sasl::{Password, SaslFault};
use xmpp_ws::server::ServerEvent;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws_tests::managed::{REQUEST, answer};
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::solo::{
    BIND, CLIENT_OPEN, PLAIN_AUTH, PLAIN_FEATURES, SERVER_OPEN, SoloClient, SoloServer, condition,
};

const MESSAGE: &str = "<message xmlns='jabber:client'/>";

fn client(change: impl FnOnce(&mut Limits)) -> SoloClient {
    let mut config = client_config();
    change(&mut config.limits);
    SoloClient::bound_with(config)
}

fn fresh_server(change: impl FnOnce(&mut Limits)) -> SoloServer {
    let mut config = server_config();
    change(&mut config.limits);
    SoloServer::server(config, Connection::new(true))
}

/// A client with this limit takes the first message, and ends the stream over the second.
fn holds(change: impl Fn(&mut Limits), at: &str, past: &str) {
    let mut within = client(&change);
    within.hears(at);
    assert!(matches!(within.tells(), Some(ClientEvent::Stanza(_))), "{at}");
    let mut beyond = client(&change);
    beyond.hears(past);
    assert!(beyond.told().is_empty(), "{past}");
    let said = beyond.said();
    let error = said.first().expect("an error");
    assert_eq!(condition(error), "policy-violation", "{past}");
}

fn message(content: &str) -> String {
    format!("<message xmlns='jabber:client'>{content}</message>")
}

#[test]
fn xml_max_depth() {
    holds(
        |it| it.xml.max_depth = 5,
        &message("<a><b><c><d/></c></b></a>"),
        &message("<a><b><c><d><e/></d></c></b></a>"),
    );
}

#[test]
fn xml_max_attributes() {
    holds(
        |it| it.xml.max_attributes = 4,
        &message("<a a='1' b='2' c='3' d='4'/>"),
        &message("<a a='1' b='2' c='3' d='4' e='5'/>"),
    );
}

#[test]
fn xml_max_declarations() {
    holds(
        |it| it.xml.max_declarations = 4,
        &message("<a xmlns='u'><b xmlns:p='u'><c xmlns:q='v'/></b></a>"),
        &message("<a xmlns='u'><b xmlns:p='u'><c xmlns:q='v' xmlns:r='w'/></b></a>"),
    );
}

#[test]
fn xml_max_name_bytes() {
    let element = |bytes| message(&format!("<{}/>", "x".repeat(bytes)));
    holds(|it| it.xml.max_name_bytes = 20, &element(20), &element(21));
}

fn challenge(iterations: u32) -> SoloClient {
    let mut config = client_config();
    config.limits.scram.min_iterations = 10;
    config.limits.scram.max_iterations = 20;
    let mut client = SoloClient::opening_with(config);
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES.replace("PLAIN", "SCRAM-SHA-1"));
    let auth = client.says();
    let (_, data) = auth.split_once('>').expect("a tag");
    let data = BASE64_STANDARD.decode(data.trim_end_matches("</auth>")).expect("base64");
    let first = String::from_utf8(data).expect("text");
    let (_, nonce) = first.split_once("r=").expect("a nonce");
    let challenge = BASE64_STANDARD.encode(format!("r={nonce}more,s=c2FsdA==,i={iterations}"));
    client.hears(format!(
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{challenge}</challenge>"
    ));
    client
}

#[test]
fn scram_min_iterations() {
    assert!(matches!(challenge(10).tells(), Some(ClientEvent::KeysWanted(_))));
    let mut client = challenge(9);
    assert!(client.said()[0].starts_with("<abort "));
    client.sees(Input::Lost);
    let fault = SaslFault::TooFewIterations { asked: 9, least: 10 };
    assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(fault)));
}

#[test]
fn scram_max_iterations() {
    assert!(matches!(challenge(20).tells(), Some(ClientEvent::KeysWanted(_))));
    let mut client = challenge(21);
    client.sees(Input::Lost);
    let fault = SaslFault::TooManyIterations { most: 20 };
    assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(fault)));
}

/// A message of this many bytes.
fn sized(bytes: usize) -> String {
    message(&"x".repeat(bytes - message("").len()))
}

#[test]
fn max_message_bytes() {
    holds(|it| it.max_message_bytes = 400, &sized(400), &sized(401));
    let mut client = client(|it| it.max_message_bytes = 400);
    client.endpoint.send(client.now, sized(400)).expect("within the limit");
    let misuse = client.endpoint.send(client.now, sized(401));
    assert_eq!(misuse, Err(Misuse::TooLong { length: 401, limit: 400 }));
    // The WebSocket is closed with the code for it.
    client.said();
    client.hears(sized(401));
    assert_eq!(client.said().last().map(String::as_str), Some("close 1009"));
}

#[test]
fn max_message_bytes_unauthenticated() {
    let limit = CLIENT_OPEN.len();
    let set = |it: &mut Limits| it.max_message_bytes_unauthenticated = limit;
    let mut server = fresh_server(set);
    server.hears(CLIENT_OPEN);
    assert!(server.tells().is_some());
    let mut server = fresh_server(set);
    server.hears(CLIENT_OPEN.replace("/>", " />"));
    assert_eq!(condition(&server.said()[1]), "policy-violation");
    // Once the client has authenticated the other one holds.
    let mut config = server_config();
    set(&mut config.limits);
    config.limits.max_message_bytes = 300;
    let mut server = SoloServer::bound_with(config);
    server.hears(sized(300));
    assert!(matches!(server.tells(), Some(ServerEvent::Stanza(_))));
    server.hears(sized(301));
    assert_eq!(condition(&server.said()[0]), "policy-violation");
}

#[test]
fn max_queued_messages() {
    let mut client = client(|it| it.max_queued_messages = 3);
    for _ in 0..3 {
        assert!(client.endpoint.has_room());
        client.endpoint.send(client.now, MESSAGE).expect("room");
    }
    assert!(!client.endpoint.has_room());
    assert_eq!(client.endpoint.send(client.now, MESSAGE), Err(Misuse::Full));
}

#[test]
fn max_queued_bytes() {
    let mut client = client(|it| it.max_queued_bytes = 2 * MESSAGE.len() + 1);
    for _ in 0..3 {
        client.endpoint.send(client.now, MESSAGE).expect("less than the limit is queued");
    }
    assert_eq!(client.endpoint.send(client.now, MESSAGE), Err(Misuse::Full));
}

#[test]
fn max_queued_events() {
    let mut client = client(|it| it.max_queued_events = 3);
    for _ in 0..3 {
        assert!(client.endpoint.wants_input());
        client.hears(MESSAGE);
    }
    assert!(!client.endpoint.wants_input());
}

#[test]
fn max_held_messages() {
    let mut server = fresh_server(|it| it.max_held_messages = 3);
    server.hears(CLIENT_OPEN);
    for _ in 0..3 {
        server.hears(MESSAGE);
        assert_eq!(server.said(), [""; 0]);
    }
    server.hears(MESSAGE);
    assert_eq!(condition(&server.said()[1]), "policy-violation");
}

#[test]
fn max_pending_iqs() {
    let mut client = client(|it| it.max_pending_iqs = 2);
    let iq = || Iq::get("<ping xmlns='urn:xmpp:ping'/>");
    client.endpoint.iq(client.now, iq()).expect("room");
    client.endpoint.iq(client.now, iq()).expect("room");
    assert_eq!(client.endpoint.iq(client.now, iq()), Err(Misuse::Full));
    let id = xmpp_ws_tests::solo::attribute(&client.said()[0], "id");
    client.hears(format!("<iq xmlns='jabber:client' type='result' id='{id}'/>"));
    client.endpoint.iq(client.now, iq()).expect("room again");
}

#[test]
fn max_authentication_tries() {
    let mut server = fresh_server(|it| it.max_authentication_tries = 2);
    server.hears(CLIENT_OPEN).answer().said();
    for n in 1..=2 {
        server.hears(PLAIN_AUTH.replace("AGFs", "****"));
        assert_eq!(server.said().len(), if n < 2 { 1 } else { 4 });
    }
    // A client asks its user as often.
    let mut config = client_config();
    config.limits.max_authentication_tries = 2;
    config.password = None;
    let mut client = SoloClient::opening_with(config);
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
    for _ in 0..2 {
        let Some(ClientEvent::PasswordWanted(request)) = client.tells() else {
            panic!("not asked")
        };
        client.endpoint.password(client.now, request, &Password::new("x")).expect("asked");
        client.hears("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }
    assert!(client.told().is_empty());
}

#[test]
fn max_bind_tries() {
    let mut config = server_config();
    config.limits.max_bind_tries = 2;
    let mut server = SoloServer::authenticated_with(config);
    for n in 1..=2 {
        server.hears(BIND);
        let Some(ServerEvent::BindRequested(request)) = server.tells() else { panic!("{n}") };
        let refused = server.endpoint.refuse_bind(server.now, request, StanzaCondition::Conflict);
        refused.expect("just made");
        assert_eq!(server.said().len(), if n < 2 { 1 } else { 4 });
    }
}

fn managed(change: impl FnOnce(&mut Limits)) -> SoloClient {
    let mut config = client_config();
    change(&mut config.limits);
    SoloClient::managed_with(config)
}

#[test]
fn max_unacknowledged() {
    let mut client = managed(|it| it.max_unacknowledged = 2);
    // Those that are not written count, too.
    client.sends(MESSAGE);
    client.said();
    client.sends(MESSAGE);
    assert!(!client.endpoint.has_room());
    assert_eq!(client.endpoint.send(client.now, MESSAGE), Err(Misuse::Full));
    client.hears(answer(1));
    client.sends(MESSAGE);
}

#[test]
fn max_unacknowledged_bytes() {
    for (limit, has_room) in [(2 * MESSAGE.len() + 1, true), (2 * MESSAGE.len(), false)] {
        let mut client = managed(|it| it.max_unacknowledged_bytes = limit);
        client.sends(MESSAGE);
        client.said();
        client.sends(MESSAGE);
        assert_eq!(client.endpoint.has_room(), has_room);
    }
    // One is always taken, however long.
    managed(|it| it.max_unacknowledged_bytes = 1).sends(MESSAGE);
}

#[test]
fn request_every() {
    let mut client = managed(|it| it.request_every = 3);
    client.sends(MESSAGE).sends(MESSAGE);
    assert_eq!(client.said(), [MESSAGE; 2]);
    client.sends(MESSAGE);
    assert_eq!(client.said(), [MESSAGE, REQUEST]);
}

#[test]
fn each_limit_has_its_test() {
    let source = include_str!("../../core/src/limits.rs");
    let mut fields = Vec::new();
    let mut prefix = "";
    for line in source.lines() {
        match line {
            "pub struct Limits {" => prefix = "",
            "pub struct XmlLimits {" => prefix = "xml_",
            "pub struct ScramLimits {" => prefix = "scram_",
            _ => {}
        }
        let field = line.strip_prefix("    pub ").and_then(|line| line.split_once(": "));
        fields.extend(field.map(|(name, _)| [prefix, name].concat()));
    }
    fields.retain(|field| field != "xml" && field != "scram");
    assert_eq!(fields.len(), 32, "{fields:?}");
    let tests = [
        include_str!("limits.rs"),
        include_str!("limits_of_time.rs"),
        include_str!("discovery_limits.rs"),
    ];
    for field in fields {
        let test = format!("fn {field}()");
        assert!(tests.iter().any(|file| file.contains(&test)), "no {test}");
    }
}

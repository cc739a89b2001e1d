//! RFC 7395 § 3.4 and § 3.5, row by row of the checklist: how a stream opens, and how an error is told.

use std::time::Duration;

use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Input};
use xmpp_ws::error::Violation;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::solo::{
    BIND, CLIENT_OPEN, CLOSE, PLAIN_AUTH, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient,
    SoloServer, attribute, condition, stream_error,
};

/// A server that was opened by this, and what it said.
fn opened_by(open: &str) -> (SoloServer, Vec<String>) {
    let mut server = SoloServer::fresh();
    server.hears(open).answer();
    let said = server.said();
    (server, said)
}

/// The server refuses this `<open/>` with this condition: `<open/>`, the error, `<close/>`.
fn refused(open: &str, expected: &str) -> Vec<String> {
    let (_, said) = opened_by(open);
    let [header, error, close, hangup] = &said[..] else { panic!("{open}: {said:#?}") };
    assert!(header.starts_with("<open "), "{said:#?}");
    assert_eq!(condition(error), expected, "{open}");
    assert_eq!([close, hangup], [CLOSE, "close 1000"]);
    said
}

fn changed(open: &str, from: &str, to: &str) -> String {
    assert!(open.contains(from), "{open}");
    open.replace(from, to)
}

#[test]
fn r7395_3_4_a_the_client_opens() {
    let mut client = SoloClient::client(client_config(), Connection::new(true));
    let open = client.says();
    assert!(open.starts_with("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' "), "{open}");
    assert!(open.ends_with("/>"), "{open}");
    let sent = |name| attribute(&open, name);
    assert_eq!((sent("to"), sent("version")), ("example.com".into(), "1.0".into()));
    assert_eq!((sent("xml:lang"), sent("from")), ("en".into(), "alice@example.com".into()));
    assert!(!open.contains(" id="));

    let mut client = SoloClient::client(client_config(), Connection::new(false));
    assert!(!client.says().contains(" from="), "who asks is told in the clear");
}

#[test]
fn r7395_3_4_a_nobody_in_particular_shows_no_from() {
    let mut config = client_config();
    config.account = "example.com".parse().expect("an address");
    let mut client = SoloClient::client(config, Connection::new(true));
    assert!(!client.says().contains(" from="));
}

#[test]
fn r7395_3_4_b_the_server_answers_with_open_then_features() {
    let (_, said) = opened_by(CLIENT_OPEN);
    let [open, features] = &said[..] else { panic!("{said:#?}") };
    assert!(open.starts_with("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' "), "{open}");
    assert_eq!(attribute(open, "from"), "example.com");
    assert_eq!(attribute(open, "version"), "1.0");
    assert_eq!(attribute(open, "xml:lang"), "en");
    assert_eq!(attribute(open, "to"), "", "the client did not say who it is");
    assert!(attribute(open, "id").len() >= 22, "an id that can be guessed: {open}");
    assert!(features.starts_with("<stream:features "), "{features}");

    let mut other = SoloServer::fresh();
    other.hears(CLIENT_OPEN).answer();
    other.hears(PLAIN_AUTH).answer();
    other.hears(CLIENT_OPEN);
    let ids: Vec<String> = other
        .said()
        .iter()
        .filter(|said| said.starts_with("<open "))
        .map(|open| attribute(open, "id"))
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1], "an id is used once");
}

#[test]
fn r7395_3_4_b_the_server_may_answer_with_close() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN);
    let uri = "wss://elsewhere.example/ws".parse().expect("a URI");
    server.endpoint.move_to(server.now, &uri).expect("not over");
    let close = server.says();
    assert_eq!(attribute(&close, "see-other-uri"), "wss://elsewhere.example/ws");

    let mut client = SoloClient::opening();
    client.hears(close);
    assert_eq!(client.says(), CLOSE);
    client.sees(Input::Closed { code: Some(1000) });
    assert_eq!(client.ended(), Ending::Redirected("wss://elsewhere.example/ws".into()));
}

#[test]
fn r7395_3_4_c_anything_before_open_is_an_error_after_an_open() {
    for (text, expected) in [
        (PLAIN_AUTH, "invalid-namespace"),
        ("<message xmlns='jabber:client'/>", "invalid-namespace"),
        ("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "invalid-namespace"),
        ("nothing", "not-well-formed"),
    ] {
        let said = refused(text, expected);
        assert!(attribute(&said[0], "id").len() >= 22, "{said:#?}");
        assert_eq!(attribute(&said[0], "version"), "1.0");
    }
}

#[test]
fn r7395_3_4_d_another_from_is_judged_once_features_follow() {
    let other = changed(SERVER_OPEN, "from='example.com'", "from='other.example'");
    // An error tells more.
    let mut client = SoloClient::opening();
    client.hears(other.clone()).hears(stream_error("host-unknown"));
    assert_eq!(client.says(), CLOSE);
    client.sees(Input::Lost);
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(it) if it.condition() == Condition::HostUnknown));

    // With features it is another host's stream.
    let mut client = SoloClient::opening();
    client.hears(other);
    assert_eq!(client.said(), [""; 0]);
    client.hears(PLAIN_FEATURES);
    assert_eq!(condition(&client.said()[0]), "invalid-from");
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::Violated(Violation::OtherHost));
}

#[test]
fn r7395_3_4_d_an_absent_or_empty_from_or_id_is_tolerated() {
    for (what, instead) in [
        ("from='example.com'", ""),
        ("from='example.com'", "from=''"),
        ("from='example.com'", "from='EXAMPLE.com'"),
        ("id='s1'", ""),
        ("id='s1'", "id=''"),
    ] {
        let mut client = SoloClient::opening();
        client.hears(changed(SERVER_OPEN, what, instead)).hears(PLAIN_FEATURES);
        assert!(client.says().starts_with("<auth "), "{what} replaced by {instead:?}");
    }
}

#[test]
fn r7395_3_4_e_one_stream_a_websocket() {
    let twice: [fn() -> SoloServer; 3] =
        [SoloServer::opened, SoloServer::authenticated, SoloServer::bound];
    for server in twice {
        let mut server = server();
        server.hears(CLIENT_OPEN);
        let said = server.said();
        assert_eq!(condition(&said[0]), "policy-violation");
        assert_eq!(said[1..], [CLOSE, "close 1000"]);
        server.sees(Input::Lost);
        assert_eq!(server.ended(), Ending::Violated(Violation::OpenedTwice));
    }
    // A client puts up with a second one where it ends the stream.
    let mut client = SoloClient::bound();
    client.hears(SERVER_OPEN);
    assert_eq!(client.said(), [""; 0]);
    client.hears("<message xmlns='jabber:client'/>");
    assert_eq!(condition(&client.said()[0]), "policy-violation");
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::Violated(Violation::OpenedTwice));
}

#[test]
fn r7395_3_4_e_a_restart_is_opened_once() {
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH).answer();
    server.hears(CLIENT_OPEN).hears(CLIENT_OPEN);
    let said = server.said();
    assert_eq!(said.iter().filter(|it| it.starts_with("<open ")).count(), 1, "{said:#?}");
    assert_eq!(condition(&said[3]), "policy-violation");
}

#[test]
fn r7395_3_4_f_the_header_that_answers() {
    let answer = |open: &str| opened_by(open).1.remove(0);
    // The language that was asked for where it is spoken, else the first.
    let mut config = server_config();
    config.languages = vec!["en".into(), "de".into()];
    for (asked, given) in [("de", "de"), ("DE", "de"), ("fr", "en"), ("", "en")] {
        let mut server = SoloServer::server(config.clone(), Connection::new(true));
        let open = changed(CLIENT_OPEN, "xml:lang='en'", &format!("xml:lang='{asked}'"));
        server.hears(open).answer();
        assert_eq!(attribute(&server.said()[0], "xml:lang"), given, "asked for {asked:?}");
    }
    assert_eq!(attribute(&answer(&changed(CLIENT_OPEN, " xml:lang='en'", "")), "xml:lang"), "en");
    // To whom: the bare address.
    let named = changed(CLIENT_OPEN, " to=", " from='Alice@example.com/r' to=");
    assert_eq!(attribute(&answer(&named), "to"), "alice@example.com");
    let nonsense = changed(CLIENT_OPEN, " to=", " from='@' to=");
    assert!(!answer(&nonsense).contains(" to="));
    // The lower version, compared as two integers.
    for version in ["1.0", "1.1", "1.23456", "2.0", "01.00", "10.0", "99999999999.0"] {
        let open = changed(CLIENT_OPEN, "version='1.0'", &format!("version='{version}'"));
        assert_eq!(attribute(&answer(&open), "version"), "1.0", "{version}");
    }
}

#[test]
fn r7395_3_4_f_an_old_version_is_unsupported() {
    for version in
        ["", "version='0.9'", "version=''", "version='1'", "version='x.y'", "version='-1.0'"]
    {
        refused(&changed(CLIENT_OPEN, "version='1.0'", version), "unsupported-version");
    }
    let mut client = SoloClient::opening();
    client.hears(changed(SERVER_OPEN, "version='1.0'", "")).hears(PLAIN_FEATURES);
    assert_eq!(condition(&client.said()[0]), "unsupported-version");
}

#[test]
fn r7395_3_4_f_an_unknown_host_is_refused() {
    for to in ["", "to=''", "to='a b'", "to='alice@example.com'", "to='example.com/r'"] {
        let said = refused(&changed(CLIENT_OPEN, "to='example.com'", to), "host-unknown");
        // RFC 6120 § 4.9.1.3: the own name, or empty, and never the unknown host's.
        assert_eq!(attribute(&said[0], "from"), "", "{said:#?}");
    }
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN);
    let Some(ServerEvent::OpenRequested(request)) = server.tells() else { panic!("no request") };
    assert_eq!(request.to.as_str(), "example.com");
    let error = StreamError::new(Condition::HostUnknown);
    server.endpoint.refuse(server.now, request, error.clone()).expect("just made");
    let said = server.said();
    assert_eq!(condition(&said[1]), "host-unknown");
    assert!(said[0].contains(" from=''"), "{said:#?}");
    server.sees(Input::Lost);
    assert_eq!(server.ended(), Ending::OwnError(error));
}

#[test]
fn r7395_3_5_a_an_error_is_a_message_then_close_then_the_websockets() {
    let mut server = SoloServer::bound();
    let error = StreamError::new(Condition::Conflict).with_text("a newer one");
    server.endpoint.fail(server.now, error.clone()).expect("not over");
    let said = server.said();
    assert_eq!(condition(&said[0]), "conflict");
    assert_eq!(said[1..], [CLOSE, "close 1000"]);
    server.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    assert_eq!(server.ended(), Ending::OwnError(error));

    let mut client = SoloClient::bound();
    let error = StreamError::new(Condition::UndefinedCondition);
    client.endpoint.fail(client.now, error.clone()).expect("not over");
    assert_eq!(client.said()[1..], [CLOSE, "close 1000"]);
    client.wait(Duration::from_secs(2));
    assert_eq!(client.ended(), Ending::OwnError(error));
}

#[test]
fn r7395_3_5_b_an_error_while_the_stream_opens_is_three_messages() {
    for (open, expected) in [
        (changed(CLIENT_OPEN, "version='1.0'", ""), "unsupported-version"),
        (changed(CLIENT_OPEN, "to='example.com'", ""), "host-unknown"),
        (changed(CLIENT_OPEN, "xmpp-framing", "xmpp-frames"), "invalid-namespace"),
        (changed(CLIENT_OPEN, "/>", ">text</open>"), "bad-format"),
    ] {
        refused(&open, expected);
    }
    // The second stream opens just so.
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH).answer();
    server.said();
    server.hears(BIND);
    let said = server.said();
    assert_eq!(attribute(&said[0], "from"), "example.com");
    assert_eq!(condition(&said[1]), "invalid-namespace");
    assert_eq!(said[2..], [CLOSE, "close 1000"]);
}

#[test]
fn r7395_3_5_c_an_error_is_answered_with_close_in_time() {
    let mut client = SoloClient::bound();
    client.hears(stream_error("conflict"));
    assert_eq!(client.says(), CLOSE);
    client.wait(Duration::from_secs(5));
    assert_eq!(client.says(), "close 1000", "the server leaves the WebSocket open");
    client.wait(Duration::from_secs(2));
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(it) if it.condition() == Condition::Conflict));

    let mut server = SoloServer::bound();
    server.hears(stream_error("bad-format")).hears(CLOSE);
    assert_eq!(server.says(), CLOSE, "who ended it closes the WebSocket");
    server.sees(Input::Closed { code: None });
    assert!(matches!(server.ended(), Ending::PeerError(_)));
}

#[test]
fn r7395_3_5_c_an_unknown_condition_is_carried() {
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN).hears(
        "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
         <too-many xmlns='urn:x' n='1'/><gone-fishing xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='de'>fort</text></stream:error>",
    );
    client.sees(Input::Lost);
    let Ending::PeerError(error) = client.ended() else { panic!("no error") };
    assert_eq!(error.condition(), Condition::UndefinedCondition);
    assert_eq!(error.name, "gone-fishing");
    let text = error.text.expect("a text");
    assert_eq!((text.content.as_str(), text.language.as_deref()), ("fort", Some("de")));
    assert!(error.application.expect("one").contains("too-many"));
}

#[test]
fn r7395_3_5_c_an_error_is_sent_in_its_order() {
    let mut server = SoloServer::bound();
    let mut error = StreamError::new(Condition::UndefinedCondition).with_text("why");
    error.application = Some("<x xmlns='urn:x'/>".into());
    server.endpoint.fail(server.now, error).expect("not over");
    let said = server.said().remove(0);
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("no {what} in {said}"));
    assert!(at("<undefined-condition ") < at("<text ") && at("<text ") < at("<x "), "{said}");
}

#[test]
fn r7395_3_5_c_each_condition_arrives() {
    for condition in Condition::ALL {
        let mut client = SoloClient::authenticating();
        client.hears(SUCCESS).said();
        client.hears(stream_error(condition.name()));
        assert_eq!(client.says(), CLOSE);
        client.sees(Input::Lost);
        let why = client.ended();
        assert!(matches!(&why, Ending::PeerError(error) if error.condition() == *condition));
    }
}

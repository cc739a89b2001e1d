//! Requests of one's own and their answers (RFC 6120 § 8.2.3); and that every state but the open one has a deadline.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent, Iq, Reply};
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Input, Ticket};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{REQUEST, lasting_config, resumed};
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{
    CLIENT_OPEN, CLOSE, PLAIN_AUTH, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, SoloServer,
    attribute, stream_error,
};

const QUERY: &str = "<q xmlns='urn:q'/>";
const PING: &str = "<ping xmlns='urn:xmpp:ping'/>";

fn answer(id: &str, from: &str, kind: &str, content: &str) -> String {
    let from = if from.is_empty() { String::new() } else { format!(" from='{from}'") };
    format!("<iq xmlns='jabber:client' type='{kind}' id='{id}'{from}>{content}</iq>")
}

#[test]
fn a_request_is_answered_once() {
    let mut client = SoloClient::bound();
    let ticket = client.endpoint.iq(client.now, Iq::get(PING)).expect("bound");
    let request = client.says();
    assert_eq!(attribute(&request, "type"), "get");
    let id = attribute(&request, "id");
    assert!(id.len() >= 22, "an id that can be guessed: {id}");
    client.told();
    client.hears(answer(&id, "", "result", ""));
    let event = client.tells();
    let Some(ClientEvent::Reply { ticket: of, reply: Reply::Result(_) }) = event else {
        panic!("{event:?}")
    };
    assert_eq!(of, ticket);
    client.hears(answer(&id, "", "result", ""));
    assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))), "answered twice");
    client.wait(Duration::from_secs(61));
    assert!(client.told().is_empty(), "it is out of time though it was answered");
}

#[test]
fn an_error_is_read() {
    let mut client = SoloClient::bound();
    client.endpoint.iq(client.now, Iq::set(PING)).expect("bound");
    let id = attribute(&client.says(), "id");
    client.told();
    let error = "<error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    client.hears(answer(&id, "example.com", "error", error));
    let event = client.tells();
    let Some(ClientEvent::Reply { reply: Reply::Error(_, error), .. }) = event else {
        panic!("{event:?}")
    };
    assert_eq!(error.name, "item-not-found");
}

#[test]
fn who_may_answer() {
    let account = ["", "alice@example.com", "alice@example.com/r", "example.com"];
    let others = ["bob@example.com", "alice@example.com/other", "eve@example.com/r", "@"];
    let table: &[(&str, &[&str])] = &[
        ("", &account),
        ("example.com", &account),
        ("alice@example.com", &account),
        ("bob@example.com", &["bob@example.com", "BOB@example.com"]),
    ];
    for (to, right) in table {
        for from in account.iter().chain(&others).chain(&["BOB@example.com"]) {
            let mut client = SoloClient::bound();
            let iq = Iq::get(PING);
            let iq = if to.is_empty() { iq } else { iq.to(to.parse().expect("an address")) };
            client.endpoint.iq(client.now, iq).expect("bound");
            let id = attribute(&client.says(), "id");
            client.told();
            client.hears(answer(&id, from, "result", ""));
            let is_reply = matches!(client.tells(), Some(ClientEvent::Reply { .. }));
            assert_eq!(is_reply, right.contains(from), "to {to:?} answered from {from:?}");
        }
    }
}

#[test]
fn only_an_iq_of_the_right_type_answers() {
    let mut client = SoloClient::bound();
    client.endpoint.iq(client.now, Iq::get(PING)).expect("bound");
    let id = attribute(&client.says(), "id");
    client.told();
    for text in [
        answer(&id, "", "get", QUERY),
        answer(&id, "", "set", QUERY),
        answer(&id, "", "result", "").replace("iq", "message"),
        answer("other", "", "result", ""),
    ] {
        client.hears(text);
        assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))));
    }
}

#[test]
fn what_is_unanswered_at_the_end_is_told() {
    let mut client = SoloClient::bound();
    let written = client.endpoint.iq(client.now, Iq::get(PING)).expect("bound");
    client.says();
    let left = client.endpoint.iq(client.now, Iq::get(PING)).expect("bound");
    client.sees(Input::Lost);
    let (mut replies, mut fates) = (Vec::new(), Vec::new());
    for event in client.told() {
        match event {
            ClientEvent::Reply { ticket, reply: Reply::None } => replies.push(ticket),
            ClientEvent::Unconfirmed(ticket) => fates.push(ticket),
            ClientEvent::Undelivered(list) => fates.extend(list.iter().map(|it| it.ticket)),
            ClientEvent::Ended(_) => {}
            event => panic!("{event:?}"),
        }
    }
    assert_eq!((replies, fates), (vec![written, left], vec![written, left]));
}

#[test]
fn what_cannot_be_sent_is_refused_and_changes_nothing() {
    let mut client = SoloClient::bound();
    for content in ["", "text", "<a>", "<a xmlns='u'/><b xmlns='u'/>", "<p:a/>"] {
        let refused = client.endpoint.iq(client.now, Iq::get(content));
        assert!(matches!(refused, Err(Misuse::Xml(_))), "{content}: {refused:?}");
    }
    for stanza in ["", "<a/>", "<message>", "<iq/>", "<iq type='get'/>", "<iq id='1' type='x'/>"] {
        assert!(client.endpoint.send(client.now, stanza).is_err(), "{stanza}");
    }
    assert_eq!(client.said(), [""; 0]);
    let mut client = SoloClient::authenticating();
    assert_eq!(client.endpoint.iq(client.now, Iq::get(PING)), Err(Misuse::NotNow));
}

#[test]
fn in_every_state_of_a_client_a_deadline_is_running() {
    let mut config = client_config();
    config.password = None;
    config.limits.ping_after = None;
    let dialing = Client::new(config.clone(), Seeded::boxed(1), Instant::ORIGIN);
    assert!(dialing.poll_timeout().is_some());
    let mut client = SoloClient::client(config, Connection::new(true));
    let features = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
                    <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
                    <session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></stream:features>";
    for text in [SERVER_OPEN, PLAIN_FEATURES, "", SUCCESS, SERVER_OPEN, features, "bind", "session"]
    {
        assert!(client.endpoint.poll_timeout().is_some(), "stuck before {text}");
        match text {
            "" => {
                let Some(ClientEvent::PasswordWanted(request)) = client.tells() else { panic!() };
                let password = xmpp_ws::sasl::Password::new("secret");
                client.endpoint.password(client.now, request, &password).expect("asked");
            }
            "bind" => {
                let id = attribute(&client.said().pop().expect("a request"), "id");
                client.hears(xmpp_ws_tests::solo::bound(&id));
            }
            "session" => {
                let id = attribute(&client.says(), "id");
                client.hears(answer(&id, "", "result", ""));
            }
            text => drop(client.hears(text)),
        }
    }
    assert!(matches!(client.tells(), Some(ClientEvent::Bound(_))));
    assert_eq!(client.endpoint.poll_timeout(), None, "an open stream may wait for ever");
    client.hears(stream_error("conflict"));
    assert!(client.endpoint.poll_timeout().is_some());
}

#[test]
fn in_every_state_of_a_server_a_deadline_is_running() {
    let mut config = server_config();
    config.limits.ping_after = None;
    let mut server = SoloServer::server(config, Connection::new(true));
    for text in [CLIENT_OPEN, PLAIN_AUTH, CLIENT_OPEN, xmpp_ws_tests::solo::BIND] {
        assert!(server.endpoint.poll_timeout().is_some(), "stuck before {text}");
        server.hears(text);
        assert!(server.endpoint.poll_timeout().is_some(), "stuck after {text}");
        server.answer();
        // What waits to be written has a deadline, too.
        server.said();
    }
    server.sees(Input::Pong);
    assert_eq!(server.endpoint.poll_timeout(), None, "an open stream may wait for ever");
    server.hears(CLOSE);
    assert!(server.endpoint.poll_timeout().is_some());
}

/// It would be obeyed later, though its sender was told that nobody answered.
#[test]
fn a_request_that_waits_for_a_connection_is_not_given_up_before_it_is_said() {
    let mut config = lasting_config();
    config.limits.request_after = Duration::from_secs(1000);
    let mut client = SoloClient::managed_with(config);
    let written = client.endpoint.iq(client.now, Iq::get(PING)).expect("bound");
    let first = attribute(&client.says(), "id");
    client.wait(Duration::from_secs(20));
    // The second is not even written when the connection is cut.
    let mut tickets = vec![client.endpoint.iq(client.now, Iq::set(PING)).expect("bound")];
    client.is_cut();
    tickets.push(client.endpoint.iq(client.now, Iq::set(PING)).expect("it will be said"));
    for _ in 0..10 {
        client.dials();
        client.wait(Duration::from_secs(29));
        let error = DialError::new(DialErrorKind::Unreachable, "nobody there");
        client.sees(Input::ConnectFailed(error));
    }
    let replies = |client: &mut SoloClient| -> Vec<Ticket> {
        let reply = |event| match event {
            ClientEvent::Reply { ticket, reply: Reply::None } => Some(ticket),
            _ => None,
        };
        client.told().into_iter().filter_map(reply).collect()
    };
    assert_eq!(replies(&mut client), [written], "the one that was asked");
    client.dials();
    client.logs_in_again();
    client.says();
    client.hears(resumed(0));
    let said = client.said();
    assert_eq!((said.len(), said[3].as_str()), (4, REQUEST));
    assert_eq!(attribute(&said[0], "id"), first);
    client.wait(Duration::from_secs(30)).hears(answer(&first, "", "result", ""));
    client.wait(Duration::from_nanos(29_999_999_999));
    assert_eq!(replies(&mut client), []);
    client.wait(Duration::from_nanos(1));
    assert_eq!(replies(&mut client), tickets);
}

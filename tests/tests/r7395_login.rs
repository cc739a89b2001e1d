//! RFC 7395 § 3.7 to § 3.9 and § 6, row by row of the checklist: restart, keepalive, STARTTLS, security.

use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Input};
use xmpp_ws::error::Violation;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::solo::{
    BIND, CLIENT_OPEN, CLOSE, PLAIN_AUTH, SERVER_OPEN, SUCCESS, SoloClient, SoloServer, attribute,
    condition,
};

fn features(mechanisms: &[&str]) -> String {
    let list = mechanisms.join("</mechanism><mechanism>");
    format!(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><starttls \
         xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>{list}</mechanism></mechanisms>\
         </stream:features>"
    )
}

/// What a client chooses of these, if anything.
fn chosen(secure: bool, mechanisms: &[&str]) -> Option<String> {
    let mut client = SoloClient::client(client_config(), Connection::new(secure));
    client.says();
    client.hears(SERVER_OPEN).hears(features(mechanisms));
    let said = client.says();
    (said != CLOSE).then(|| attribute(&said, "mechanism"))
}

#[test]
fn r7395_3_7_a_the_client_begins_anew_without_close() {
    let mut client = SoloClient::authenticating();
    client.hears(SUCCESS);
    let open = client.says();
    assert!(open.starts_with("<open "), "{open}");
    assert_eq!(attribute(&open, "to"), "example.com");
    // The features may be empty, but they are waited for.
    client.hears(SERVER_OPEN);
    assert_eq!(client.said(), [""; 0]);
    client.hears("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>");
    assert_eq!(condition(&client.said()[0]), "bad-format", "there is nothing to bind with");
}

#[test]
fn r7395_3_7_a_the_server_begins_anew_with_another_id() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).answer();
    let first = attribute(&server.said()[0], "id");
    server.hears(PLAIN_AUTH).answer();
    assert_eq!(server.says(), SUCCESS);
    server.hears(CLIENT_OPEN);
    let said = server.said();
    assert_ne!(attribute(&said[0], "id"), first);
    assert_eq!(attribute(&said[0], "from"), "example.com");
    assert!(said[1].starts_with("<stream:features "), "{said:#?}");
}

#[test]
fn r7395_3_7_a_the_second_stream_is_the_same_hosts() {
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH).answer();
    server.says();
    server.hears(CLIENT_OPEN.replace("example.com", "example.org"));
    let said = server.said();
    assert_eq!(attribute(&said[0], "from"), "example.com");
    assert_eq!(condition(&said[1]), "host-unknown");
}

#[test]
fn r7395_3_7_a_the_second_open_has_its_time_limit() {
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH).answer();
    server.says();
    server.wait(Duration::from_secs(30));
    assert_eq!(condition(&server.said()[1]), "connection-timeout");
    server.sees(Input::Lost);
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Open));
}

#[test]
fn r7395_3_8_a_no_white_space_but_pings() {
    let mut client = SoloClient::bound();
    let mut server = SoloServer::bound();
    client.wait(Duration::from_secs(50));
    server.wait(Duration::from_secs(50));
    assert_eq!((client.says(), server.says()), ("ping".into(), "ping".into()));
    // XEP-0199 from the other side.
    let ping = "<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>";
    client.hears(ping);
    server.hears(ping);
    let pong = "<iq xmlns='jabber:client' type='result' id='1'/>";
    assert_eq!((client.says(), server.says()), (pong.into(), pong.into()));
    // And white space is none.
    client.hears(" ");
    assert_eq!(condition(&client.said()[0]), "not-well-formed");
}

#[test]
fn r7395_3_9_a_starttls_fails_whenever_it_comes() {
    let moments: [fn() -> SoloServer; 3] =
        [SoloServer::opened, SoloServer::authenticated, SoloServer::bound];
    for server in moments {
        let mut server = server();
        server.hears("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        assert_eq!(server.said(), ["<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", CLOSE]);
        server.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
        assert_eq!(server.ended(), Ending::Violated(Violation::Starttls));
    }
}

#[test]
fn r7395_3_9_a_starttls_is_never_offered() {
    for secure in [true, false] {
        let mut server = SoloServer::server(server_config(), Connection::new(secure));
        server.hears(CLIENT_OPEN).answer();
        assert!(!server.said().iter().any(|said| said.contains("tls")));
    }
}

#[test]
fn r7395_3_9_b_an_offered_starttls_is_passed_over() {
    assert_eq!(chosen(true, &["PLAIN"]).as_deref(), Some("PLAIN"));
    assert_eq!(chosen(false, &["SCRAM-SHA-1"]).as_deref(), Some("SCRAM-SHA-1"));
}

#[test]
fn r7395_6_b_the_client_takes_the_strongest_and_plain_only_over_tls() {
    assert_eq!(chosen(true, &["PLAIN", "SCRAM-SHA-1"]).as_deref(), Some("SCRAM-SHA-1"));
    assert_eq!(
        chosen(true, &["SCRAM-SHA-1", "SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]).as_deref(),
        Some("SCRAM-SHA-512")
    );
    assert_eq!(chosen(false, &["PLAIN"]), None);
    assert_eq!(chosen(true, &["X-OAUTH2", "SCRAM-SHA-1-PLUS"]), None);
    let mut client = SoloClient::client(client_config(), Connection::new(false));
    client.says();
    client.hears(SERVER_OPEN).hears(features(&["PLAIN", "X-OAUTH2"]));
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::NoMechanism(vec!["PLAIN".into(), "X-OAUTH2".into()]));
}

#[test]
fn r7395_6_b_the_server_offers_plain_only_over_tls() {
    let mut server = SoloServer::server(server_config(), Connection::new(false));
    server.hears(CLIENT_OPEN).answer();
    let said = server.said();
    assert!(!said[1].contains("PLAIN") && said[1].contains("SCRAM-SHA-1"), "{said:#?}");
    server.hears(PLAIN_AUTH);
    assert!(server.says().contains("<invalid-mechanism/>"));
}

#[test]
fn r7395_6_c_a_client_may_fail_to_authenticate_a_few_times() {
    let mut server = SoloServer::opened();
    for n in 1..=5 {
        server.hears(PLAIN_AUTH);
        let Some(ServerEvent::PasswordPresented(request)) = server.tells() else { panic!("{n}") };
        server.endpoint.authenticate(server.now, request.reject()).expect("just made");
        let said = server.said();
        assert!(said[0].contains("<not-authorized/>"), "{said:#?}");
        assert_eq!(said.len(), if n < 5 { 1 } else { 4 });
        if n == 5 {
            assert_eq!(condition(&said[1]), "policy-violation");
        }
    }
    server.sees(Input::Lost);
    assert_eq!(server.ended(), Ending::Violated(Violation::TooManyTries));
}

#[test]
fn r7395_6_c_a_client_may_fail_to_bind_a_few_times() {
    use xmpp_ws::stanza_error::StanzaCondition;
    let mut server = SoloServer::authenticated();
    for n in 1..=5 {
        server.hears(BIND);
        let Some(ServerEvent::BindRequested(request)) = server.tells() else { panic!("{n}") };
        let refused = server.endpoint.refuse_bind(server.now, request, StanzaCondition::Conflict);
        refused.expect("just made");
        let said = server.said();
        assert!(said[0].contains("<conflict "), "{said:#?}");
        assert_eq!(said.len(), if n < 5 { 1 } else { 4 });
    }
    server.sees(Input::Lost);
    assert_eq!(server.ended(), Ending::Violated(Violation::TooManyBinds));
}

#[test]
fn r7395_6_c_resources_that_cannot_be_count_as_tries_too() {
    let mut server = SoloServer::authenticated();
    let illegal = BIND.replace("<resource>r<", "<resource>&#xE000;<");
    let mut said = Vec::new();
    for _ in 0..5 {
        server.hears(illegal.clone());
        said = server.said();
        assert!(said[0].contains("<bad-request "), "{said:#?}");
    }
    assert_eq!(said.len(), 4, "{said:#?}");
}

#[test]
fn r7395_6_c_the_way_to_a_resource_has_its_time_limit() {
    for mut server in [SoloServer::opened(), SoloServer::authenticated()] {
        server.wait(Duration::from_secs(60));
        assert_eq!(condition(&server.said()[0]), "connection-timeout");
        server.sees(Input::Lost);
        assert_eq!(server.ended(), Ending::TimedOut(Timer::Negotiate));
    }
    let mut server = SoloServer::fresh();
    server.wait(Duration::from_secs(30));
    let said = server.said();
    assert_eq!((condition(&said[1]), said.len()), ("connection-timeout".into(), 4));
    let mut client = SoloClient::opening();
    client.wait(Duration::from_secs(30));
    assert_eq!(condition(&client.said()[0]), "connection-timeout");
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Open));
    let mut client = SoloClient::authenticating();
    client.wait(Duration::from_secs(60)).sees(Input::Lost);
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Negotiate));
}

#[test]
fn r7395_6_c_the_default_mechanisms_are_what_they_should_be() {
    let with_an_account = [
        Mechanism::ScramSha512Plus,
        Mechanism::ScramSha256Plus,
        Mechanism::ScramSha1Plus,
        Mechanism::ScramSha512,
        Mechanism::ScramSha256,
        Mechanism::ScramSha1,
        Mechanism::Plain,
    ];
    let (last, rest) =
        client_config().mechanisms.split_last().map(|(it, rest)| (*it, rest.to_vec())).unwrap();
    assert_eq!(rest, with_an_account);
    // For guests alone: a client with an account never uses it.
    assert_eq!(last, Mechanism::Anonymous);
}

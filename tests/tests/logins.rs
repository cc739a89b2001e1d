//! Logins without a password: EXTERNAL and ANONYMOUS.

use bytes::Bytes;
use xmpp_ws::client::{ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Connection;
use xmpp_ws::sasl::{Failure, Mechanism, Password};
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::pair::{Pair, client_config, server_config};

fn pair(client: ClientConfig, mechanism: Mechanism, certificate: Option<&'static [u8]>) -> Pair {
    pair_with(client, vec![mechanism], certificate)
}

fn pair_with(
    client: ClientConfig,
    mechanisms: Vec<Mechanism>,
    certificate: Option<&'static [u8]>,
) -> Pair {
    let mut server = server_config();
    server.mechanisms = mechanisms;
    let mut connection = Connection::new(true);
    connection.peer_certificate = certificate.map(Bytes::from_static);
    let mut pair = Pair::with(client, server, connection);
    pair.server_answers = false;
    pair
}

/// Goes on, and lets the test's server say who the client is.
fn identify(pair: &mut Pair, username: Option<&str>) {
    loop {
        let event = pair.until_server(|_| true);
        match event {
            ServerEvent::IdentityWanted(request) => {
                let guest = request.guest().to_owned();
                let username = username.map(|it| if it.is_empty() { guest.as_str() } else { it });
                pair.server.identify(pair.now, request, username).expect("just asked");
                pair.server_answers = true;
                return;
            }
            event => assert!(pair.answer(event).is_none(), "asked for something else"),
        }
    }
}

fn external() -> ClientConfig {
    let mut client = client_config();
    client.mechanisms = vec![Mechanism::External];
    client
}

#[test]
fn a_certificate_stands_for_its_owner() {
    let mut pair = pair(external(), Mechanism::External, Some(b"certificate"));
    identify(&mut pair, Some("alice"));
    let bound = pair.until_client(|event| matches!(event, ClientEvent::Bound(_)));
    let ClientEvent::Bound(jid) = bound else { panic!("{bound:?}") };
    assert_eq!(jid.bare_str(), "alice@example.com");
}

#[test]
fn without_a_certificate_external_is_not_offered() {
    let mut pair = pair(external(), Mechanism::External, None);
    pair.server_answers = true;
    let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
    let ClientEvent::Ended(Ending::NoMechanism(offered)) = ended else { panic!("{ended:?}") };
    assert!(offered.is_empty(), "{offered:?}");
}

#[test]
fn a_certificate_of_nobody_known_is_not_authorized() {
    let mut pair = pair(external(), Mechanism::External, Some(b"certificate"));
    identify(&mut pair, None);
    let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
    let ClientEvent::Ended(Ending::NotAuthenticated(failure)) = ended else { panic!("{ended:?}") };
    assert_eq!(failure.condition(), Failure::NotAuthorized);
}

fn guest() -> ClientConfig {
    let uri = "wss://example.com/xmpp-websocket".parse().expect("a URI");
    let mut config = ClientConfig::new("example.com".parse().expect("an address"), uri);
    config.reconnect = None;
    config
}

#[test]
fn a_guest_gets_a_name_that_nobody_can_guess() {
    let mut pair = pair(guest(), Mechanism::Anonymous, None);
    identify(&mut pair, Some(""));
    let bound = pair.until_client(|event| matches!(event, ClientEvent::Bound(_)));
    let ClientEvent::Bound(jid) = bound else { panic!("{bound:?}") };
    assert_eq!(jid.local().map(str::len), Some(26));
    // RFC 6120 § 4.7.1: who has no account yet says nothing of it.
    assert!(!pair.log.iter().any(|line| line.starts_with("C: <open") && line.contains(" from=")));
}

#[test]
fn a_guest_gives_no_password_to_whom_offers_plain_too() {
    for password in [None, Some("secret")] {
        let mut client = guest();
        client.password = password.map(Password::new);
        let mut pair = pair_with(client, vec![Mechanism::Plain, Mechanism::Anonymous], None);
        identify(&mut pair, Some(""));
        let bound = pair.until_client(|event| matches!(event, ClientEvent::Bound(_)));
        assert!(matches!(bound, ClientEvent::Bound(_)), "{bound:?}");
    }
}

#[test]
fn a_client_with_an_account_is_no_guest() {
    let mut pair = pair(client_config(), Mechanism::Anonymous, None);
    pair.server_answers = true;
    let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
    assert!(matches!(ended, ClientEvent::Ended(Ending::NoMechanism(_))), "{ended:?}");
}

#[test]
fn an_application_says_why_nobody_may_log_in() {
    for failure in [Failure::TemporaryAuthFailure, Failure::AccountDisabled] {
        let mut pair = Pair::new();
        pair.server_answers = false;
        loop {
            match pair.until_server(|_| true) {
                ServerEvent::CredentialsWanted(request) => {
                    pair.server.deny(pair.now, request, failure).expect("just asked");
                    break;
                }
                event => assert!(pair.answer(event).is_none(), "asked for something else"),
            }
        }
        let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
        let ClientEvent::Ended(Ending::NotAuthenticated(told)) = ended else { panic!("{ended:?}") };
        assert_eq!(told.condition(), failure);
    }
}

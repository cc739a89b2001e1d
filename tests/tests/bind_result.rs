//! Which addresses a client takes for its own (RFC 6120 § 7.6.1).

use xmpp_ws::client::{ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::{Incomplete, Violation};
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    BIND_FEATURES, CLOSE, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, attribute, bound,
    condition,
};

fn given(config: ClientConfig, mechanism: &str, jid: &str) -> SoloClient {
    let mut client = SoloClient::opening_with(config);
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES.replace("PLAIN", mechanism));
    assert!(client.says().starts_with("<auth "));
    client.hears(SUCCESS);
    client.says();
    client.hears(SERVER_OPEN).hears(BIND_FEATURES);
    let id = attribute(&client.says(), "id");
    client.hears(bound(&id).replace("alice@example.com/r", jid));
    client
}

fn guest() -> ClientConfig {
    let mut config = client_config();
    config.account = "example.com".parse().expect("an address");
    config
}

/// RFC 6120 § 7.6.1, § 6.3.8: the server decides as whom of its users the client speaks, for a guest it makes one up.
#[test]
fn the_server_may_call_a_user_of_its_otherwise() {
    for jid in ["alice@example.com/other", "a.lice@example.com/r", "Alice@EXAMPLE.com/r"] {
        let mut client = given(client_config(), "PLAIN", jid);
        let told = client.told();
        let [ClientEvent::Bound(own)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(*own, jid.parse().expect("an address"));
    }
    let mut client = given(guest(), "ANONYMOUS", "f8a2@example.com/r");
    assert!(matches!(&client.told()[..], [ClientEvent::Bound(_)]));
}

/// The server speaks for its own domain (RFC 6120 § 4.7.1) and has no others to give away.
#[test]
fn the_address_is_of_the_domain_that_was_asked_for() {
    for (config, mechanism) in [(client_config(), "PLAIN"), (guest(), "ANONYMOUS")] {
        for jid in ["alice@other.example/r", "alice@sub.example.com/r", "alice@com/r"] {
            let mut client = given(config.clone(), mechanism, jid);
            let said = client.said();
            assert_eq!(condition(&said[0]), "invalid-from", "{jid}: {said:?}");
            assert_eq!(said[1..], [CLOSE, "close 1000"]);
            client.sees(Input::Lost);
            assert_eq!(client.ended(), Ending::Violated(Violation::OtherDomain), "{jid}");
        }
    }
}

/// RFC 6120 § 7.6.1: a resource is what was asked for, and it is some user's.
#[test]
fn the_address_is_a_full_one() {
    for jid in ["alice@example.com", "example.com", "example.com/r", "", "not an address"] {
        let mut client = given(client_config(), "PLAIN", jid);
        assert_eq!(condition(&client.said()[0]), "bad-format", "{jid}");
        client.sees(Input::Lost);
        assert_eq!(
            client.ended(),
            Ending::Violated(Violation::Incomplete(Incomplete::Bind)),
            "{jid}"
        );
    }
}

/// RFC 6120 § 8.1.2.1: an answer comes from the server or the own account, whoever guesses the request's id.
#[test]
fn another_users_answer_is_none() {
    for (from, is_taken) in [
        ("", true),
        ("from='example.com'", true),
        ("from='alice@example.com'", true),
        ("from='alice@example.com/r'", true),
        ("from='mallory@example.com/x'", false),
        ("from='example.org'", false),
        ("from='@'", false),
    ] {
        let (mut client, request) = SoloClient::binding_with(client_config());
        let answer = bound(&attribute(&request, "id"));
        client.hears(answer.replacen("<iq ", &format!("<iq {from} "), 1));
        let told = client.told();
        assert_eq!(matches!(told[..], [ClientEvent::Bound(_)]), is_taken, "{from}: {told:?}");
        if !is_taken {
            client.hears(answer);
            let told = client.told();
            assert!(matches!(told[..], [ClientEvent::Bound(_)]), "{from}: {told:?}");
        }
    }
}

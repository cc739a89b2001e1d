//! RFC 6120 § 6, row by row of the checklist: SASL.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{Exchange, Start, Step};
use xmpp_ws::sasl::{self, Failure, Hash, Mechanism, Password};
use xmpp_ws_tests::pair::{client_config, stored_keys};
use xmpp_ws_tests::solo::{CLOSE, PLAIN_AUTH, SERVER_OPEN, SoloClient, SoloServer};

const SASL: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

fn element(name: &str, data: &str) -> String {
    format!("<{name} {SASL}>{data}</{name}>")
}

fn auth(mechanism: &str, data: &str) -> String {
    format!("<auth {SASL} mechanism='{mechanism}'>{data}</auth>")
}

/// What stands in an element, decoded.
fn data(element: &str) -> Vec<u8> {
    let (_, rest) = element.split_once('>').expect("a tag");
    let (content, _) = rest.rsplit_once("</").expect("content");
    BASE64_STANDARD.decode(content).expect("base64")
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The failure that a server answers this with; it stays open.
fn failure(server: &mut SoloServer, text: &str) -> String {
    server.hears(text).answer();
    let said = server.says();
    let failure = said.strip_prefix(&format!("<failure {SASL}><")).expect("a failure");
    failure.strip_suffix("/></failure>").expect("nothing else").into()
}

#[test]
fn r6120_6_each_failure_in_its_place() {
    let mut server = SoloServer::opened();
    assert_eq!(failure(&mut server, &auth("X", "")), "invalid-mechanism");
    assert_eq!(failure(&mut server, &auth("PLAIN", "****")), "incorrect-encoding");
    // RFC 4648 § 3.5: the padding bits are zero.
    assert_eq!(failure(&mut server, &auth("PLAIN", "AGFsaWNlAHNlY3JldB==")), "incorrect-encoding");
    assert_eq!(failure(&mut server, &auth("PLAIN", "YWJj")), "malformed-request");
    let mut server = SoloServer::opened();
    assert_eq!(failure(&mut server, &auth("PLAIN", "=")), "malformed-request");
    assert_eq!(failure(&mut server, &element("response", "")), "malformed-request");
    let other = encoded(b"bob@example.com\0alice\0secret");
    assert_eq!(failure(&mut server, &auth("PLAIN", &other)), "invalid-authzid");
    let nobody = encoded(b"\0@\0secret");
    assert_eq!(failure(&mut server, &auth("PLAIN", &nobody)), "not-authorized");
}

#[test]
fn sasl_data_is_text_alone() {
    for content in
        ["<x xmlns=''/>", "AGFsaWNlAHNlY3JldA==<x/>", "<x>AGFsaWNlAHNlY3JldA==</x>", "=<x/>"]
    {
        let mut server = SoloServer::opened();
        assert_eq!(failure(&mut server, &auth("PLAIN", content)), "malformed-request", "{content}");
        server.hears(auth("PLAIN", ""));
        assert_eq!(server.says(), format!("<challenge {SASL}/>"));
        let response = element("response", content);
        assert_eq!(failure(&mut server, &response), "malformed-request", "{content}");
        server.hears(PLAIN_AUTH).answer();
        assert!(server.says().starts_with("<success "), "the client may try again");
    }
}

#[test]
fn r6120_6_acting_as_oneself_is_allowed() {
    let mut server = SoloServer::opened();
    server.hears(auth("PLAIN", &encoded(b"Alice@EXAMPLE.com\0alice\0secret"))).answer();
    assert_eq!(server.says(), format!("<success {SASL}/>"));
}

#[test]
fn r6120_6_abort_is_answered_with_aborted() {
    let mut server = SoloServer::opened();
    server.hears(auth("PLAIN", ""));
    assert_eq!(server.says(), format!("<challenge {SASL}/>"), "data that is due is asked for");
    assert_eq!(failure(&mut server, &element("abort", "")), "aborted");
    server.hears(PLAIN_AUTH).answer();
    assert!(server.says().starts_with("<success "));
}

#[test]
fn r6120_6_a_second_auth_replaces_the_first() {
    let mut server = SoloServer::opened();
    let first = encoded(b"n,,n=alice,r=abcdefgh");
    server.hears(auth("SCRAM-SHA-1", &first)).answer();
    assert!(server.says().starts_with("<challenge "));
    server.hears(PLAIN_AUTH).answer();
    assert!(server.says().starts_with("<success "));
}

#[test]
fn r6120_6_an_empty_initial_response_is_an_equals_sign() {
    let mut config = client_config();
    config.account = "example.com".parse().expect("an address");
    config.mechanisms = vec![Mechanism::Anonymous];
    let mut client = SoloClient::opening_with(config);
    client.hears(SERVER_OPEN).hears(
        "<features xmlns='http://etherx.jabber.org/streams'><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms>\
         </features>",
    );
    assert_eq!(client.says(), auth("ANONYMOUS", "="));
    // And empty success data reads as none.
    client.hears(element("success", "="));
    assert!(client.says().starts_with("<open "));
}

/// The server's whole SCRAM against the client's exchange.
#[test]
fn r6120_6_the_server_proves_itself_in_its_success() {
    let password = Password::new("secret");
    let mut start = Start::new("alice", "clientnonce".into());
    start.password = Some(&password);
    let (exchange, initial) = Exchange::start(Mechanism::ScramSha256, start).expect("fine");
    let mut server = SoloServer::opened();
    server.hears(auth("SCRAM-SHA-256", &encoded(&initial.expect("client first")))).answer();
    let challenge = data(&server.says());
    let step = exchange.challenge(&challenge, &ScramLimits::default()).expect("fine");
    let Step::Derive(exchange, derivation) = step else { panic!("no derivation") };
    let (exchange, response) = exchange.derived(&derivation.run()).expect("fine");
    server.hears(element("response", &encoded(&response)));
    exchange.success(Some(&data(&server.says()))).expect("the server's signature");
}

/// A client in the middle of SCRAM, and the server's final message.
fn client_with_final() -> (SoloClient, Vec<u8>) {
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN).hears(
        "<features xmlns='http://etherx.jabber.org/streams'><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>\
         </features>",
    );
    let first = data(&client.says());
    let server =
        sasl::server::Exchange::start(Mechanism::ScramSha1, Some(&first), "more".into(), None);
    let Ok(sasl::server::Step::Lookup(server, _)) = server else { panic!("{server:?}") };
    let decoy = sasl::DecoySecret::new([0; 32]);
    let step = server.credentials(Some(&stored_keys(Hash::Sha1)), &decoy);
    let Ok(sasl::server::Step::Challenge(server, challenge)) = step else { panic!("{step:?}") };
    client.hears(element("challenge", &encoded(&challenge)));
    let Some(ClientEvent::KeysWanted(request)) = client.tells() else { panic!("no request") };
    client.endpoint.keys(client.now, request.run()).expect("just made");
    let step = server.response(&data(&client.says()));
    let Ok(sasl::server::Step::Success { data: Some(last), .. }) = step else { panic!("{step:?}") };
    (client, last)
}

#[test]
fn r6120_6_final_data_may_come_in_success_or_in_a_challenge() {
    let (mut client, last) = client_with_final();
    client.hears(element("success", &encoded(&last)));
    assert!(client.says().starts_with("<open "));

    let (mut client, last) = client_with_final();
    client.hears(element("challenge", &encoded(&last)));
    assert_eq!(client.says(), format!("<response {SASL}/>"));
    client.hears(format!("<success {SASL}/>"));
    assert!(client.says().starts_with("<open "));
}

#[test]
fn r6120_6_a_server_that_proves_nothing_is_left() {
    for success in ["", "dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9"] {
        let (mut client, _) = client_with_final();
        client.hears(element("success", success));
        assert_eq!(client.says(), CLOSE);
        client.sees(Input::Lost);
        assert!(matches!(client.ended(), Ending::Violated(Violation::Sasl(_))));
    }
}

#[test]
fn r6120_6_an_unknown_failure_reads_as_not_authorized() {
    for (inner, name, condition) in [
        ("<account-disabled/>", "account-disabled", Failure::AccountDisabled),
        ("<bad-protocol/>", "bad-protocol", Failure::NotAuthorized),
        (
            "<text>no</text><temporary-auth-failure/>",
            "temporary-auth-failure",
            Failure::TemporaryAuthFailure,
        ),
        ("", "not-authorized", Failure::NotAuthorized),
    ] {
        let mut client = SoloClient::authenticating();
        client.hears(element("failure", inner));
        assert_eq!(client.says(), CLOSE);
        client.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
        let Ending::NotAuthenticated(failure) = client.ended() else { panic!("{inner}") };
        assert_eq!((failure.name.as_str(), failure.condition()), (name, condition));
    }
}

/// RFC 6120 § 6.5: it is for people.
#[test]
fn what_the_server_adds_to_a_failure_is_in_its_words() {
    let mut client = SoloClient::authenticating();
    client.hears(element("failure", "<account-disabled/><text xml:lang='en'>Call 555</text>"));
    assert_eq!(client.says(), CLOSE);
    client.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    let words = client.ended().to_string();
    assert_eq!(words, "the server refused the login: account-disabled (Call 555)");
}

#[test]
fn r6120_6_a_person_who_mistyped_is_asked_again() {
    let mut config = client_config();
    config.password = None;
    let mut client = SoloClient::opening_with(config);
    client.hears(SERVER_OPEN).hears(xmpp_ws_tests::solo::PLAIN_FEATURES);
    for n in 1..=5 {
        let Some(ClientEvent::PasswordWanted(request)) = client.tells() else { panic!("{n}") };
        assert_eq!(request.failure.is_some(), n > 1);
        client.endpoint.password(client.now, request, &Password::new("wrong")).expect("asked");
        assert!(client.says().starts_with("<auth "));
        client.hears(element("failure", "<not-authorized/>"));
    }
    assert_eq!(client.says(), CLOSE, "five tries are enough");
}

//! What real peers do, one by one: see also `tolerance.rs`, `injected.rs` and `closing_matrix.rs`.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Input};
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    CLIENT_OPEN, CLOSE, SERVER_OPEN, SUCCESS, SoloClient, SoloServer, attribute, bound,
    stream_error,
};

/// strophe.js, Openfire, Smack and MongooseIM look for this at byte 0.
#[test]
fn open_begins_with_its_name_and_a_space() {
    let mut client = SoloClient::client(client_config(), Connection::new(true));
    assert!(client.says().starts_with("<open "));
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).answer();
    let open = server.said().remove(0);
    assert!(open.starts_with("<open ") && open.ends_with("/>"), "{open}");
}

/// strophe.js knows a close after the opening by nothing else.
#[test]
fn close_is_byte_for_byte_what_strophe_looks_for() {
    assert_eq!(CLOSE, r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />"#);
    let mut server = SoloServer::bound();
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.says(), CLOSE);
    let mut server = SoloServer::bound();
    server.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    assert_eq!(server.says(), CLOSE);
    let mut client = SoloClient::bound();
    client.hears(stream_error("conflict"));
    assert_eq!(client.says(), CLOSE);
}

/// Openfire says no `<open/>` before an error.
#[test]
fn an_error_before_open_is_told_as_itself() {
    let mut client = SoloClient::opening();
    client.hears(stream_error("host-unknown"));
    assert_eq!(client.says(), CLOSE);
    client.hears(CLOSE).sees(Input::Lost);
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(error) if error.name == "host-unknown"), "{why:?}");
}

/// Tigase and MongooseIM open in another's name before an error, Prosody with neither `id` nor `from`.
#[test]
fn whatever_the_open_before_an_error_says_the_error_counts() {
    for open in [
        SERVER_OPEN.replace("from='example.com'", "from='nosuch.example'"),
        SERVER_OPEN.replace("from='example.com'", "from='null'"),
        SERVER_OPEN.replace("from='example.com'", "from='localhost'"),
        SERVER_OPEN.replace("from='example.com' id='s1' ", ""),
        SERVER_OPEN.replace("version='1.0'", ""),
    ] {
        let mut client = SoloClient::opening();
        client.hears(open).hears(stream_error("host-unknown")).hears(CLOSE).sees(Input::Lost);
        assert!(matches!(client.ended(), Ending::PeerError(_)));
    }
}

/// Tigase keeps the id of the first stream for the second.
#[test]
fn the_same_id_twice_is_tolerated() {
    let mut client = SoloClient::authenticating();
    client.hears(SUCCESS).said();
    client.hears(SERVER_OPEN).hears(xmpp_ws_tests::solo::BIND_FEATURES);
    assert!(client.says().starts_with("<iq "));
}

fn features_with(session: &str) -> String {
    format!(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>{session}</stream:features>"
    )
}

/// MongooseIM ignores what comes before the session request that it insists on; Tigase says `<optional/>`.
#[test]
fn a_session_is_asked_for_where_it_is_offered_and_not_optional() {
    for (session, is_asked_for) in [
        ("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>", true),
        ("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>", false),
        ("<session xmlns='urn:x'/>", false),
        ("", false),
    ] {
        let mut client = SoloClient::authenticating();
        client.hears(SUCCESS).said();
        client.hears(SERVER_OPEN).hears(features_with(session));
        let bind = client.says();
        client.hears(bound(&attribute(&bind, "id")));
        if !is_asked_for {
            assert_eq!(client.said(), [""; 0], "{session}");
            assert!(matches!(client.tells(), Some(ClientEvent::Bound(_))));
            continue;
        }
        assert!(client.told().is_empty());
        let request = client.says();
        assert!(request.contains("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"));
        // Whatever is answered: who refuses the request does not need it.
        let answer = if session.is_empty() { "result" } else { "error" };
        client.hears(format!(
            "<iq xmlns='jabber:client' type='{answer}' id='{}'/>",
            attribute(&request, "id")
        ));
        assert!(matches!(client.tells(), Some(ClientEvent::Bound(_))));
    }
}

/// A server may speak as soon as the resource is bound.
#[test]
fn what_comes_before_the_answer_to_bind_is_not_lost() {
    let (mut client, request) = SoloClient::binding_with(client_config());
    client.hears("<message xmlns='jabber:client' id='early'/>");
    client.hears("<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert_eq!(client.says(), "<iq xmlns='jabber:client' type='result' id='1'/>");
    client.hears(bound(&attribute(&request, "id")));
    let told = client.told();
    assert!(matches!(&told[..], [ClientEvent::Stanza(_), ClientEvent::Bound(_)]), "{told:?}");
}

/// MongooseIM and ejabberd offer what a client does not know.
#[test]
fn unknown_features_are_passed_over() {
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN).hears(
        "<features xmlns='http://etherx.jabber.org/streams'><compression \
         xmlns='http://jabber.org/features/compress'><method>zlib</method></compression><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism> PLAIN </mechanism></mechanisms>\
         <sm xmlns='urn:xmpp:sm:3'/></features>",
    );
    assert!(client.says().starts_with("<auth "));
}

/// Browsers close without a code, Tigase too; ejabberd echoes and leaves TCP open; others just go.
#[test]
fn a_client_that_vanishes_after_its_close_left_in_good_order() {
    for ending in [Input::Closed { code: None }, Input::Closed { code: Some(1001) }, Input::Lost] {
        let mut server = SoloServer::bound();
        server.hears(CLOSE).sees(Input::Unwritable).sees(ending);
        assert_eq!(server.ended(), Ending::Clean);
    }
}

/// Pipelining, as MongooseIM's tests do: everything in one burst.
#[test]
fn a_login_in_one_burst_is_taken_in_order() {
    let mut server = SoloServer::fresh();
    server
        .hears(CLIENT_OPEN)
        .hears(xmpp_ws_tests::solo::PLAIN_AUTH)
        .hears(CLIENT_OPEN)
        .hears(xmpp_ws_tests::solo::BIND)
        .hears("<presence xmlns='jabber:client'/>");
    assert_eq!(server.said(), [""; 0]);
    server.answer();
    let said = server.said();
    let starts: Vec<&str> =
        said.iter().map(|said| said.split([' ', '/']).next().unwrap_or_default()).collect();
    assert_eq!(
        starts,
        ["<open", "<stream:features", "<success", "<open", "<stream:features", "<iq"]
    );
    assert_eq!(server.told().len(), 1, "the presence");
}

//! RFC 6120 § 8.1.3 and § 8.2.3: an `iq` without an `id`, of no known type, or that asks for nothing or for two things
//! at once, is answered with `<bad-request/>`, by whoever gets it.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::solo::{BIND, Solo, SoloClient, SoloServer, attribute};

const PING: &str = "<ping xmlns='urn:xmpp:ping'/>";

/// What is left of an `iq` that nobody could answer.
fn bad_requests() -> Vec<String> {
    let mut bad = Vec::new();
    for to in ["", "to='example.com'", "to='alice@example.com'", "to='bob@example.com/r'"] {
        for (attributes, content) in [
            ("type='get'", PING),
            ("type='set'", PING),
            ("id='i'", PING),
            ("id='i' type=''", PING),
            ("id='i' type='foo'", PING),
            ("id='i' type='GET'", PING),
            ("type='foo'", ""),
            ("", ""),
            ("id='i' type='get'", ""),
            ("id='i' type='get'", "text"),
            ("id='i' type='set'", "<a xmlns='urn:a'/><b xmlns='urn:b'/>"),
            ("id='i' type='get'", &[PING, PING].concat()),
        ] {
            bad.push(format!("<iq xmlns='jabber:client' {attributes} {to}>{content}</iq>"));
        }
    }
    bad
}

/// The answer says which of its requests the sender got wrong, as far as it said so itself.
fn is_refused<E: Endpoint>(endpoint: &mut Solo<E>, request: &str) {
    let answer = endpoint.says();
    for name in ["id", "type", "to", "from"] {
        let expected = match name {
            "type" => "error".to_owned(),
            "from" => attribute(request, "to"),
            "to" => attribute(request, "from"),
            same => attribute(request, same),
        };
        assert_eq!(attribute(&answer, name), expected, "{name} in {answer} to {request}");
    }
    assert!(
        answer.ends_with(
            "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             </error></iq>"
        ),
        "{answer}"
    );
    assert!(!answer.contains(" id=''"), "{answer}");
}

#[test]
fn a_server_answers_them() {
    for request in bad_requests() {
        let mut server = SoloServer::bound();
        server.hears(request.clone());
        is_refused(&mut server, &request);
        assert_eq!(server.told().len(), 0, "{request}");
    }
}

#[test]
fn a_server_answers_them_before_binding() {
    for request in bad_requests().iter().filter(|it| !it.contains("to='bob")) {
        let mut server = SoloServer::authenticated();
        server.hears(request.clone());
        is_refused(&mut server, request);
        // The client may bind all the same.
        server.hears(BIND).answer();
        assert_eq!(attribute(&server.says(), "type"), "result");
    }
    for request in [BIND.replace("id='b'", ""), BIND.replace("</iq>", "<x xmlns='urn:x'/></iq>")] {
        let mut server = SoloServer::authenticated();
        server.hears(request.clone());
        is_refused(&mut server, &request);
    }
}

#[test]
fn a_client_answers_them() {
    for request in bad_requests() {
        let request = request.replace("<iq ", "<iq from='bob@example.com/r' ");
        let mut client = SoloClient::bound();
        client.hears(request.clone());
        is_refused(&mut client, &request);
        assert_eq!(client.told().len(), 0, "{request}");
    }
}

/// RFC 6120 § 8.2.3: an answer is never answered; the application is told of it.
#[test]
fn an_answer_without_an_id_is_not_answered() {
    for kind in ["result", "error"] {
        let answer = format!("<iq xmlns='jabber:client' type='{kind}'/>");
        let mut server = SoloServer::bound();
        server.hears(answer.clone());
        assert_eq!(server.said(), [""; 0]);
        assert!(matches!(server.told()[..], [ServerEvent::Stanza(_)]));
        let mut client = SoloClient::bound();
        client.hears(answer);
        assert_eq!(client.said(), [""; 0]);
        assert!(matches!(client.told()[..], [ClientEvent::Stanza(_)]));
    }
}

/// Whoever refuses something for another that asked without an `id` can say so.
#[test]
fn an_error_to_a_request_without_an_id_can_be_sent() {
    let error = "<iq xmlns='jabber:client' type='error' to='alice@example.com/r'>\
                 <error type='modify'/></iq>";
    let mut server = SoloServer::bound();
    server.endpoint.send(server.now, error).expect("an answer");
    assert_eq!(server.says(), error);
    for kind in ["get", "set", "result"] {
        let iq = error.replace("type='error' ", &format!("type='{kind}' "));
        assert!(server.endpoint.send(server.now, iq).is_err(), "{kind}");
    }
}

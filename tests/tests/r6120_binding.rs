//! RFC 6120 § 4.9.3.12 and § 7, row by row of the checklist: who may speak when, whose the restart is, binding.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    BIND, CLIENT_OPEN, CLOSE, PLAIN_AUTH, SoloClient, SoloServer, attribute, bound, condition,
};

#[test]
fn r6120_4_9_3_12_nothing_is_processed_before_the_login() {
    for text in ["<message xmlns='jabber:client'/>", BIND, "<presence xmlns='jabber:client'/>"] {
        let mut server = SoloServer::opened();
        server.hears(text);
        assert_eq!(condition(&server.said()[0]), "not-authorized");
        server.sees(Input::Lost);
        assert_eq!(server.ended(), Ending::Violated(Violation::NotAuthorized), "{text}");
    }
}

#[test]
fn r6120_4_9_3_12_before_binding_only_the_server_and_the_account_are_spoken_to() {
    let ping = "<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>";
    for to in ["", " to='example.com'", " to='alice@example.com'", " to='Alice@EXAMPLE.com'"] {
        let mut server = SoloServer::authenticated();
        server.hears(ping.replace(" type", &format!("{to} type")));
        assert!(server.says().contains("type='result'"), "{to}");
    }
    for text in [
        "<message xmlns='jabber:client' to='bob@example.com'/>",
        "<presence xmlns='jabber:client'/>",
        &ping.replace(" type", " to='bob@example.com' type"),
        &BIND.replace(" type", " to='bob@example.com' type"),
    ] {
        let mut server = SoloServer::authenticated();
        server.hears(text);
        assert_eq!(condition(&server.said()[0]), "not-authorized", "{text}");
    }
    let mut server = SoloServer::authenticated();
    server.hears("<iq xmlns='jabber:client' type='get' id='1'><q xmlns='u'/></iq>");
    assert!(server.says().contains("<service-unavailable "));
}

#[test]
fn r6120_7_a_resource_that_the_server_makes_up_is_random() {
    let any = "<iq xmlns='jabber:client' type='set' id='b'>\
               <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    let empty = BIND.replace("<resource>r</resource>", "<resource/>");
    for request in [any, &empty] {
        let mut server = SoloServer::authenticated();
        server.hears(request).answer();
        let jid = server.endpoint.jid().expect("bound").clone();
        assert!(jid.resource().expect("one").len() >= 22, "{jid}");
        assert!(server.says().contains(&format!("<jid>{jid}</jid>")));
    }
}

#[test]
fn r6120_7_after_a_conflict_another_resource_is_asked_for() {
    let mut config = client_config();
    config.account = "alice@example.com/r".parse().expect("an address");
    let (mut client, request) = SoloClient::binding_with(config);
    assert!(request.contains("<resource>r</resource>"), "{request}");
    let refusal = |request: &str| {
        format!(
            "<iq xmlns='jabber:client' type='error' id='{}'><error type='cancel'>\
             <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            attribute(request, "id")
        )
    };
    client.hears(refusal(&request));
    let second = client.says();
    assert!(!second.contains("<resource"), "{second}");
    client.hears(refusal(&second));
    assert_eq!(client.says(), CLOSE);
    client.sees(Input::Lost);
    assert!(matches!(client.ended(), Ending::NotBound(_)));
}

#[test]
fn r6120_7_there_is_no_restart_after_binding() {
    let (mut client, request) = SoloClient::binding_with(client_config());
    client.hears(bound(&attribute(&request, "id")));
    assert!(matches!(client.tells(), Some(ClientEvent::Bound(_))));
    assert_eq!(client.said(), [""; 0]);
    let mut server = SoloServer::bound();
    server.hears(BIND);
    assert!(server.says().contains("<not-allowed "), "one resource a stream");
}

#[test]
fn r6120_7_the_server_knows_whom_a_stanza_is_from() {
    let message = |from: &str| format!("<message xmlns='jabber:client' {from}/>");
    for from in
        ["", "from='alice@example.com/r'", "from='alice@example.com'", "from='ALICE@example.com/r'"]
    {
        let mut server = SoloServer::bound();
        server.hears(message(from));
        let Some(ServerEvent::Stanza(stanza)) = server.tells() else { panic!("{from}") };
        let own = server.endpoint.jid().expect("bound");
        assert_eq!(attribute(&stanza.relayed(own, None), "from"), "alice@example.com/r");
    }
    for from in [
        "from='bob@example.com'",
        "from='alice@example.com/other'",
        "from='example.com'",
        "from=''",
    ] {
        let mut server = SoloServer::bound();
        server.hears(message(from));
        assert_eq!(condition(&server.said()[0]), "invalid-from", "{from}");
    }
}

#[test]
fn the_restart_is_of_the_account_that_logged_in() {
    let restart = |from: &str| {
        let mut server = SoloServer::opened();
        server.hears(PLAIN_AUTH).answer();
        server.says();
        server.hears(CLIENT_OPEN.replacen(" to=", &format!(" from='{from}' to="), 1));
        server.said()
    };
    for from in ["bob@example.com", "alice@other.example", "example.com"] {
        let said = restart(from);
        assert!(!said[0].contains(" to="), "{from} is greeted: {}", said[0]);
        assert_eq!(condition(&said[1]), "invalid-from", "{from}");
        assert!(said[1].contains(">a restart in the name of another account than"), "{}", said[1]);
        assert_eq!(said[2..], [CLOSE, "close 1000"]);
    }
    for from in ["alice@example.com", "alice@example.com/r", "Alice@EXAMPLE.com"] {
        let said = restart(from);
        assert_eq!(attribute(&said[0], "to"), "alice@example.com", "{from}");
        assert_eq!(said.len(), 2, "{from}: {said:#?}");
    }
}

#[test]
fn the_restart_is_at_the_host_of_the_login() {
    for to in ["to='other.example'", "to='bob@example.com'", "to='@'", "to=''", ""] {
        let mut server = SoloServer::opened();
        server.hears(PLAIN_AUTH).answer();
        server.says();
        server.hears(CLIENT_OPEN.replace("to='example.com'", to));
        let said = server.said();
        assert_eq!(attribute(&said[0], "from"), "example.com", "{to}");
        assert_eq!(condition(&said[1]), "host-unknown", "{to}");
        assert!(said[1].contains(">a restart at another host than"), "{}", said[1]);
        assert_eq!(said[2..], [CLOSE, "close 1000"], "{to}");
        server.sees(Input::Lost);
        assert_eq!(server.ended(), Ending::Violated(Violation::RestartElsewhere), "{to}");
    }
}

#[test]
fn a_request_has_one_child() {
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    let iq = |kind: &str, content: &str| {
        format!("<iq xmlns='jabber:client' type='{kind}' id='1'>{content}</iq>")
    };
    let bad = [
        iq("get", ""),
        iq("set", "text"),
        iq("get", &ping.repeat(2)),
        iq("get", &format!("{ping}<x xmlns='urn:x'/>")),
        iq("ping", ping),
    ];
    let good = [iq("get", "<x xmlns='urn:x'/>"), iq("result", &ping.repeat(2)), iq("error", "")];
    // No half of it is answered as if it were the whole, and whoever reads stanzas by itself can tell.
    for (xml, is_bad) in
        bad.iter().map(|xml| (xml, true)).chain(good.iter().map(|xml| (xml, false)))
    {
        let frame = Decoder::default().decode(&xml.as_str().into());
        let Ok(Frame::Stanza(stanza)) = frame else { panic!("{xml}: {frame:?}") };
        assert_eq!(stanza.is_bad_request(), is_bad, "{xml}");
        let mut client = SoloClient::bound();
        client.hears(xml.as_str());
        let mut server = SoloServer::bound();
        server.hears(xml.as_str());
        for said in [client.said(), server.said()] {
            assert_eq!(said.len(), usize::from(is_bad), "{xml}: {said:?}");
            assert!(said.iter().all(|it| it.contains("<bad-request ")), "{xml}: {said:?}");
        }
        assert_eq!(client.told().len(), usize::from(!is_bad), "{xml}");
        assert_eq!(server.told().len(), usize::from(!is_bad), "{xml}");
    }
}

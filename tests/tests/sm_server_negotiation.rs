//! How stream management is asked of a server, and when it is refused (XEP-0198 § 3 and § 5, XEP-0352).

use std::collections::BTreeSet;
use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint};
use xmpp_ws::error::Violation;
use xmpp_ws::server::{Server, ServerConfig, ServerEvent, StreamManagement};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed_server::{ENABLE, MESSAGE, R, a, failed, resume};
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{BIND, CLIENT_OPEN, PLAIN_AUTH, SoloServer, attribute, condition};

fn with(change: impl FnOnce(&mut StreamManagement)) -> ServerConfig {
    let mut config = server_config();
    change(config.stream_management.as_mut().expect("on by default"));
    config
}

fn without() -> ServerConfig {
    let mut config = server_config();
    config.stream_management = None;
    config
}

#[test]
fn it_is_offered_after_the_login_only() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).answer();
    let features = server.said().concat();
    assert!(!features.contains("urn:xmpp:sm") && !features.contains("urn:xmpp:csi"), "{features}");
    server.hears(PLAIN_AUTH).answer();
    server.said();
    let features = server.hears(CLIENT_OPEN).said().concat();
    assert!(features.contains("<sm xmlns='urn:xmpp:sm:3'/>"), "{features}");
    assert!(features.contains("<csi xmlns='urn:xmpp:csi:0'/>"), "{features}");
}

#[test]
fn it_is_not_offered_where_it_is_off() {
    let mut server = SoloServer::opened_with(without());
    server.hears(PLAIN_AUTH).answer();
    server.said();
    let features = server.hears(CLIENT_OPEN).said().concat();
    assert!(!features.contains("urn:xmpp:sm:3"), "{features}");
}

/// What is asked for too early or too late is refused, and the stream goes on.
#[test]
fn what_comes_at_the_wrong_time_fails_and_the_stream_goes_on() {
    type Make = fn() -> SoloServer;
    let table: [(&str, Make, String, &str); 9] = [
        ("enable before the login", SoloServer::opened, ENABLE.into(), "unexpected-request"),
        ("resume before the login", SoloServer::opened, resume("x", 0), "unexpected-request"),
        ("enable before binding", SoloServer::authenticated, ENABLE.into(), "unexpected-request"),
        (
            "resume without a name",
            SoloServer::authenticated,
            "<resume xmlns='urn:xmpp:sm:3' h='0'/>".into(),
            "bad-request",
        ),
        (
            "resume without a count",
            SoloServer::authenticated,
            "<resume xmlns='urn:xmpp:sm:3' previd='x'/>".into(),
            "bad-request",
        ),
        (
            "resume with a count that is none",
            SoloServer::authenticated,
            "<resume xmlns='urn:xmpp:sm:3' previd='x' h='-1'/>".into(),
            "bad-request",
        ),
        ("resume when bound", SoloServer::bound, resume("x", 0), "unexpected-request"),
        (
            "resume when bound, without a name",
            SoloServer::bound,
            "<resume xmlns='urn:xmpp:sm:3'/>".into(),
            "unexpected-request",
        ),
        (
            "resume when enabled, without a name",
            || SoloServer::managed().0,
            "<resume xmlns='urn:xmpp:sm:3'/>".into(),
            "unexpected-request",
        ),
    ];
    for (what, make, said, expected) in table {
        let mut server = make();
        assert_eq!(server.hears(said).says(), failed(expected), "{what}");
        assert!(server.told().is_empty(), "{what}");
        // It goes on from where it was.
        server.wait(Duration::from_secs(1));
        assert!(!server.endpoint.is_over(), "{what}");
        if what.contains("before the login") {
            server.hears(PLAIN_AUTH).answer();
            assert!(server.says().starts_with("<success"), "{what}");
        } else if server.endpoint.jid().is_none() {
            server.hears(BIND).answer();
            assert!(server.says().contains("type='result'"), "{what}");
        } else {
            server.hears(MESSAGE);
            assert!(matches!(server.tells(), Some(ServerEvent::Stanza(_))), "{what}");
        }
    }
}

#[test]
fn while_a_mechanism_is_under_way_it_fails_and_the_login_goes_on() {
    let mut server = SoloServer::opened();
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>";
    assert!(server.hears(auth).says().starts_with("<challenge"));
    assert_eq!(server.hears(ENABLE).says(), failed("unexpected-request"));
    let response = PLAIN_AUTH.replace("auth", "response").replace(" mechanism='PLAIN'", "");
    server.hears(response).answer();
    assert!(server.says().starts_with("<success"));
}

#[test]
fn a_second_enable_ends_the_stream() {
    let (mut server, _) = SoloServer::managed();
    let said = server.hears(ENABLE).said();
    assert_eq!(condition(&said[0]), "policy-violation");
    server.sees(xmpp_ws::endpoint::Input::Closed { code: None });
    assert_eq!(server.ended(), Ending::Violated(Violation::EnabledTwice));
}

#[test]
fn what_is_not_enabled_or_off_is_unknown() {
    let off = || SoloServer::bound_with(without());
    let table = vec![
        ("r", SoloServer::bound(), R.to_owned()),
        ("a", SoloServer::bound(), a(0)),
        ("a without a count", SoloServer::bound(), "<a xmlns='urn:xmpp:sm:3'/>".into()),
        ("enabled", SoloServer::bound(), "<enabled xmlns='urn:xmpp:sm:3'/>".into()),
        ("enable, off", off(), ENABLE.into()),
        ("resume, off", off(), resume("x", 0)),
        (
            "active before binding",
            SoloServer::authenticated(),
            "<active xmlns='urn:xmpp:csi:0'/>".into(),
        ),
    ];
    for (what, mut server, said) in table {
        let said = server.hears(said).said();
        assert_eq!(condition(&said[0]), "unsupported-stanza-type", "{what}");
    }
}

#[test]
fn what_is_addressed_is_never_obeyed() {
    for said in [
        "<enable xmlns='urn:xmpp:sm:3' from='alice@example.com/r'/>",
        "<resume xmlns='urn:xmpp:sm:3' to='example.com' previd='x' h='0'/>",
        "<inactive xmlns='urn:xmpp:csi:0' to='example.com'/>",
    ] {
        let mut server = SoloServer::bound();
        let answer = server.hears(said).said();
        assert_eq!(condition(&answer[0]), "unsupported-stanza-type", "{said}");
    }
    for said in [
        "<a xmlns='urn:xmpp:sm:3' to='example.com' h='1'/>",
        "<r xmlns='urn:xmpp:sm:3' to='example.com'/>",
    ] {
        let (mut server, _) = SoloServer::managed();
        server.sends(1..2);
        let answer = server.hears(said).said();
        assert_eq!(condition(&answer[0]), "unsupported-stanza-type", "{said}");
        assert!(matches!(&server.told()[..], [ServerEvent::Closing]), "{said}");
    }
}

#[test]
fn a_service_that_keeps_no_sessions_need_not_answer_for_them() {
    assert_eq!(StreamManagement::default().max, None);
    let mut server = SoloServer::authenticated_with(with(|it| it.max = None));
    assert_eq!(server.hears(resume("s-1", 0)).says(), failed("item-not-found"));
    assert!(server.told().is_empty());
    assert!(server.hears(BIND).answer().says().contains("<jid>"));
    assert_eq!(server.hears(ENABLE).says(), "<enabled xmlns='urn:xmpp:sm:3'/>");
}

#[test]
fn enabled_says_what_was_asked_for_and_can_be_had() {
    let plain = "<enable xmlns='urn:xmpp:sm:3'/>";
    let resumable = |max: &str| format!("<enable xmlns='urn:xmpp:sm:3' resume='1' max='{max}'/>");
    let minutes = |minutes: u64| with(|it| it.max = Some(Duration::from_secs(60 * minutes)));
    // What is asked, and the `resume` and `max` of the answer.
    let table = [
        (server_config(), plain.to_owned(), "", ""),
        (server_config(), ENABLE.to_owned(), "true", "300"),
        (server_config(), resumable("60"), "true", "60"),
        (server_config(), resumable("600"), "true", "300"),
        (server_config(), resumable("0"), "true", "300"),
        (server_config(), resumable("soon"), "true", "300"),
        (minutes(10), resumable("600"), "true", "600"),
        (with(|it| it.max = None), ENABLE.to_owned(), "", ""),
        (with(|it| it.max = Some(Duration::ZERO)), ENABLE.to_owned(), "", ""),
    ];
    for (config, asked, resume, max) in table {
        let mut server = SoloServer::bound_with(config);
        let enabled = server.hears(asked.clone()).says();
        let said = |name| attribute(&enabled, name);
        assert_eq!((said("resume").as_str(), said("max").as_str()), (resume, max), "{asked}");
        assert_eq!(said("id").is_empty(), resume.is_empty(), "{asked}");
        assert_eq!(server.endpoint.is_resumable(), !resume.is_empty(), "{asked}");
        // Stanzas are acknowledged in any case.
        assert_eq!(server.hears(R).says(), a(0), "{asked}");
    }
}

#[test]
fn enabled_says_where_to_come_back_to() {
    let location = "node1.example.com:5281".parse().expect("a host and its port");
    let config = with(|it| it.location = Some(location));
    let enabled = SoloServer::bound_with(config).hears(ENABLE).says();
    assert_eq!(attribute(&enabled, "location"), "node1.example.com:5281");
}

#[test]
fn no_two_sessions_have_one_name_and_it_is_neither_guessed_nor_long() {
    let ids = (0..100).map(|seed| {
        let random = Seeded::boxed(seed);
        let server = Server::new(server_config(), Connection::new(true), random, Instant::ORIGIN);
        SoloServer::managed_by(server).1
    });
    let ids: BTreeSet<String> = ids.collect();
    assert_eq!(ids.len(), 100);
    for id in ids {
        // At least 128 bits; XEP-0198 § 5: no more than 4,000 bytes.
        assert!((26..4000).contains(&id.len()), "{id}");
    }
}

#[test]
fn a_clients_state_is_told() {
    let mut server = SoloServer::bound();
    let state = |name: &str| format!("<{name} xmlns='urn:xmpp:csi:0'/>");
    for (name, expected) in [("inactive", false), ("active", true), ("active", true)] {
        server.hears(state(name));
        match server.tells() {
            Some(ServerEvent::ClientState { active }) => assert_eq!(active, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(server.said().is_empty());
}

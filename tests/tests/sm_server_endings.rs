//! After which ends a client's session can be resumed, and after which it is over (XEP-0198 § 5).

use std::time::Duration;

use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::server::ServerEvent;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed_server::{ENABLE, MESSAGE, R, message};
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::solo::{CLOSE, SoloServer, condition, stream_error};

/// What was told at the end: whether the session is suspended, how many stanzas came back, and why it is over.
fn end(server: &mut SoloServer) -> (bool, usize, Ending) {
    let (mut suspended, mut back) = (false, 0);
    for event in server.told() {
        match event {
            ServerEvent::Suspended(session) => {
                assert_eq!(session.jid().as_str(), "alice@example.com/r");
                suspended = true;
            }
            ServerEvent::Undelivered(list) => back += list.len(),
            ServerEvent::Ended(why) => return (suspended, back, why),
            _ => {}
        }
    }
    panic!("not over");
}

type Do = fn(&mut SoloServer) -> &mut SoloServer;
type Is = fn(&Ending) -> bool;

fn is_lost(why: &Ending) -> bool {
    matches!(why, Ending::Lost { .. })
}

#[test]
fn a_session_outlasts_what_is_no_clean_end() {
    for (what, act, suspended, is_expected) in ENDS {
        let (mut server, _) = SoloServer::managed();
        server.sends(0..3);
        server.endpoint.send(server.now, message(3)).expect("room");
        server.hears(R);
        act(&mut server);
        while server.endpoint.poll_transmit().is_some() {}
        let was = end(&mut server);
        // Where the end was told in good order, all was written before it.
        let back = if *suspended { 0 } else { 4 };
        assert_eq!((was.0, was.1), (*suspended, back), "{what}: {was:?}");
        assert!(is_expected(&was.2), "{what}: {:?}", was.2);
        assert!(server.endpoint.is_over(), "{what}");
    }
}

#[test]
fn without_resumption_nothing_is_suspended() {
    for enable in ["", "<enable xmlns='urn:xmpp:sm:3'/>"] {
        let mut server = SoloServer::bound();
        if !enable.is_empty() {
            server.hears(enable);
        }
        server.sends(0..2);
        assert!(!server.endpoint.is_resumable());
        assert!(server.endpoint.detach(server.now, Condition::Conflict).is_none());
        assert!(server.endpoint.is_open(), "nothing happened");
        server.sees(Input::Lost);
        let (suspended, back, why) = end(&mut server);
        assert!(!suspended && is_lost(&why));
        assert_eq!(back, if enable.is_empty() { 0 } else { 2 }, "{enable}");
    }
}

#[test]
fn a_client_that_takes_nothing_is_suspended_with_what_it_did_not_take() {
    let (mut server, _) = SoloServer::managed();
    let write = server_config().limits.write;
    server.endpoint.send(server.now, message(0)).expect("room");
    // It talks, so it is not silent.
    let mut told = Vec::new();
    for _ in 0..=write.as_secs() / 10 {
        server.hears(MESSAGE).wait(Duration::from_secs(10));
        told.extend(server.told());
    }
    let mut session = None;
    for event in told {
        match event {
            ServerEvent::Suspended(it) => session = Some(it),
            ServerEvent::Ended(why) => assert_eq!(why, Ending::TimedOut(Timer::Write)),
            _ => {}
        }
    }
    let session = session.expect("suspended");
    assert_eq!(session.len(), 1);
}

#[test]
fn detaching_takes_the_session_and_tells_the_conflict() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..2);
    server.hears(MESSAGE);
    server.endpoint.send(server.now, message(2)).expect("room");
    let detached = server.endpoint.detach(server.now, Condition::Conflict).expect("a session");
    let session = detached.session;
    assert_eq!((session.id(), session.len(), session.handled()), (id.as_str(), 3, 1));
    assert!(!server.endpoint.is_open());
    assert!(server.endpoint.detach(server.now, Condition::Conflict).is_none(), "once");
    let said = server.said();
    assert_eq!(condition(&said[0]), "conflict");
    let mut new = SoloServer::resumed(*session, 1);
    assert!(new.said()[1..3] == [message(1), message(2)]);
    // What came is told with it.
    let [ServerEvent::Stanza(stanza)] = &detached.events[..] else {
        panic!("{:?}", detached.events)
    };
    assert_eq!(stanza.xml(), MESSAGE);
    server.sees(Input::Lost);
    let told = server.told();
    // Nothing is handed back, and nothing is told or suspended twice.
    let [ServerEvent::Ended(Ending::OwnError(_))] = &told[..] else { panic!("{told:?}") };
}

/// What is told before the connection is gone, and whether the stream is still open.
#[test]
fn an_end_of_the_clients_is_told_at_once() {
    type Case = (&'static str, fn(&mut SoloServer) -> &mut SoloServer, bool);
    let table: [Case; 6] = [
        ("close", |it| it.hears(CLOSE), true),
        ("an error", |it| it.hears(stream_error("reset")), true),
        ("a violation", |it| it.hears("<x xmlns='y'/>"), true),
        (
            "the client found us silent, and may come back",
            |it| it.hears(stream_error("connection-timeout")),
            false,
        ),
        ("writing failed, and the client may come back", |it| it.sees(Input::Unwritable), false),
        (
            "our own end",
            |it| {
                it.endpoint.close(it.now).expect("there is a stream");
                it.hears(CLOSE)
            },
            false,
        ),
    ];
    for (what, act, is_told) in table {
        let (mut server, _) = SoloServer::managed();
        act(&mut server);
        let told = server.told();
        assert_eq!(matches!(&told[..], [ServerEvent::Closing]), is_told, "{what}: {told:?}");
        assert!(is_told || told.is_empty(), "{what}: {told:?}");
        assert!(!server.endpoint.is_open(), "{what}");
        // Once.
        server.wait(Duration::from_secs(60)).sees(Input::Lost);
        assert!(!server.told().iter().any(|it| matches!(it, ServerEvent::Closing)), "{what}");
    }
}

#[test]
fn open_is_what_takes_stanzas() {
    let mut server = SoloServer::authenticated();
    assert!(!server.endpoint.is_open());
    server.hears(xmpp_ws_tests::solo::BIND).answer();
    assert!(server.endpoint.is_open());
    server.hears(ENABLE);
    assert!(server.endpoint.is_resumable());
    server.hears(CLOSE);
    assert!(!server.endpoint.is_open() && !server.endpoint.is_resumable());
    assert!(server.endpoint.send(server.now, message(0)).is_err());
}

/// What happens, whether the session outlasts it, and what is told for the reason.
const ENDS: &[(&str, Do, bool, Is)] = &[
    ("a cut", |it| it.sees(Input::Lost), true, is_lost),
    ("a close frame", |it| it.sees(Input::Closed { code: Some(1001) }), true, is_lost),
    (
        "nothing can be written, and nothing comes",
        |it| it.sees(Input::Unwritable).wait(Duration::from_secs(10)),
        true,
        is_lost,
    ),
    (
        "silence",
        |it| {
            for _ in 0..600 {
                it.said();
                it.wait(Duration::from_secs(1));
            }
            it
        },
        true,
        |why| matches!(why, Ending::TimedOut(Timer::Answer | Timer::Acknowledge)),
    ),
    (
        "the client found us silent",
        |it| it.hears(stream_error("connection-timeout")).hears(CLOSE).sees(Input::Lost),
        true,
        |why| matches!(why, Ending::PeerError(_)),
    ),
    ("close", |it| it.hears(CLOSE).sees(Input::Lost), false, |why| *why == Ending::Clean),
    (
        "another error of the client's",
        |it| it.hears(stream_error("reset")).sees(Input::Lost),
        false,
        |why| matches!(why, Ending::PeerError(_)),
    ),
    (
        "our close",
        |it| {
            it.endpoint.close(it.now).expect("there is a stream");
            it.sees(Input::Lost)
        },
        false,
        |why| *why == Ending::Clean,
    ),
    (
        "our close, which nobody answers",
        |it| {
            it.endpoint.close(it.now).expect("there is a stream");
            it.said();
            it.wait(Duration::from_secs(60))
        },
        false,
        |why| *why == Ending::TimedOut(Timer::Close),
    ),
    (
        "our close, and the client finds us silent",
        |it| {
            it.endpoint.close(it.now).expect("there is a stream");
            it.hears(stream_error("connection-timeout")).sees(Input::Lost)
        },
        false,
        |why| matches!(why, Ending::PeerError(_)),
    ),
    (
        "a redirect",
        |it| {
            let uri = "wss://b.example.com/".parse().expect("a URI");
            it.endpoint.move_to(it.now, &uri).expect("there is a stream");
            it.sees(Input::Lost)
        },
        false,
        |why| matches!(why, Ending::Redirected(_)),
    ),
    (
        "an error of the application's",
        |it| {
            let error = StreamError::new(Condition::PolicyViolation);
            it.endpoint.fail(it.now, error).expect("there is a stream");
            it.sees(Input::Lost)
        },
        false,
        |why| matches!(why, Ending::OwnError(_)),
    ),
    (
        "a violation",
        |it| it.hears("<x xmlns='y'/>").sees(Input::Lost),
        false,
        |why| matches!(why, Ending::Violated(_)),
    ),
];

/// What came while the application had a request to answer is told like anything else.
#[test]
fn an_end_that_was_held_is_told() {
    let mut server = SoloServer::authenticated();
    server.hears(xmpp_ws_tests::solo::BIND);
    // This transport does not heed `wants_input`.
    server.hears(CLOSE);
    let Some(ServerEvent::BindRequested(request)) = server.tells() else { panic!("no request") };
    server.endpoint.bind(server.now, request).expect("just asked");
    assert!(matches!(&server.told()[..], [ServerEvent::Closing]));
    server.sees(Input::Lost);
    assert!(matches!(&server.told()[..], [ServerEvent::Ended(_)]));
}

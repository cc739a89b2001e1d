//! A session goes on over another connection, as a server has it (XEP-0198 § 5).

use std::time::Duration;

use serde_json::{Value, json};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::error::{Misuse, Violation};
use xmpp_ws::limits::Limits;
use xmpp_ws::server::{ServerEvent, Suspended};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed_server::{MESSAGE, R, a, failed, message, resume, resumed};
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::solo::{BIND, SoloServer, condition, stream_error};

const SECOND: Duration = Duration::from_secs(1);

/// The numbers of the messages among these.
fn numbers(said: &[String]) -> Vec<usize> {
    let number = |said: &String| said.split_once("id='")?.1.split_once('\'')?.0.parse().ok();
    said.iter().filter(|it| it.starts_with("<message")).filter_map(number).collect()
}

fn acked(events: &[ServerEvent]) -> Vec<u64> {
    let ticket = |event: &ServerEvent| match event {
        ServerEvent::Acked(ticket) => Some(ticket.number()),
        _ => None,
    };
    events.iter().filter_map(ticket).collect()
}

/// The session with other counts, as a store would have it.
fn with(session: &Suspended, changes: &[(&str, Value)]) -> Suspended {
    let mut json = serde_json::to_value(session).expect("plain data");
    for (name, value) in changes {
        json[*name] = value.clone();
    }
    serde_json::from_value(json).expect("plain data")
}

#[test]
fn what_the_client_does_not_have_is_sent_again_in_order_before_anything_new() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..4);
    server.hears(MESSAGE).hears(MESSAGE);
    // Not written.
    server.endpoint.send(server.now, message(4)).expect("room");
    let (mut session, _) = server.cut();
    assert_eq!(session.len(), 5);
    session.push(&Limits::default(), message(5)).expect("room");

    // The client has two of the four.
    let (mut server, request) = SoloServer::resuming(&id, 2);
    assert_eq!((request.account().as_str(), request.previd()), ("alice@example.com", &*id));
    server.endpoint.resume(server.now, request, session).expect("its session");
    server.endpoint.send(server.now, message(6)).expect("it is bound");
    let said = server.said();
    assert_eq!(said[0], resumed(&id, 2));
    assert_eq!(numbers(&said), [2, 3, 4, 5, 6]);
    assert!(said.contains(&R.to_owned()), "it is asked soon: {said:?}");
    assert_eq!(server.endpoint.jid().expect("bound").as_str(), "alice@example.com/r");
    assert!(server.endpoint.is_open() && server.endpoint.is_resumable());
    // The tickets and both counts go on.
    assert_eq!(acked(&server.told()), [0, 1]);
    server.hears(a(7)).hears(MESSAGE);
    assert_eq!(acked(&server.told()), [2, 3, 4, 5, 6]);
    assert_eq!(server.hears(R).says(), a(3));
}

#[test]
fn it_goes_on_any_number_of_times() {
    let (mut server, id) = SoloServer::managed();
    for round in 0..5_usize {
        server.sends(2 * round..2 * round + 2);
        server.hears(MESSAGE);
        let (session, _) = server.cut();
        // One more is known to be there each time.
        let h = u32::try_from(round + 1).expect("small");
        server = SoloServer::resumed(session, h);
        let said = server.said();
        assert_eq!(said[0], resumed(&id, h));
        assert_eq!(numbers(&said), (round + 1..2 * round + 2).collect::<Vec<_>>());
    }
}

#[test]
fn requests_that_are_under_way_are_answered_in_the_resumed_session() {
    let (mut server, id) = SoloServer::managed();
    let ask =
        "<iq xmlns='jabber:client' type='get' id='q' to='bob@example.com/b'><q xmlns='x'/></iq>";
    server.hears(ask);
    // The server's own answer to a ping is under way, too.
    server.hears("<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
    let pong = server.says();
    let (mut session, _) = server.cut();
    let reply = "<iq xmlns='jabber:client' type='result' id='q' from='bob@example.com/b'/>";
    session.push(&Limits::default(), reply).expect("room");
    let mut server = SoloServer::resumed(session, 0);
    let said = server.said();
    assert_eq!(said[..3], [resumed(&id, 2), pong, reply.into()]);
    server.hears(a(2));
    // The application knows of no ticket for what is the protocol's own.
    assert_eq!(acked(&server.told()), [0]);
}

#[test]
fn counters_wrap() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..3);
    let (session, _) = server.cut();
    let last = u32::MAX;
    let session = with(&session, &[("received", json!(last)), ("acknowledged", json!(last - 1))]);
    // Three were sent from last - 1 on: the client has two of them.
    let mut server = SoloServer::resumed(session, 0);
    let said = server.said();
    assert_eq!((said[0].clone(), numbers(&said)), (resumed(&id, last), vec![2]));
    server.hears(MESSAGE).hears(MESSAGE).hears(a(1));
    assert_eq!(acked(&server.told()), [0, 1, 2]);
    assert_eq!(server.hears(R).says(), a(1));
    let (session, _) = server.cut();
    assert_eq!((session.handled(), session.is_empty()), (1, true));
}

#[test]
fn a_count_that_went_back_changes_nothing() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..4);
    server.hears(a(3));
    let (session, _) = server.cut();
    let mut server = SoloServer::resumed(session, 1);
    let said = server.said();
    assert_eq!((said[0].clone(), numbers(&said)), (resumed(&id, 0), vec![3]));
}

#[test]
fn a_count_of_what_was_never_sent_ends_the_stream_and_hands_back() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..2);
    let (session, _) = server.cut();
    let mut server = SoloServer::resumed(session, 3);
    let said = server.said();
    assert_eq!(condition(&said[0]), "undefined-condition");
    assert!(said[0].contains("handled-count-too-high"), "{said:?}");
    server.sees(Input::Lost);
    let told = server.told();
    let [ServerEvent::Undelivered(list), ServerEvent::Ended(why)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(list.len(), 2);
    assert_eq!(*why, Ending::Violated(Violation::CountTooHigh { h: 3, sent: 2 }));
}

#[test]
fn what_is_not_there_any_more_fails_and_the_stream_goes_on_to_bind() {
    for (handled, expected) in [(None, String::new()), (Some(7), " h='7'".into())] {
        let (mut server, request) = SoloServer::resuming("gone", 0);
        server.endpoint.refuse_resume(server.now, request, handled).expect("it was just made");
        let failed = failed("item-not-found").replace("3'>", &format!("3'{expected}>"));
        assert_eq!(server.says(), failed);
        server.hears(BIND).answer();
        assert!(server.says().contains("alice@example.com/r"));
        server.hears(xmpp_ws_tests::managed_server::ENABLE);
        assert!(server.says().starts_with("<enabled "));
    }
}

#[test]
fn tries_are_bounded_with_those_to_bind() {
    let (mut server, mut request) = SoloServer::resuming("gone", 0);
    let tries = server_config().limits.max_bind_tries;
    for number in 1..=tries {
        server.endpoint.refuse_resume(server.now, request, None).expect("it was just made");
        let said = server.said();
        assert_eq!(said[0], failed("item-not-found"));
        if number == tries {
            assert_eq!(condition(&said[1]), "policy-violation");
            return;
        }
        server.hears(resume("gone", 0));
        request = server.asked_to_resume();
    }
}

#[test]
fn another_session_than_was_asked_for_is_never_given() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..1);
    let (session, _) = server.cut();
    let bobs = with(&session, &[("jid", json!("bob@example.com/r"))]);
    for (previd, session) in [("other", session), (&*id, bobs)] {
        let (mut server, request) = SoloServer::resuming(previd, 0);
        let back = server.endpoint.resume(server.now, request, session.clone());
        let back = back.expect_err("another session");
        assert_eq!((back.why, *back.session), (Misuse::OtherSession, session));
        assert_eq!(server.says(), failed("item-not-found"));
        assert!(server.endpoint.jid().is_none());
    }
}

#[test]
fn an_answer_that_comes_too_late_loses_nothing() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..1);
    let (session, _) = server.cut();
    let (mut server, request) = SoloServer::resuming(&id, 0);
    server.sees(Input::Lost);
    let back = server.endpoint.resume(server.now, request, session.clone()).expect_err("too late");
    assert_eq!((back.why, *back.session), (Misuse::Stale, session));
    assert!(matches!(&server.told()[..], [ServerEvent::Ended(_)]));
    let (mut server, request) = SoloServer::resuming("x", 0);
    server.sees(Input::Lost);
    let stale = server.endpoint.refuse_resume(server.now, request, None);
    assert_eq!(stale, Err(Misuse::Stale));
}

#[test]
fn what_is_said_meanwhile_is_held_and_counts() {
    let (mut server, id) = SoloServer::managed();
    server.hears(MESSAGE);
    let (session, _) = server.cut();
    let (mut server, request) = SoloServer::resuming(&id, 0);
    assert!(!server.endpoint.wants_input());
    server.hears(MESSAGE).hears(R);
    assert!(server.said().is_empty() && server.told().is_empty());
    server.endpoint.resume(server.now, request, session).expect("its session");
    assert_eq!(server.said()[0], resumed(&id, 1));
    assert!(matches!(server.tells(), Some(ServerEvent::Stanza(_))));
    assert_eq!(server.hears(R).says(), a(2));
}

#[test]
fn what_was_given_before_enable_and_not_written_is_not_lost() {
    let mut server = SoloServer::bound();
    server.endpoint.send(server.now, message(0)).expect("room");
    server.hears(xmpp_ws_tests::managed_server::ENABLE);
    let (session, told) = server.cut();
    assert!(matches!(&told[..], [ServerEvent::Resumable { .. }]) && session.len() == 1);
    let mut server = SoloServer::resumed(session, 0);
    assert_eq!(numbers(&server.said()), [0]);
    server.hears(a(1));
    assert_eq!(acked(&server.told()), [0]);
}

#[test]
fn ages_go_on_through_endpoints_whose_time_begins_anew() {
    let (mut server, _) = SoloServer::managed();
    server.wait(10 * SECOND);
    server.sends(0..1);
    server.endpoint.send(server.now, message(1)).expect("room");
    server.wait(5 * SECOND);
    let (mut session, _) = server.cut();
    session.pass(60 * SECOND);
    assert_eq!(session.remaining() + 60 * SECOND, session.max());
    session.push(&Limits::default(), message(2)).expect("room");
    session.pass(SECOND);
    // The second endpoint's time begins when the stanzas are 66, 66 and 1 seconds old.
    let mut server = SoloServer::resumed(session, 0);
    server.sends(0..0).wait(4 * SECOND);
    server.hears("<x xmlns='y'/>").sees(Input::Lost);
    let list = server.told().into_iter().find_map(|event| match event {
        ServerEvent::Undelivered(list) => Some(list),
        _ => None,
    });
    let age = |it: &xmpp_ws::endpoint::Undelivered| server.now.since(it.given) + it.earlier;
    let ages: Vec<_> = list.expect("handed back").iter().map(age).collect();
    assert_eq!(ages, [70 * SECOND, 70 * SECOND, 5 * SECOND]);
}

#[test]
fn a_session_that_is_given_up_hands_its_stanzas_back_in_order() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..2);
    server.endpoint.send(server.now, message(2)).expect("room");
    let (mut session, _) = server.cut();
    let ticket = session.push(&Limits::default(), "<message id='3'/>").expect("room");
    assert_eq!(ticket.number(), 3);
    let list = session.into_undelivered(Instant::ORIGIN);
    let written: Vec<_> = list.iter().map(|it| (it.ticket.number(), it.written)).collect();
    assert_eq!(written, [(0, true), (1, true), (2, false), (3, false)]);
    let texts: Vec<_> = list.iter().map(|it| it.stanza.to_string()).collect();
    assert_eq!(numbers(&texts), [0, 1, 2, 3]);
}

#[test]
fn what_waits_in_a_session_is_bounded_and_checked() {
    type Change = fn(&mut Limits);
    let bounds: [Change; 4] = [
        |it| it.max_unacknowledged = 3,
        |it| it.max_queued_messages = 1,
        |it| it.max_unacknowledged_bytes = 3 * message(0).len(),
        |it| it.max_queued_bytes = message(0).len(),
    ];
    for (number, bound) in bounds.into_iter().enumerate() {
        let mut limits = Limits::default();
        bound(&mut limits);
        let (mut server, _) = SoloServer::managed();
        server.sends(0..2);
        let (mut session, _) = server.cut();
        assert!(session.has_room(&limits), "bound {number}");
        session.push(&limits, message(2)).expect("the last one");
        let before = session.clone();
        assert!(!session.has_room(&limits), "bound {number}");
        assert_eq!(session.push(&limits, message(3)), Err(Misuse::Full), "bound {number}");
        assert_eq!(session, before, "bound {number}");
    }
    let (mut server, _) = SoloServer::managed();
    let (mut session, _) = server.cut();
    let limits = Limits::default();
    assert!(matches!(session.push(&limits, "<message>"), Err(Misuse::Xml(_))));
    assert_eq!(session.push(&limits, "<x/>"), Err(Misuse::NotAStanza));
    assert!(session.is_empty());
}

#[test]
fn a_stream_error_on_the_new_connection_leaves_the_session_to_the_rules_of_endings() {
    let (mut server, id) = SoloServer::managed();
    server.sends(0..1);
    let (session, _) = server.cut();
    let mut server = SoloServer::resumed(session, 0);
    server.said();
    server.hears(stream_error("connection-timeout")).sees(Input::Lost);
    let told = server.told();
    let [ServerEvent::Suspended(session), ServerEvent::Ended(_)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((session.id(), session.len()), (&*id, 1));
}

#[test]
fn a_session_can_be_written_down() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..2);
    server.endpoint.send(server.now, message(2)).expect("room");
    let (session, _) = server.cut();
    let text = serde_json::to_string(&session).expect("plain data");
    let read: Suspended = serde_json::from_str(&text).expect("plain data");
    assert_eq!(read, session);
}

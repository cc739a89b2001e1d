//! What a server counts, and what it does with a client's counts (XEP-0198 § 4).

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Input, Ticket};
use xmpp_ws::error::{Incomplete, Violation};
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::managed_server::{ENABLE, MESSAGE, R, a, message};
use xmpp_ws_tests::solo::{SoloServer, condition};

fn acked(events: &[ServerEvent]) -> Vec<u64> {
    let ticket = |event: &ServerEvent| match event {
        ServerEvent::Acked(ticket) => Some(ticket.number()),
        _ => None,
    };
    events.iter().filter_map(ticket).collect()
}

#[test]
fn stanzas_count_and_nothing_else() {
    let ping = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";
    // What the client says, and the count after it.
    let table = [
        (MESSAGE, 1),
        ("<presence xmlns='jabber:client'/>", 2),
        (
            "<iq xmlns='jabber:client' type='get' id='i' to='bob@example.com/b'><q xmlns='x'/></iq>",
            3,
        ),
        // What the server answers itself was handled, too.
        (ping, 4),
        ("<inactive xmlns='urn:xmpp:csi:0'/>", 4),
        ("<a xmlns='urn:xmpp:sm:3' h='0'/>", 4),
        (R, 4),
    ];
    let (mut server, _) = SoloServer::managed();
    for (said, count) in table {
        server.hears(said);
        server.told();
        server.said();
        assert_eq!(server.hears(R).says(), a(count), "after {said}");
    }
}

#[test]
fn what_came_before_enable_does_not_count() {
    let mut server = SoloServer::bound();
    server.hears(MESSAGE).hears(MESSAGE).hears(ENABLE).hears(MESSAGE);
    server.told();
    server.said();
    assert_eq!(server.hears(R).says(), a(1));
}

#[test]
fn what_was_queued_before_enabled_does_not_count() {
    let mut server = SoloServer::bound();
    let now = server.now;
    server.endpoint.send(now, message(0)).expect("room");
    server.hears(ENABLE);
    server.endpoint.send(now, message(1)).expect("room");
    assert_eq!(server.said().len(), 3);
    assert!(matches!(server.tells(), Some(ServerEvent::Resumable { .. })));
    assert!(matches!(server.tells(), Some(ServerEvent::Unconfirmed(it)) if it == Ticket::new(0)));
    server.hears(a(1));
    assert_eq!(acked(&server.told()), [1]);
    let said = server.hears(a(2)).said();
    assert_eq!(condition(&said[0]), "undefined-condition");
}

#[test]
fn what_the_application_has_not_taken_is_acknowledged_when_it_has() {
    let (mut server, _) = SoloServer::managed();
    server.hears(MESSAGE).hears(MESSAGE).hears(R);
    assert_eq!(server.says(), a(0));
    assert!(server.tells().is_some());
    server.sees(Input::Timeout);
    assert_eq!(server.says(), a(1));
    assert!(server.tells().is_some());
    server.sees(Input::Timeout);
    assert_eq!(server.says(), a(2));
}

#[test]
fn acknowledgements_settle_tickets_in_order() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..5);
    server.hears(a(2));
    assert_eq!(acked(&server.told()), [0, 1]);
    // Again, and one that went back.
    server.hears(a(2)).hears(a(1));
    assert!(server.told().is_empty());
    server.hears(a(5));
    assert_eq!(acked(&server.told()), [2, 3, 4]);
}

#[test]
fn an_answer_without_a_count_ends_the_stream() {
    for said in ["<a xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='many'/>"] {
        let (mut server, _) = SoloServer::managed();
        let said = server.hears(said).said();
        assert_eq!(condition(&said[0]), "bad-format");
        server.sees(Input::Lost);
        assert_eq!(
            server.ended(),
            Ending::Violated(Violation::Incomplete(Incomplete::Acknowledgement))
        );
    }
}

#[test]
fn a_count_of_what_was_never_sent_ends_the_stream_and_hands_back() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..2);
    let said = server.hears(a(3)).said();
    assert_eq!(condition(&said[0]), "undefined-condition");
    let counts = "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='2'/>";
    assert!(said[0].contains(counts), "{}", said[0]);
    assert!(!server.endpoint.is_resumable());
    server.sees(Input::Lost);
    let told = server.told();
    let [ServerEvent::Closing, ServerEvent::Undelivered(list), ServerEvent::Ended(why)] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert!(list.len() == 2 && list.iter().all(|it| it.written));
    assert_eq!(*why, Ending::Violated(Violation::CountTooHigh { h: 3, sent: 2 }));
}

#[test]
fn the_last_word_before_close_is_the_count() {
    let (mut server, _) = SoloServer::managed();
    server.hears(MESSAGE);
    let close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    let said = server.hears(close).said();
    assert_eq!(said[0], a(1));
    assert!(said[1].starts_with("<close "), "{said:?}");
}

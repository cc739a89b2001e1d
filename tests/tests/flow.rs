//! Back-pressure: who waits for whom, and that nobody waits for ever.

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Ticket, Transmit};
use xmpp_ws::error::{Misuse, Violation};
use xmpp_ws::limits::Limits;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{CLIENT_OPEN, CLOSE, SoloClient, SoloServer, condition};

const MESSAGE: &str = "<message xmlns='jabber:client'/>";

fn small_client(change: impl FnOnce(&mut Limits)) -> SoloClient {
    let mut config = client_config();
    change(&mut config.limits);
    SoloClient::bound_with(config)
}

fn ping(id: usize) -> String {
    format!("<iq xmlns='jabber:client' type='get' id='p{id}'><ping xmlns='urn:xmpp:ping'/></iq>")
}

#[test]
fn a_client_wants_to_dial_until_its_dial_is_taken() {
    let mut client = Client::new(client_config(), Seeded::boxed(1), Instant::ORIGIN);
    assert!(client.wants_dial());
    assert!(client.wants_input());
    assert!(matches!(client.poll_transmit(), Some(Transmit::Dial(_))));
    assert!(!client.wants_dial());
    assert!(client.wants_input());
}

#[test]
fn two_that_have_much_to_say_still_listen() {
    let mut client = small_client(|limits| limits.max_queued_messages = 4);
    for _ in 0..4 {
        client.endpoint.send(client.now, "<message/>").expect("room");
    }
    assert_eq!(client.endpoint.send(client.now, "<message/>"), Err(Misuse::Full));
    assert!(client.endpoint.wants_input(), "both sides would wait for each other");
}

#[test]
fn answers_that_are_not_taken_stop_the_reading() {
    let mut client = small_client(|limits| limits.max_queued_messages = 4);
    for id in 0..4 {
        assert!(client.endpoint.wants_input());
        client.hears(ping(id));
    }
    assert!(!client.endpoint.wants_input());
    assert!(client.endpoint.poll_transmit().is_some());
    assert!(client.endpoint.wants_input());
}

#[test]
fn answers_stop_the_reading_by_their_bytes_too() {
    let mut client = small_client(|limits| limits.max_queued_bytes = 90);
    client.hears(ping(1));
    assert!(client.endpoint.wants_input(), "one answer is less than 90 bytes");
    client.hears(ping(2));
    assert!(!client.endpoint.wants_input());
}

#[test]
fn events_that_are_not_taken_stop_the_reading() {
    let mut client = small_client(|limits| limits.max_queued_events = 2);
    client.hears(MESSAGE);
    assert!(client.endpoint.wants_input());
    client.hears(MESSAGE);
    assert!(!client.endpoint.wants_input());
    assert!(client.tells().is_some());
    assert!(client.endpoint.wants_input());
}

#[test]
fn there_is_room_again_when_a_message_was_taken() {
    let mut client = small_client(|limits| limits.max_queued_messages = 2);
    let first = client.endpoint.send(client.now, "<message id='1'/>").expect("room");
    assert!(client.endpoint.has_room());
    client.endpoint.send(client.now, "<message id='2'/>").expect("room");
    assert!(!client.endpoint.has_room());
    assert_eq!(client.endpoint.send(client.now, "<message id='3'/>"), Err(Misuse::Full));
    assert!(client.endpoint.poll_transmit().is_some());
    assert!(client.endpoint.has_room());
    let third = client.endpoint.send(client.now, "<message id='3'/>").expect("room again");
    assert!(third > first);
    assert_eq!(client.said().len(), 2, "what was refused is not there");
}

#[test]
fn a_message_that_alone_fills_the_queue_is_taken_into_an_empty_one() {
    let mut client = small_client(|limits| limits.max_queued_bytes = 10);
    client.endpoint.send(client.now, "<message/>").expect("the queue is empty");
    assert_eq!(client.endpoint.send(client.now, "<message/>"), Err(Misuse::Full));
}

#[test]
fn each_ticket_ends_once() {
    let mut client = SoloClient::bound();
    let mut send =
        |n: u32| client.endpoint.send(client.now, format!("<message id='{n}'/>")).expect("room");
    let written: [Ticket; 2] = [send(1), send(2)];
    let left: [Ticket; 2] = [send(3), send(4)];
    assert!(client.endpoint.poll_transmit().is_some());
    assert!(client.endpoint.poll_transmit().is_some());
    assert!(matches!(client.tells(), Some(ClientEvent::Unconfirmed(t)) if t == written[0]));
    client.sees(Input::Lost);
    let told = client.told();
    let [ClientEvent::Unconfirmed(second), ClientEvent::Undelivered(back), ClientEvent::Ended(_)] =
        &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(*second, written[1]);
    assert_eq!(back.iter().map(|it| it.ticket).collect::<Vec<_>>(), left);
    assert_eq!(&*back[0].stanza, "<message xmlns='jabber:client' id='3'/>");
    assert_eq!(back[0].given, client.now);
    assert!(client.endpoint.has_room(), "there is nothing to wait for");
    assert_eq!(client.endpoint.send(client.now, "<message/>"), Err(Misuse::Over));
}

#[test]
fn what_was_queued_before_the_close_is_written_before_it() {
    let mut server = SoloServer::bound();
    server.endpoint.send(server.now, "<message/>").expect("bound");
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.endpoint.send(server.now, "<message/>"), Err(Misuse::NotNow));
    assert_eq!(server.said(), ["<message xmlns='jabber:client'/>", CLOSE]);
    assert!(matches!(server.tells(), Some(ServerEvent::Unconfirmed(_))));
}

#[test]
fn nothing_is_sent_before_it_is_bound() {
    let mut client = SoloClient::authenticating();
    assert_eq!(client.endpoint.send(client.now, "<message/>"), Err(Misuse::NotNow));
    let mut server = SoloServer::authenticated();
    assert_eq!(server.endpoint.send(server.now, "<message/>"), Err(Misuse::NotNow));
    assert_eq!(server.said(), [""; 0]);
}

#[test]
fn what_is_held_is_bounded_in_number_and_in_size() {
    let mut config = server_config();
    config.limits.max_held_messages = 2;
    let mut server = SoloServer::server(config, Connection::new(true));
    server.hears(CLIENT_OPEN).hears("<a xmlns='u'/>");
    assert!(!server.endpoint.wants_input());
    server.hears("<a xmlns='u'/>");
    assert_eq!(server.said(), [""; 0]);
    server.hears("<a xmlns='u'/>").sees(Input::Lost);
    server.tells();
    assert_eq!(server.ended(), Ending::Violated(Violation::TooEager));

    let mut config = server_config();
    config.limits.max_message_bytes_unauthenticated = 200;
    let mut server = SoloServer::server(config, Connection::new(true));
    server.hears(CLIENT_OPEN).hears(format!("<a xmlns='u'>{}</a>", "x".repeat(200)));
    assert_eq!(condition(&server.said()[1]), "policy-violation");
    server.sees(Input::Lost);
    server.tells();
    assert!(matches!(server.ended(), Ending::Violated(Violation::TooLong { limit: 200, .. })));
}

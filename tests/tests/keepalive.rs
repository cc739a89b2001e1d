//! Signs of life: who pings whom, and when a silent peer is given up (RFC 7395 § 3.8).

use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::error::WebSocketFault;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::pair::{Pair, client_config, server_config};
use xmpp_ws_tests::solo::{SoloClient, SoloServer, attribute, condition};

const MESSAGE: &str = "<message xmlns='jabber:client'/>";

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_silent_peer_is_pinged_and_given_up_at_the_exact_time() {
    let mut client = SoloClient::bound();
    client.wait(Duration::from_nanos(49_999_999_999));
    assert_eq!(client.said(), [""; 0]);
    client.wait(Duration::from_nanos(1));
    assert_eq!(client.says(), "ping");
    client.wait(Duration::from_nanos(19_999_999_999));
    assert_eq!(client.said(), [""; 0]);
    client.wait(Duration::from_nanos(1));
    let said = client.said();
    assert_eq!(condition(&said[0]), "connection-timeout");
    assert_eq!(said.len(), 3, "{said:#?}");
    client.wait(secs(2));
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Answer));
}

#[test]
fn a_server_gives_a_silent_client_up_too() {
    let mut server = SoloServer::bound();
    server.wait(secs(50));
    assert_eq!(server.says(), "ping");
    server.wait(secs(20));
    assert_eq!(condition(&server.said()[0]), "connection-timeout");
    server.wait(secs(2));
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Answer));
}

/// A browser's WebSocket cannot ping: the client asks the server itself (XEP-0199), and keeps the answer to itself.
#[test]
fn where_the_transport_cannot_ping_an_xmpp_ping_asks() {
    let mut connection = Connection::new(true);
    connection.can_ping = false;
    let mut config = server_config();
    // With stream management <r/> asks.
    config.stream_management = None;
    let mut pair = Pair::with(client_config(), config, connection);
    pair.run_until_bound();
    let mut client = pair.client;
    while client.poll_event().is_some() || client.poll_transmit().is_some() {}
    for _ in 0..3 {
        let now = client.poll_timeout().expect("a silent server is asked");
        client.handle(now, Input::Timeout);
        let Some(Transmit::Text(asked)) = client.poll_transmit() else { panic!("nothing asked") };
        assert!(asked.contains("to='example.com'"), "{asked}");
        assert!(asked.contains("<ping xmlns='urn:xmpp:ping'/>"), "{asked}");
        let id = attribute(&asked, "id");
        let answer =
            format!("<iq xmlns='jabber:client' type='result' from='example.com' id='{id}'/>");
        client.handle(now + secs(1), Input::Text(answer.into()));
        assert!(client.poll_event().is_none(), "the application did not ask");
    }
    // Without an answer it ends as with any other ping.
    let now = client.poll_timeout().expect("a silent server is asked");
    client.handle(now, Input::Timeout);
    assert!(client.poll_transmit().is_some());
    client.handle(now + secs(20), Input::Timeout);
    let Some(Transmit::Text(error)) = client.poll_transmit() else { panic!("nothing said") };
    assert_eq!(condition(&error), "connection-timeout");
}

#[test]
fn any_sign_of_life_counts() {
    for input in [Input::Pong, Input::Ping, Input::Text(MESSAGE.into())] {
        let mut client = SoloClient::bound();
        client.wait(secs(50));
        assert_eq!(client.says(), "ping");
        client.wait(secs(19)).sees(input.clone());
        client.wait(secs(49));
        assert_eq!(client.said(), [""; 0], "{input:?}");
        client.wait(secs(1));
        assert_eq!(client.says(), "ping");
    }
}

#[test]
fn a_sign_of_life_at_hand_beats_a_deadline_that_was_noticed_late() {
    let mut client = SoloClient::bound();
    // The machine slept: nobody called, and the message lay in the socket.
    client.now = client.now + secs(3600);
    client.hears(MESSAGE);
    assert_eq!(client.said(), [""; 0]);
    assert_eq!(client.endpoint.poll_timeout(), Some(client.now + secs(50)));
}

#[test]
fn after_a_long_sleep_a_silent_peer_gets_its_time_to_answer() {
    let mut client = SoloClient::bound();
    client.now = client.now + secs(3600);
    client.sees(Input::Timeout);
    assert_eq!(client.says(), "ping");
    assert_eq!(client.endpoint.poll_timeout(), Some(client.now + secs(20)));
}

#[test]
fn a_slow_application_does_not_make_the_peer_silent() {
    let mut config = client_config();
    config.limits.max_queued_events = 1;
    let mut client = SoloClient::bound_with(config);
    client.hears(MESSAGE);
    assert!(!client.endpoint.wants_input());
    client.wait(secs(600));
    assert_eq!(client.said(), ["ping"], "the answer would not be read");
    assert!(client.tells().is_some());
    client.wait(secs(11));
    assert_eq!(condition(&client.said()[0]), "connection-timeout");
}

#[test]
fn a_peer_that_takes_nothing_is_given_up_though_nothing_is_read_from_it() {
    let mut config = server_config();
    config.limits.max_queued_messages = 1;
    let mut server = SoloServer::bound_with(config);
    server.hears("<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert!(!server.endpoint.wants_input());
    server.wait(secs(50 + 20 + 2));
    server.said();
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Answer));
}

#[test]
fn a_nudge_looks_now_and_many_do_not_put_the_end_off() {
    let mut client = SoloClient::bound();
    client.wait(secs(10));
    client.endpoint.nudge(client.now);
    client.sees(Input::Timeout);
    assert_eq!(client.says(), "ping");
    for _ in 0..4 {
        client.wait(secs(4));
        client.endpoint.nudge(client.now);
        client.sees(Input::Timeout);
    }
    assert_eq!(client.said(), [""; 0], "one ping is out already");
    client.wait(secs(4));
    assert_eq!(condition(&client.said()[0]), "connection-timeout");
}

#[test]
fn a_server_that_is_nudged_looks_now_too() {
    let mut server = SoloServer::bound();
    server.wait(secs(10));
    server.endpoint.nudge(server.now);
    server.sees(Input::Timeout);
    assert_eq!(server.says(), "ping");
    server.wait(secs(20));
    assert_eq!(condition(&server.said()[0]), "connection-timeout");
    // Where there is nobody yet it changes nothing.
    let mut server = SoloServer::fresh();
    let due = server.endpoint.poll_timeout();
    server.endpoint.nudge(server.now);
    assert_eq!(server.endpoint.poll_timeout(), due);
}

#[test]
fn without_keep_alive_an_open_stream_waits_for_ever() {
    let mut config = client_config();
    config.limits.ping_after = None;
    let mut client = SoloClient::bound_with(config);
    assert_eq!(client.endpoint.poll_timeout(), None);
    // But where the application has a doubt it is looked into.
    client.endpoint.nudge(client.now);
    client.sees(Input::Timeout);
    assert_eq!(client.says(), "ping");
    client.wait(secs(19)).sees(Input::Pong);
    assert_eq!(client.endpoint.poll_timeout(), None);
}

#[test]
fn two_that_have_nothing_to_say_stay_together() {
    let mut pair = Pair::bound();
    pair.run_for(secs(3600));
    assert!(pair.client.jid().is_some() && pair.server.jid().is_some(), "{:#?}", pair.log);
    let pings = pair.log.iter().filter(|line| line.ends_with("ping")).count();
    assert!((60..=72 * 2).contains(&pings), "{pings} pings in an hour");
}

#[test]
fn a_cut_wire_is_noticed_by_both() {
    let mut pair = Pair::bound();
    pair.wire_works = false;
    let cut = pair.now;
    let client = pair.until_client(|_| false);
    let server = pair.until_server(|_| false);
    assert!(format!("{client:?}").contains("TimedOut(Answer)"), "{client:?}");
    assert!(format!("{server:?}").contains("TimedOut(Answer)"), "{server:?}");
    assert!(pair.now.since(cut) <= secs(50 + 20 + 2));
}

#[test]
fn no_ping_goes_into_a_stream_that_ends() {
    for end in [Input::Unwritable, Input::Unreadable(WebSocketFault::Protocol)] {
        let mut client = SoloClient::bound();
        client.sees(end).said();
        client.wait(secs(600));
        assert!(client.endpoint.poll_timeout().is_none());
        client.ended();
    }
}

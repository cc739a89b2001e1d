//! An application that pauses: nobody reads meanwhile, and what lies in the socket was in time.

use std::time::Duration;

use xmpp_ws::client::{ClientEvent, Iq, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::server::ServerEvent;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{MESSAGE, REQUEST, answer, lasting_config, stanza};
use xmpp_ws_tests::net::{self, Net};
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::solo::{
    CLOSE, PLAIN_FEATURES, SERVER_OPEN, Solo, SoloClient, SoloServer, attribute, condition,
};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Nobody calls for so long.
fn pauses<E: Endpoint>(solo: &mut Solo<E>, time: Duration) {
    solo.now = solo.now + time;
}

/// A client that has asked the server how many of ten stanzas it has.
fn asking() -> SoloClient {
    let mut client = SoloClient::managed();
    for number in 0..10 {
        client.sends(stanza(&number.to_string()));
    }
    assert_eq!(client.said().last().map(String::as_str), Some(REQUEST));
    client
}

#[test]
fn an_acknowledgement_at_hand_was_in_time() {
    for pause in [secs(60), secs(61), secs(3600)] {
        let mut client = asking();
        pauses(&mut client, pause);
        client.hears(answer(10));
        assert_eq!(client.said(), [""; 0], "after {pause:?}");
        assert_eq!(client.told().len(), 10, "acknowledged after {pause:?}");
        assert!(client.endpoint.jid().is_some());
    }
}

#[test]
fn so_was_one_behind_other_messages_however_slowly_they_are_taken() {
    for pause in [secs(61), secs(20), secs(7)] {
        let mut client = asking();
        for _ in 0..20 {
            pauses(&mut client, pause);
            client.hears(MESSAGE);
            assert_eq!(client.said(), [""; 0], "after {pause:?}");
        }
        pauses(&mut client, pause);
        client.hears(answer(10));
        assert_eq!(client.said(), [""; 0], "after {pause:?}");
        assert_eq!(client.told().len(), 30);
    }
}

#[test]
fn what_is_at_hand_after_a_pause_is_read_before_the_peer_is_given_up() {
    let mut client = asking();
    pauses(&mut client, secs(61));
    for _ in 0..10_000 {
        client.hears(MESSAGE).told();
    }
    client.hears(answer(10));
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn a_server_waits_for_its_application_too() {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..10);
    pauses(&mut server, secs(61));
    server.hears(MESSAGE).hears(answer(10));
    assert_eq!(server.said(), [""; 0]);
    assert_eq!(server.told().len(), 11);
}

#[test]
fn who_talks_on_and_never_acknowledges_is_given_up_all_the_same() {
    // Somebody reads all the time, and finds something each time.
    let mut client = asking();
    for _ in 0..60 * 50 {
        assert_eq!(client.said(), [""; 0]);
        pauses(&mut client, Duration::from_millis(20));
        client.hears(MESSAGE).told();
    }
    assert_eq!(client.said().last().map(String::as_str), Some("close 1000"));
    // Nothing is left to be read.
    let mut client = asking();
    pauses(&mut client, secs(61));
    client.hears(MESSAGE);
    client.wait(Duration::from_nanos(59_999_999_999));
    assert_eq!(client.said().len(), 1, "a ping");
    client.hears(MESSAGE).wait(Duration::from_nanos(1));
    assert_eq!(client.said().last().map(String::as_str), Some("close 1000"));
}

#[test]
fn a_reply_at_hand_was_in_time() {
    let mut client = SoloClient::bound();
    let ticket = client.endpoint.iq(client.now, Iq::get("<q xmlns='u'/>")).expect("bound");
    let id = attribute(&client.says(), "id");
    client.told();
    pauses(&mut client, secs(61));
    client.hears(MESSAGE).hears(format!("<iq xmlns='jabber:client' type='result' id='{id}'/>"));
    let told = client.told();
    let [ClientEvent::Stanza(_), ClientEvent::Reply { ticket: of, reply: Reply::Result(_) }] =
        &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(*of, ticket);
}

#[test]
fn while_the_application_takes_nothing_a_reply_is_not_late() {
    let mut config = client_config();
    config.limits.max_queued_events = 1;
    let mut client = SoloClient::bound_with(config);
    client.endpoint.iq(client.now, Iq::get("<q xmlns='u'/>")).expect("bound");
    let id = attribute(&client.says(), "id");
    client.told();
    client.hears(MESSAGE);
    assert!(!client.endpoint.wants_input());
    client.wait(secs(600)).said();
    assert!(matches!(&client.told()[..], [ClientEvent::Stanza(_)]));
    client.hears(format!("<iq xmlns='jabber:client' type='result' id='{id}'/>"));
    assert!(matches!(&client.told()[..], [ClientEvent::Reply { reply: Reply::Result(_), .. }]));
}

#[test]
fn the_last_word_at_hand_was_in_time() {
    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    client.said();
    pauses(&mut client, secs(6));
    client.hears(MESSAGE).hears(CLOSE).sees(Input::Lost);
    assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))));
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn the_first_word_at_hand_was_in_time() {
    let mut client = SoloClient::opening();
    pauses(&mut client, secs(31));
    client.hears(SERVER_OPEN);
    pauses(&mut client, secs(28));
    client.hears(PLAIN_FEATURES);
    assert!(client.says().starts_with("<auth "));
    // But the whole login has its time, with all that the application does in it.
    pauses(&mut client, secs(1));
    client.hears(MESSAGE);
    assert_eq!(condition(&client.said()[0]), "connection-timeout");
}

#[test]
fn what_was_not_written_while_nobody_wrote_may_be_written_yet() {
    let (mut server, _) = SoloServer::managed();
    server.endpoint.send(server.now, MESSAGE).expect("room");
    server.sees(Input::Timeout);
    pauses(&mut server, secs(61));
    server.hears(MESSAGE);
    assert!(matches!(&server.told()[..], [ServerEvent::Stanza(_)]));
    assert_eq!(server.said()[0], MESSAGE);
    server.sees(Input::Lost);
    server.told();
}

#[test]
fn no_time_at_all_is_time_enough_for_who_is_not_read_from() {
    let mut config = lasting_config();
    config.limits.max_queued_events = 1;
    config.limits.request_every = 1;
    config.limits.acknowledge = Duration::ZERO;
    config.limits.write = Duration::ZERO;
    config.limits.ping_answer = Duration::ZERO;
    config.limits.iq_reply = Duration::ZERO;
    let mut client = SoloClient::managed_with(config);
    client.hears(MESSAGE);
    client.endpoint.iq(client.now, Iq::get("<q xmlns='u'/>")).expect("bound");
    client.sees(Input::Timeout).wait(secs(60));
    assert!(!client.said().iter().any(|said| said.starts_with("close")));
    assert!(matches!(&client.told()[..], [ClientEvent::Stanza(_)]));
    client.wait(secs(1));
    assert!(matches!(&client.told()[..], [ClientEvent::Reply { reply: Reply::None, .. }, ..]));
    let mut config = server_config();
    config.limits.write = Duration::ZERO;
    let mut server = SoloServer::bound_with(config);
    server.endpoint.send(server.now, MESSAGE).expect("room");
    server.sees(Input::Timeout);
    server.sees(Input::Lost);
    let why = server.told().pop();
    assert!(matches!(&why, Some(ServerEvent::Ended(Ending::TimedOut(Timer::Write)))), "{why:?}");
}

/// A bot that thinks for a minute between two looks at what came, while both sides ask each other all the time.
#[test]
fn both_sides_stay_together_whatever_the_application_does() {
    let (client, mut server) = (net::client_config(), net::server_config());
    // The service's patience is not what is looked at.
    server.limits.acknowledge = secs(1_000_000);
    server.limits.write = secs(1_000_000);
    server.limits.ping_after = None;
    let mut net = Net::new(client, server, 1, Vec::new());
    net.run_for(secs(1));
    let mut number = 0;
    for pause in [61, 65, 130, 600, 61, 3600] {
        for _ in 0..12 {
            assert!(net.client_sends(number) && net.service_sends(number));
            number += 1;
        }
        net.client_pauses(secs(pause));
        assert!(net.is_up(), "after {pause} s: {:?}", net.lost_for);
    }
    net.run_for(secs(5));
    assert_eq!((net.bound, net.resumed, &net.lost_for[..]), (1, 0, &[][..]));
    assert!(net.seen.is_settled() && net.service.seen.is_settled());
}

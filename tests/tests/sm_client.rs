//! A client's acknowledgements (XEP-0198 § 3 and § 4).

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input, Ticket};
use xmpp_ws::error::{Misuse, Violation};
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{ENABLED, MESSAGE, REQUEST, answer, lasting_config, stanza};
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{CLOSE, SoloClient, condition};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn acked(client: &mut SoloClient) -> Vec<u64> {
    let number = |event| match event {
        ClientEvent::Acked(ticket) => ticket.number(),
        other => panic!("not acknowledged: {other:?}"),
    };
    client.told().into_iter().map(number).collect()
}

#[test]
fn it_is_asked_for_once_and_done_without_where_it_is_refused() {
    let mut client = SoloClient::enabling_with(lasting_config());
    client.hears(
        "<failed xmlns='urn:xmpp:sm:3'><internal-server-error \
         xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    );
    assert!(matches!(&client.told()[..], [ClientEvent::Bound(_)]));
    client.sends(stanza("1"));
    assert_eq!(client.says(), stanza("1"));
    assert!(matches!(&client.told()[..], [ClientEvent::Unconfirmed(_)]));
}

#[test]
fn it_is_not_asked_for_where_it_is_not_wanted() {
    let mut config = client_config();
    config.stream_management = false;
    let mut client = SoloClient::authenticating_with(config);
    client.hears(xmpp_ws_tests::solo::SUCCESS);
    client.says();
    client.hears(xmpp_ws_tests::solo::SERVER_OPEN).hears(xmpp_ws_tests::managed::MANAGED_FEATURES);
    let bind = client.says();
    client.hears(xmpp_ws_tests::solo::bound(&xmpp_ws_tests::solo::attribute(&bind, "id")));
    assert!(matches!(&client.told()[..], [ClientEvent::Bound(_)]));
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn an_acknowledgement_is_asked_for_after_so_many_stanzas() {
    let mut client = SoloClient::managed();
    for n in 0..10 {
        client.sends(stanza(&n.to_string()));
    }
    let said = client.said();
    assert_eq!(said.len(), 11);
    assert_eq!(said[10], REQUEST);
    assert!(client.told().is_empty());
    client.hears(answer(4));
    assert_eq!(acked(&mut client), [0, 1, 2, 3]);
    client.hears(answer(10));
    assert_eq!(acked(&mut client), [4, 5, 6, 7, 8, 9]);
}

#[test]
fn an_acknowledgement_is_asked_for_after_a_quiet_time() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    assert_eq!(client.says(), stanza("1"));
    client.wait(Duration::from_millis(999));
    assert_eq!(client.said(), [""; 0]);
    client.wait(Duration::from_millis(1));
    assert_eq!(client.says(), REQUEST);
    // Nothing else is asked for while this is out.
    client.wait(secs(5)).sends(stanza("2"));
    assert_eq!(client.says(), stanza("2"));
    client.wait(secs(2));
    assert_eq!(client.said(), [""; 0]);
    client.hears(answer(1));
    assert_eq!(acked(&mut client), [0]);
    client.wait(secs(1));
    assert_eq!(client.says(), REQUEST);
}

#[test]
fn a_server_that_does_not_acknowledge_is_given_up() {
    let mut config = lasting_config();
    config.limits.ping_after = None;
    let mut client = SoloClient::managed_with(config);
    client.sends(stanza("1"));
    client.said();
    client.wait(secs(1));
    assert_eq!(client.says(), REQUEST);
    client.wait(secs(59));
    assert_eq!(client.said(), [""; 0]);
    client.hears(MESSAGE).told();
    client.wait(secs(1));
    // XEP-0198 § 5: after a stream error, or a <close/>, the session would be gone.
    assert_eq!(client.said(), [&answer(1), "close 1000"]);
    client.wait(secs(2));
    assert!(matches!(
        client.told()[..],
        [ClientEvent::Disconnected { why: Ending::TimedOut(Timer::Acknowledge), .. }]
    ));
}

#[test]
fn only_stanzas_count_and_a_request_is_answered_at_once() {
    let mut client = SoloClient::managed();
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(0));
    client
        .hears(MESSAGE)
        .hears("<presence xmlns='jabber:client'/>")
        .hears("<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")
        .hears(answer(0));
    assert_eq!(client.told().len(), 2);
    assert_eq!(client.says(), "<iq xmlns='jabber:client' type='result' id='p'/>");
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(3));
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(3));
}

#[test]
fn what_came_before_it_was_granted_does_not_count() {
    let mut client = SoloClient::enabling_with(lasting_config());
    client.hears(MESSAGE).hears(ENABLED).hears(MESSAGE);
    assert_eq!(client.told().len(), 3);
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(1));
}

#[test]
fn what_the_application_has_not_taken_is_not_acknowledged() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE).hears(MESSAGE).hears(REQUEST);
    assert_eq!(client.says(), answer(0));
    assert!(client.tells().is_some());
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(1));
    // The rest is made good without being asked for again.
    assert!(client.tells().is_some());
    client.sees(Input::Pong);
    assert_eq!(client.says(), answer(2));
    client.sees(Input::Pong);
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn an_answer_in_full_is_the_only_one() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE);
    assert!(client.tells().is_some());
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(1));
    // What came since was not asked for.
    client.hears(MESSAGE);
    assert!(client.tells().is_some());
    client.sees(Input::Pong);
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn requests_that_wait_to_be_answered_are_answered_once() {
    let mut client = SoloClient::managed();
    client.hears(REQUEST).hears(REQUEST).hears(REQUEST);
    assert_eq!(client.said(), [answer(0)]);
}

#[test]
fn answers_of_the_librarys_own_count_like_any_stanza() {
    let mut client = SoloClient::managed();
    client.hears("<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
    client.says();
    client.sends(stanza("1"));
    client.said();
    client.hears(answer(1));
    assert!(client.told().is_empty());
    client.hears(answer(2));
    assert_eq!(acked(&mut client), [0]);
}

#[test]
fn the_last_count_is_said_and_asked_for_before_the_end() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).hears(MESSAGE);
    client.said();
    client.endpoint.close(client.now).expect("open");
    assert_eq!(client.said(), [REQUEST, &answer(1), CLOSE]);
    client.hears(answer(1));
    assert!(matches!(&client.told()[..], [ClientEvent::Stanza(_), ClientEvent::Acked(_)]));
    client.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    client.said();
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn what_is_not_acknowledged_at_the_end_is_handed_back() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sends(stanza("2"));
    client.said();
    client.endpoint.close(client.now).expect("open");
    client.said();
    client.hears(answer(1)).hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    client.said();
    let told = client.told();
    let [ClientEvent::Acked(first), ClientEvent::Undelivered(rest), ClientEvent::Ended(_)] =
        &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((first.number(), rest.len()), (0, 1));
    assert_eq!((rest[0].ticket, rest[0].written), (Ticket::new(1), true));
    assert_eq!(rest[0].stanza, stanza("2"));
}

#[test]
fn a_clean_close_of_the_servers_is_answered_with_the_last_count() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE).hears(CLOSE);
    assert_eq!(client.said(), [answer(1), CLOSE.to_owned()]);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_ends_the_stream() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.says();
    client.hears(answer(3));
    let said = client.said();
    assert_eq!(condition(&said[0]), "undefined-condition");
    assert!(said[0].ends_with(
        "</text><handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='1'/></stream:error>"
    ), "{}", said[0]);
    client.sees(Input::Closed { code: Some(1000) });
    let told = client.told();
    let [ClientEvent::Disconnected { why, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*why, Ending::Violated(Violation::CountTooHigh { h: 3, sent: 1 }));
}

#[test]
fn an_acknowledgement_that_goes_back_changes_nothing() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sends(stanza("2"));
    client.said();
    client.hears(answer(1)).hears(answer(0)).hears(answer(1));
    assert_eq!(acked(&mut client), [0]);
    client.hears(answer(2));
    assert_eq!(acked(&mut client), [1]);
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn an_acknowledgement_without_a_count_ends_the_stream() {
    for bad in ["", " h=''", " h='-1'", " h='x'", " h='4294967296'"] {
        let mut client = SoloClient::managed();
        client.hears(format!("<a xmlns='urn:xmpp:sm:3'{bad}/>"));
        assert_eq!(condition(&client.said()[0]), "bad-format", "{bad}");
    }
}

#[test]
fn another_users_elements_are_never_obeyed() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.said();
    client
        .hears("<r xmlns='urn:xmpp:sm:3' from='mallory@example.com'/>")
        .hears("<a xmlns='urn:xmpp:sm:3' h='99' to='alice@example.com'/>")
        .hears("<failed xmlns='urn:xmpp:sm:3' from='mallory@example.com'/>");
    assert_eq!(client.said(), [""; 0]);
    let told = client.told();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|it| matches!(it, ClientEvent::Ignored(_))), "{told:?}");
}

#[test]
fn stanzas_are_bounded_until_they_are_acknowledged() {
    let mut config = lasting_config();
    config.limits.max_unacknowledged = 2;
    let mut client = SoloClient::managed_with(config);
    client.sends(stanza("1")).sends(stanza("2"));
    client.said();
    assert!(!client.endpoint.has_room());
    assert_eq!(client.endpoint.send(client.now, stanza("3")), Err(Misuse::Full));
    client.hears(answer(1));
    assert!(client.endpoint.has_room());
    client.sends(stanza("3"));
}

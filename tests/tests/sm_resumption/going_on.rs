//! A session that goes on: what is sent again, what counts, what is not said anew.

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws_tests::managed::{MESSAGE, REQUEST, answer, lasting_config, resumed, stanza};
use xmpp_ws_tests::solo::{
    CLOSE, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, condition, stream_error,
};

use super::{RESUME, failed, gist};

#[test]
fn what_was_not_acknowledged_is_sent_again_once_in_order_before_anything_new() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sends(stanza("2")).sends(stanza("3"));
    client.said();
    client.hears(MESSAGE);
    client.told();
    client.sends(stanza("4"));
    // The fourth is not even written when the connection is cut.
    assert!(client.is_cut().1);
    client.sends(stanza("5"));
    client.dials();
    client.sends(stanza("6"));
    client.logs_in_again();
    assert_eq!(client.says(), "<resume xmlns='urn:xmpp:sm:3' h='1' previd='s-1'/>");
    client.hears(resumed(1));
    let said: Vec<String> = client.said();
    assert_eq!(
        said,
        [stanza("2"), stanza("3"), stanza("4"), stanza("5"), stanza("6"), REQUEST.to_owned()]
    );
    assert_eq!(gist(&client.told()), ["resumed", "acked 0"]);
    client.hears(answer(6));
    assert_eq!(gist(&client.told()), ["acked 1", "acked 2", "acked 3", "acked 4", "acked 5"]);
}

#[test]
fn resumption_resets_no_count() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE).hears(MESSAGE).told();
    assert_eq!(client.comes_back(), "<resume xmlns='urn:xmpp:sm:3' h='2' previd='s-1'/>");
    client.hears(resumed(0)).hears(MESSAGE);
    assert_eq!(gist(&client.told()), ["resumed", "stanza"]);
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(3));
    client.sends(stanza("1"));
    client.said();
    client.hears(answer(1));
    assert_eq!(gist(&client.told()), ["acked 0"]);
    // And again, over a third connection.
    assert_eq!(client.comes_back(), "<resume xmlns='urn:xmpp:sm:3' h='3' previd='s-1'/>");
    client.hears(resumed(1));
    assert_eq!(gist(&client.told()), ["resumed"]);
}

#[test]
fn a_cut_while_it_is_sent_again_loses_nothing() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sends(stanza("2")).sends(stanza("3"));
    client.said();
    client.comes_back();
    client.hears(resumed(0));
    // Only the first leaves before the next cut.
    assert!(client.says_next().is_some());
    client.told();
    assert_eq!(client.comes_back(), RESUME);
    client.hears(resumed(1));
    assert_eq!(client.said(), [stanza("2"), stanza("3"), REQUEST.to_owned()]);
}

#[test]
fn a_count_that_was_never_reached_is_told_in_place_of_going_on() {
    for answer in [resumed(2), failed(2)] {
        let mut client = SoloClient::managed();
        client.sends(stanza("1"));
        client.said();
        client.comes_back();
        client.hears(answer);
        assert!(client.said()[0].contains("h='2' send-count='1'"));
    }
}

#[test]
fn another_session_than_the_one_asked_for_is_not_taken() {
    let mut client = SoloClient::managed();
    client.comes_back();
    client.hears("<resumed xmlns='urn:xmpp:sm:3' h='0' previd='s-2'/>");
    assert_eq!(condition(&client.said()[0]), "bad-format");
    assert!(!client.is_cut().1);
    client.dials();
    client.logs_in_again();
    assert!(client.says().contains("<bind "), "not with the same answer again");
}

#[test]
fn a_count_that_was_told_is_not_taken_back() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE).hears(MESSAGE).sees(Input::Lost);
    // The application is slow: what it has not taken is in this process all the same.
    client.dials();
    client.sees(Input::Connected(xmpp_ws::endpoint::Connection::new(true)));
    client.said();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).hears(SUCCESS).hears(SERVER_OPEN);
    client.said();
    client.hears(xmpp_ws_tests::managed::MANAGED_FEATURES);
    assert_eq!(client.says(), "<resume xmlns='urn:xmpp:sm:3' h='2' previd='s-1'/>");
    client.hears(resumed(0)).hears(MESSAGE).hears(REQUEST);
    assert_eq!(client.says(), answer(2));
}

#[test]
fn after_a_servers_error_it_is_tried() {
    let mut client = SoloClient::managed();
    client.hears(stream_error("system-shutdown")).hears(CLOSE);
    client.said();
    client.sees(Input::Closed { code: Some(1000) });
    assert_eq!(gist(&client.told()), ["disconnected true"]);
    client.dials();
    client.logs_in_again();
    assert_eq!(client.says(), RESUME);
}

#[test]
fn no_presence_and_no_roster_request_goes_out_after_it() {
    let mut client = SoloClient::managed();
    client.comes_back();
    client.hears(resumed(0));
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn one_poisoned_message_makes_no_loop() {
    let mut client = SoloClient::managed();
    let poison = "<message xmlns='jabber:client'><oops></message>";
    client.hears(poison);
    client.said();
    client.sees(Input::Closed { code: Some(1000) });
    client.told();
    client.dials();
    client.logs_in_again();
    // The server still has it, and sends it again.
    assert_eq!(client.says(), RESUME);
    client.hears(resumed(0)).hears(poison);
    client.said();
    client.sees(Input::Closed { code: Some(1000) });
    assert_eq!(gist(&client.told()), ["resumed", "disconnected false"]);
    client.dials();
    client.logs_in_again();
    assert!(client.says().contains("<bind "), "not with the poison again");
}

#[test]
fn a_poisoned_message_may_be_discarded_and_counts() {
    let mut config = lasting_config();
    config.tolerance.ill_formed_stanzas = true;
    let mut client = SoloClient::managed_with(config);
    client
        .hears("<message xmlns='jabber:client'><oops></message>")
        .hears("<messages xmlns='jabber:client'><oops></messages>");
    let told = client.told();
    let [ClientEvent::Discarded { violation, text }, ClientEvent::Discarded { .. }] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert!(matches!(violation, Violation::Xml(_)));
    assert!(text.contains("<oops>"));
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(1));
}

/// XEP-0198 § 5: the server hears us perhaps, and would not keep a session whose stream was ended.
#[test]
fn a_silent_server_is_left_without_an_end_of_the_stream() {
    let mut client = SoloClient::managed();
    client.wait(Duration::from_secs(50));
    assert_eq!(client.says(), "ping");
    client.wait(Duration::from_secs(20));
    assert_eq!(client.says(), "close 1000");
    // Nor while it is asked to go on with the session: it may be on with it already.
    client.comes_back();
    client.wait(Duration::from_secs(60));
    assert_eq!(client.says(), "close 1000");
    client.comes_back();
    client.hears(resumed(0));
    assert!(matches!(client.told().last(), Some(ClientEvent::Resumed)));
}

/// Prosody 0.12 answers the WebSocket's pings on the connection that the session began with.
#[test]
fn a_server_is_asked_for_its_count_in_place_of_a_ping_once_it_resumed() {
    let mut client = SoloClient::managed();
    client.wait(Duration::from_secs(50));
    assert_eq!(client.says(), "ping");
    client.comes_back();
    client.hears(resumed(0));
    client.wait(Duration::from_secs(50));
    assert_eq!(client.says(), REQUEST);
}

#[test]
fn activity_is_said_anew_on_each_connection() {
    let mut client = SoloClient::managed();
    client.endpoint.set_active(true);
    assert_eq!(client.said(), [""; 0]);
    client.endpoint.set_active(false);
    assert_eq!(client.says(), "<inactive xmlns='urn:xmpp:csi:0'/>");
    client.comes_back();
    client.hears(resumed(0));
    assert_eq!(client.says(), "<inactive xmlns='urn:xmpp:csi:0'/>");
    client.endpoint.set_active(true);
    assert_eq!(client.says(), "<active xmlns='urn:xmpp:csi:0'/>");
    client.comes_back();
    client.hears(resumed(0));
    assert_eq!(client.said(), [""; 0], "a connection begins active");
}

//! A client's session over several connections (XEP-0198 § 5).

use std::time::Duration;

use xmpp_ws::client::{ClientEvent, Iq, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Input, Ticket};
use xmpp_ws::error::Violation;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws_tests::managed::{ENABLED, MESSAGE, REQUEST, answer, lasting_config, resumed, stanza};
use xmpp_ws_tests::solo::{
    BIND_FEATURES, CLOSE, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, attribute, bound,
    condition, stream_error,
};

const RESUME: &str = "<resume xmlns='urn:xmpp:sm:3' h='0' previd='s-1'/>";
const ITEM_NOT_FOUND: &str = "<failed xmlns='urn:xmpp:sm:3'><item-not-found \
                              xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

fn failed(h: u32) -> String {
    ITEM_NOT_FOUND.replacen("'>", &format!("' h='{h}'>"), 1)
}

/// What is told, without what a test does not look at.
fn gist(told: &[ClientEvent]) -> Vec<String> {
    let one = |event: &ClientEvent| match event {
        ClientEvent::Acked(ticket) => format!("acked {}", ticket.number()),
        ClientEvent::Unconfirmed(ticket) => format!("unconfirmed {}", ticket.number()),
        ClientEvent::Undelivered(stanzas) => {
            let one = |it: &xmpp_ws::endpoint::Undelivered| {
                format!(" {}{}", it.ticket.number(), if it.written { "w" } else { "" })
            };
            format!("undelivered{}", stanzas.iter().map(one).collect::<String>())
        }
        ClientEvent::Bound(_) => "bound".into(),
        ClientEvent::Resumed => "resumed".into(),
        ClientEvent::NotResumed(condition) => format!("not resumed {condition:?}"),
        ClientEvent::Stanza(_) => "stanza".into(),
        ClientEvent::Reply { ticket, reply: Reply::None } => {
            format!("no reply {}", ticket.number())
        }
        ClientEvent::Reply { ticket, .. } => format!("reply {}", ticket.number()),
        ClientEvent::Disconnected { resumable, .. } => format!("disconnected {resumable}"),
        other => format!("{other:?}"),
    };
    told.iter().map(one).collect()
}

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
fn a_refused_resumption_hands_back_what_the_server_did_not_have() {
    for (answer, expected) in [
        (failed(2), vec!["not resumed Some(ItemNotFound)", "acked 0", "acked 1", "undelivered 2w"]),
        (ITEM_NOT_FOUND.to_owned(), vec!["not resumed Some(ItemNotFound)", "undelivered 0w 1w 2w"]),
        (
            "<failed xmlns='urn:xmpp:sm:3'/>".to_owned(),
            vec!["not resumed None", "undelivered 0w 1w 2w"],
        ),
    ] {
        let mut client = SoloClient::managed();
        client.sends(stanza("1")).sends(stanza("2")).sends(stanza("3"));
        client.said();
        client.is_cut();
        client.sends(stanza("4"));
        client.dials();
        client.logs_in_again();
        assert_eq!(client.says(), RESUME);
        client.hears(answer);
        assert_eq!(gist(&client.told()), expected);
        // The same stream goes on, and what was never written goes out in the new session.
        let request = client.says();
        client.hears(bound(&attribute(&request, "id")));
        assert!(client.says().starts_with("<enable "));
        client.hears(ENABLED);
        assert_eq!(gist(&client.told()), ["bound"]);
        assert_eq!(client.said(), [stanza("4"), REQUEST.to_owned()]);
        client.hears(xmpp_ws_tests::managed::answer(1));
        assert_eq!(gist(&client.told()), ["acked 3"]);
    }
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
fn a_session_that_cannot_be_resumed_is_not_asked_for() {
    for granted in ["<enabled xmlns='urn:xmpp:sm:3'/>", "<enabled xmlns='urn:xmpp:sm:3' id='s-1'/>"]
    {
        let mut client = SoloClient::enabling_with(lasting_config());
        client.hears(granted);
        client.sends(stanza("1"));
        client.said();
        client.told();
        assert!(!client.is_cut().1);
        client.dials();
        client.logs_in_again();
        assert!(client.says().contains("<bind "));
        assert_eq!(gist(&client.told()), ["undelivered 0w"]);
    }
}

#[test]
fn a_server_that_lost_stream_management_gets_a_new_session() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.said();
    client.is_cut();
    client.dials();
    client.sees(Input::Connected(xmpp_ws::endpoint::Connection::new(true)));
    client.said();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).hears(SUCCESS).hears(SERVER_OPEN);
    client.said();
    client.told();
    client.hears(BIND_FEATURES);
    let request = client.says();
    assert!(request.contains("<bind "));
    client.hears(bound(&attribute(&request, "id")));
    assert_eq!(gist(&client.told()), ["undelivered 0w", "bound"]);
}

#[test]
fn without_stream_management_what_was_written_is_unconfirmed_and_the_rest_is_sent() {
    let mut config = lasting_config();
    config.stream_management = false;
    let mut client = SoloClient::bound_with(config);
    client.sends(stanza("1"));
    client.said();
    client.sends(stanza("2")).sees(Input::Lost);
    assert_eq!(gist(&client.told()), ["unconfirmed 0", "disconnected false"]);
    client.sends(stanza("3"));
    client.dials();
    client.logs_in_again();
    let request = client.says();
    client.hears(bound(&attribute(&request, "id")));
    assert_eq!(gist(&client.told()), ["bound"]);
    assert_eq!(client.said(), [stanza("2"), stanza("3")]);
    assert_eq!(gist(&client.told()), ["unconfirmed 1", "unconfirmed 2"]);
}

#[test]
fn answers_under_way_follow_the_session_and_others_are_given_up() {
    let mut client = SoloClient::managed();
    let iq = Iq::get("<query xmlns='jabber:iq:roster'/>");
    let now = client.now;
    client.endpoint.iq(now, iq.clone()).expect("room");
    let first = attribute(&client.said()[0], "id");
    client.comes_back();
    client.hears(resumed(1));
    client.hears(format!("<iq xmlns='jabber:client' type='result' id='{first}'/>"));
    assert_eq!(gist(&client.told()), ["resumed", "reply 0", "acked 0"]);
    let now = client.now;
    client.endpoint.iq(now, iq.clone()).expect("room");
    client.said();
    client.is_cut();
    let now = client.now;
    client.endpoint.iq(now, iq).expect("room");
    client.dials();
    client.logs_in_again();
    client.says();
    client.hears(ITEM_NOT_FOUND);
    assert_eq!(
        gist(&client.told()),
        ["not resumed Some(ItemNotFound)", "no reply 1", "undelivered 1w"],
        "the one that was not written is asked in the new session"
    );
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
fn what_was_not_taken_of_a_former_session_counts_in_no_other() {
    let mut client = SoloClient::managed();
    client.hears(MESSAGE).hears(MESSAGE).hears(MESSAGE);
    assert!(client.tells().is_some() && client.tells().is_some());
    client.sees(Input::Lost);
    client.dials();
    client.sees(Input::Connected(xmpp_ws::endpoint::Connection::new(true)));
    client.said();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).hears(SUCCESS).hears(SERVER_OPEN);
    client.said();
    client.hears(xmpp_ws_tests::managed::MANAGED_FEATURES).hears(ITEM_NOT_FOUND);
    let request = client.said().pop().expect("it binds");
    client.hears(bound(&attribute(&request, "id"))).hears(ENABLED);
    client.said();
    // The third message of before still waits for the application, and so does this one.
    client.hears(MESSAGE).hears(REQUEST);
    assert_eq!(client.says(), answer(0));
    client.told();
    client.hears(REQUEST);
    assert_eq!(client.says(), answer(1));
}

#[test]
fn what_is_given_while_a_new_session_is_bound_waits_for_it() {
    let mut client = SoloClient::managed();
    client.comes_back();
    client.hears(ITEM_NOT_FOUND);
    let request = client.says();
    client.sends(stanza("1"));
    client.hears(bound(&attribute(&request, "id")));
    assert!(client.says().starts_with("<enable "));
    client.hears(ENABLED);
    assert_eq!(client.said(), [stanza("1"), REQUEST.to_owned()]);
}

#[test]
fn a_clean_end_is_not_resumed() {
    let mut client = SoloClient::managed();
    client.endpoint.close(client.now).expect("open");
    client.said();
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::Clean);
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

#[test]
fn what_was_handed_back_says_when_it_was_given() {
    let mut client = SoloClient::managed();
    client.wait(Duration::from_secs(7)).sends(stanza("1"));
    let given = client.now;
    client.said();
    client.comes_back();
    client.hears(ITEM_NOT_FOUND);
    let told = client.told();
    let Some(ClientEvent::Undelivered(stanzas)) = told.last() else { panic!("{told:?}") };
    assert_eq!((stanzas[0].given, stanzas[0].ticket), (given, Ticket::new(0)));
    assert!(matches!(told[0], ClientEvent::NotResumed(Some(StanzaCondition::ItemNotFound))));
}

#[test]
fn what_was_to_be_sent_again_and_could_not_was_written_all_the_same() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sends(stanza("2"));
    client.said();
    client.comes_back();
    client.hears(resumed(0));
    client.sends(stanza("3"));
    // Nothing leaves before the next cut, and then the session is gone.
    client.told();
    assert_eq!(client.comes_back(), RESUME);
    client.hears(ITEM_NOT_FOUND);
    assert_eq!(gist(&client.told()), ["not resumed Some(ItemNotFound)", "undelivered 0w 1w"]);
    let id = attribute(&client.says(), "id");
    client.hears(bound(&id)).hears(ENABLED);
    assert!(client.said().contains(&stanza("3")));
    // Nor where all is over.
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.said();
    client.comes_back();
    client.hears(resumed(0));
    client.sends(stanza("2"));
    client.is_cut();
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(gist(&client.told())[..1], ["undelivered 0w 1"]);
}

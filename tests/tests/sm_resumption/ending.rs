//! A session that does not go on: what comes back of it, and what a new one begins with.

use std::time::Duration;

use xmpp_ws::client::{ClientEvent, Iq};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Input, Ticket};
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws_tests::managed::{ENABLED, MESSAGE, REQUEST, answer, lasting_config, resumed, stanza};
use xmpp_ws_tests::solo::{
    BIND_FEATURES, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, attribute, bound,
};

use super::{ITEM_NOT_FOUND, RESUME, failed, gist};

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

//! A client's session that goes on in another process (XEP-0198 § 5).

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent, Iq, NotRestored, Reply, SavedSession};
use xmpp_ws::endpoint::{Connection, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{MESSAGE, REQUEST, answer, lasting_config, resumed, stanza};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{SoloClient, attribute};

/// Through JSON, as a page would keep it.
fn through_json(saved: &SavedSession) -> SavedSession {
    let json = serde_json::to_string(saved).expect("plain data");
    serde_json::from_str(&json).expect("as it was written")
}

/// The client of another process, whose clock began a second ago.
fn another_process(old: &mut SoloClient) -> SoloClient {
    let saved = through_json(&old.endpoint.save(old.now).expect("a session"));
    assert_eq!(saved.jid().as_str(), "alice@example.com/r");
    let now = Instant::after(Duration::from_secs(1));
    let client = Client::restore(lasting_config(), saved, Seeded::boxed(2), now);
    SoloClient::new(client.expect("the same account"), now)
}

#[test]
fn nothing_is_lost_and_nothing_counts_twice() {
    let mut old = SoloClient::managed();
    old.wait(Duration::from_secs(30)).hears(MESSAGE).told();
    old.sends(stanza("0")).sends(stanza("1")).sends(stanza("2"));
    old.said();
    old.hears(answer(1));
    assert!(matches!(old.told()[..], [ClientEvent::Acked(_)]));
    old.sends(stanza("3"));

    let mut new = another_process(&mut old);
    new.sends(stanza("4"));
    assert!(matches!(new.says_next(), Some(Transmit::Dial(_))));
    new.logs_in_again();
    assert_eq!(new.says(), "<resume xmlns='urn:xmpp:sm:3' h='1' previd='s-1'/>");
    new.hears(resumed(2));
    assert_eq!(new.said(), [stanza("2"), stanza("3"), stanza("4"), REQUEST.to_owned()]);
    new.hears(answer(5));
    let told = new.told();
    let acked: Vec<u64> = told
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Acked(ticket) => Some(ticket.number()),
            _ => None,
        })
        .collect();
    assert_eq!(acked, [1, 2, 3, 4], "{told:?}");
    assert!(matches!(told[0], ClientEvent::Resumed));
}

#[test]
fn what_the_application_has_not_taken_comes_again() {
    let mut old = SoloClient::managed();
    old.hears(MESSAGE).hears(MESSAGE).hears(REQUEST);
    old.said();
    assert!(old.tells().is_some());
    let mut new = another_process(&mut old);
    assert!(matches!(new.says_next(), Some(Transmit::Dial(_))));
    new.logs_in_again();
    assert_eq!(new.says(), "<resume xmlns='urn:xmpp:sm:3' h='1' previd='s-1'/>");
}

#[test]
fn what_is_handed_back_has_its_age() {
    let mut old = SoloClient::managed();
    old.wait(Duration::from_secs(40)).sends(stanza("0"));
    old.said();
    old.now = old.now + Duration::from_millis(400);
    let mut new = another_process(&mut old);
    new.endpoint.close(new.now).expect("not over");
    let told = new.told();
    let [ClientEvent::Undelivered(stanzas), ClientEvent::Ended(_)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(stanzas[0].given, Instant::after(Duration::from_millis(600)));
    assert!(stanzas[0].written);
}

#[test]
fn an_answer_under_way_finds_its_request() {
    let mut old = SoloClient::managed();
    let iq = Iq::get("<query xmlns='jabber:iq:roster'/>");
    let ticket = old.endpoint.iq(old.now, iq).expect("room");
    let id = attribute(&old.said()[0], "id");
    old.now = old.now + Duration::from_secs(20);
    let mut new = another_process(&mut old);
    assert!(matches!(new.says_next(), Some(Transmit::Dial(_))));
    new.logs_in_again();
    new.said();
    new.hears(resumed(1));
    new.told();
    // The rest of its time still counts.
    let deadline = new.now + Duration::from_secs(40);
    new.hears(format!("<iq xmlns='jabber:client' type='result' id='{id}'/>"));
    let told = new.told();
    let [ClientEvent::Reply { ticket: answered, reply: Reply::Result(_) }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*answered, ticket);

    let mut silent = another_process(&mut old);
    silent.now = deadline;
    silent.sees(Input::Timeout);
    let told = silent.told();
    assert!(told.iter().any(|it| matches!(it, ClientEvent::Reply { reply: Reply::None, .. })));
}

#[test]
fn activity_is_kept() {
    let mut old = SoloClient::managed();
    old.endpoint.set_active(false);
    old.said();
    let mut new = another_process(&mut old);
    assert!(matches!(new.says_next(), Some(Transmit::Dial(_))));
    new.logs_in_again();
    new.said();
    new.hears(resumed(0));
    assert_eq!(new.says(), "<inactive xmlns='urn:xmpp:csi:0'/>");
}

#[test]
fn there_is_nothing_to_save_without_a_session_that_is_kept() {
    let mut client = SoloClient::bound();
    assert_eq!(client.endpoint.save(client.now), None);
    let mut client = SoloClient::managed();
    client.endpoint.close(client.now).expect("open");
    assert_eq!(client.endpoint.save(client.now), None, "the session ends with a clean close");
}

#[test]
fn a_client_tells_whether_it_is_open_and_could_go_on() {
    let facts = |client: &mut SoloClient| {
        let resumable = client.endpoint.is_resumable();
        assert_eq!(client.endpoint.save(client.now).is_some(), resumable, "{:?}", client.endpoint);
        (client.endpoint.is_open(), resumable)
    };
    let mut client = SoloClient::client(lasting_config(), Connection::new(true));
    assert_eq!(facts(&mut client), (false, false));
    assert_eq!(facts(&mut SoloClient::bound()), (true, false));
    let mut client = SoloClient::managed();
    assert_eq!(facts(&mut client), (true, true));
    client.is_cut();
    assert_eq!(facts(&mut client), (false, true));
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(facts(&mut client), (false, false));
    let mut client = SoloClient::managed();
    client.endpoint.close(client.now).expect("open");
    assert_eq!(facts(&mut client), (false, false));
}

#[test]
fn another_accounts_session_is_not_taken() {
    let mut old = SoloClient::managed();
    let saved = old.endpoint.save(old.now).expect("a session");
    let mut config = lasting_config();
    config.account = "bob@example.com".parse().expect("an address");
    let client = Client::restore(config, saved.clone(), Seeded::boxed(2), Instant::ORIGIN);
    let Err(NotRestored { why, saved: back, .. }) = client else { panic!("{client:?}") };
    assert_eq!((why, &*back), (Misuse::OtherAccount, &saved));
    let client = Client::restore(lasting_config(), *back, Seeded::boxed(2), Instant::ORIGIN);
    assert!(client.is_ok(), "what came back is what was given");
}

//! A client's session that goes on in another process (XEP-0198 § 5).

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent, Iq, NotRestored, Reply, SavedSession};
use xmpp_ws::endpoint::{Connection, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{
    ENABLED, MANAGED_FEATURES, MESSAGE, REQUEST, answer, lasting_config, resumed, stanza,
};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{SERVER_OPEN, SUCCESS, SoloClient, attribute, bound};

/// Through JSON, as a page would keep it.
fn through_json(saved: &SavedSession) -> SavedSession {
    let json = serde_json::to_string(saved).expect("plain data");
    serde_json::from_str(&json).expect("as it was written")
}

/// The client of another process, whose clock began a second ago.
fn another_process(old: &mut SoloClient) -> SoloClient {
    another_process_after(old, Duration::ZERO)
}

/// The same, so long after the first one's end.
fn another_process_after(old: &mut SoloClient, pause: Duration) -> SoloClient {
    let mut saved = through_json(&old.endpoint.save(old.now).expect("a session"));
    saved.pass(pause);
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

/// A clock of the library's own would not go on between two processes.
#[test]
fn the_time_in_between_counts_where_the_application_says_how_long_it_was() {
    let mut old = SoloClient::managed();
    old.wait(Duration::from_secs(40)).sends(stanza("0"));
    old.endpoint.iq(old.now, Iq::get("<query xmlns='jabber:iq:roster'/>")).expect("room");
    old.said();
    old.now = old.now + Duration::from_secs(10);
    for (pause, left) in [(0, 50), (20, 30), (49, 1)] {
        let mut new = another_process_after(&mut old, Duration::from_secs(pause));
        new.wait(Duration::from_secs(left - 1));
        assert!(new.told().iter().all(|it| !matches!(it, ClientEvent::Reply { .. })));
        new.wait(Duration::from_secs(1));
        assert!(new.told().iter().any(|it| matches!(it, ClientEvent::Reply { .. })), "{pause}");
        new.endpoint.close(new.now).expect("not over");
        let told = new.told();
        let Some(ClientEvent::Undelivered(stanzas)) =
            told.iter().find(|it| matches!(it, ClientEvent::Undelivered(_)))
        else {
            panic!("{told:?}")
        };
        // It is 10 s old, the pause, and what this process did.
        let age = new.now.since(stanzas[0].given) + stanzas[0].earlier;
        assert_eq!(age, Duration::from_secs(10 + pause + left));
    }
    // Whose time was up meanwhile is told so at once.
    let mut new = another_process_after(&mut old, Duration::from_secs(3600));
    new.sees(Input::Timeout);
    assert!(new.told().iter().any(|it| matches!(it, ClientEvent::Reply { .. })));
    assert!(matches!(new.says_next(), Some(Transmit::Dial(_))));
    new.logs_in_again();
    // The server knows whether it has the session still, and what of it.
    assert!(new.says().starts_with("<resume "));
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

/// RFC 6120 § 7.6.1: the server may know the account by another name.
#[test]
fn a_session_is_the_accounts_that_logged_in_whatever_its_address() {
    let mut old = SoloClient::authenticating_with(lasting_config());
    old.hears(SUCCESS).said();
    old.hears(SERVER_OPEN).hears(MANAGED_FEATURES);
    let id = attribute(&old.says(), "id");
    old.hears(bound(&id).replace("alice@", "a.lice@")).hears(ENABLED).told();
    let saved = old.endpoint.save(old.now).expect("a session");
    assert_eq!(saved.jid().as_str(), "a.lice@example.com/r");
    assert!(Client::restore(lasting_config(), saved, Seeded::boxed(2), Instant::ORIGIN).is_ok());
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

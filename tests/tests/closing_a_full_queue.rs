//! A stream that is ended in good order while much is still to be written: the peer's time begins when it is.

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::server::ServerEvent;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{MESSAGE, stanza};
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{CLOSE, SoloClient, SoloServer};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A client that has these many stanzas to write.
fn laden(stanzas: usize) -> SoloClient {
    let mut client = SoloClient::bound();
    for number in 0..stanzas {
        client.sends(stanza(&number.to_string()));
    }
    client
}

/// The wire takes one thing every two seconds, until there is nothing to be written for now; how many it took.
fn writes_slowly(client: &mut SoloClient) -> usize {
    let mut written = 0;
    loop {
        client.wait(secs(2));
        match client.says_next() {
            Some(_) => written += 1,
            None => return written,
        }
    }
}

fn is_handed_back(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::Undelivered(_))
}

#[test]
fn all_is_written_before_the_peer_is_waited_for() {
    let mut client = laden(40);
    client.endpoint.close(client.now).expect("not over");
    let mut written = 0;
    while written < 41 {
        client.wait(secs(2));
        assert!(client.says_next().is_some(), "cut after {written}");
        written += 1;
    }
    // It has its whole time from here on.
    client.wait(Duration::from_nanos(4_999_999_999));
    assert_eq!(client.said(), [""; 0]);
    client.hears(CLOSE);
    assert_eq!(client.says(), "close 1000");
    client.sees(Input::Closed { code: Some(1000) });
    let told = client.told();
    assert!(!told.iter().any(is_handed_back), "{told:?}");
    assert!(matches!(told.last(), Some(ClientEvent::Ended(Ending::Clean))));
}

#[test]
fn a_peer_that_says_nothing_after_it_is_given_up_all_the_same() {
    let mut client = laden(40);
    client.endpoint.close(client.now).expect("not over");
    // With <close/>, and the close frame once the peer's time is up.
    assert_eq!(writes_slowly(&mut client), 41);
    client.wait(secs(6));
    assert_eq!(client.says(), "close 1000");
    client.wait(secs(2));
    let told = client.told();
    let Some(ClientEvent::Ended(Ending::TimedOut(Timer::Close))) = told.last() else {
        panic!("{told:?}")
    };
}

#[test]
fn where_the_peer_closes_first_all_is_written_too() {
    let mut client = laden(40);
    client.hears(CLOSE);
    assert_eq!(writes_slowly(&mut client), 42, "with <close/> and the close frame");
    let told = client.told();
    assert!(!told.iter().any(is_handed_back), "{told:?}");
    assert!(matches!(told.last(), Some(ClientEvent::Ended(Ending::Clean))));
}

#[test]
fn where_both_close_at_once_all_is_written_too() {
    let mut client = laden(40);
    client.endpoint.close(client.now).expect("not over");
    client.hears(CLOSE);
    assert_eq!(writes_slowly(&mut client), 42, "with <close/> and the close frame");
    let told = client.told();
    assert!(!told.iter().any(is_handed_back), "{told:?}");
    assert!(matches!(told.last(), Some(ClientEvent::Ended(Ending::Clean))));
}

#[test]
fn a_peer_that_takes_nothing_is_given_up() {
    for peer_closes in [false, true] {
        let mut client = laden(4);
        client.endpoint.close(client.now).expect("not over");
        if peer_closes {
            client.hears(CLOSE);
        }
        client.wait(secs(60));
        assert!(!client.endpoint.is_over() && client.told().is_empty());
        client.wait(secs(10));
        let told = client.told();
        let [ClientEvent::Undelivered(back), ClientEvent::Ended(why)] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((back.len(), why), (4, &Ending::TimedOut(Timer::Write)));
        assert_eq!(client.said(), [""; 0]);
    }
}

#[test]
fn so_is_one_where_the_application_takes_nothing_either() {
    let mut config = client_config();
    config.limits.max_queued_events = 1;
    let mut client = SoloClient::bound_with(config);
    client.sends(stanza("1")).hears(MESSAGE);
    client.endpoint.close(client.now).expect("not over");
    client.wait(secs(70));
    assert!(matches!(client.told().last(), Some(ClientEvent::Ended(_))));
}

#[test]
fn an_error_waits_for_nobody() {
    let mut server = SoloServer::bound();
    for _ in 0..10 {
        server.endpoint.send(server.now, MESSAGE).expect("room");
    }
    server.hears("<a xmlns='u'/>").wait(secs(2));
    let told = server.told();
    assert!(matches!(
        &told[..],
        [ServerEvent::Closing, ServerEvent::Undelivered(_), ServerEvent::Ended(_)]
    ));
}

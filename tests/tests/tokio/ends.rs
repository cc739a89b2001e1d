//! How connections end, and begin again.

use std::time::Duration;

use tokio::time::timeout;
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::{AcceptConfig, accept};

use crate::{client, closed, listen, pair, rest, text};

#[tokio::test]
async fn either_side_closes_in_good_order() {
    for by_client in [true, false] {
        let (mut client, mut server) = pair(Scripted::new()).await;
        if by_client {
            client.close().unwrap();
        } else {
            server.close().unwrap();
        }
        let both = async { tokio::join!(rest(&mut client), rest(&mut server)) };
        // No side waits for the other any longer than the network takes.
        let both = timeout(Duration::from_secs(1), both).await.expect("no wait");
        let end = vec![closed(1000), Seen::Ended];
        assert_eq!(both, (end.clone(), end));
    }
}

#[tokio::test]
async fn a_peer_that_vanishes_is_lost_not_closed() {
    let (mut client, server) = pair(Scripted::new()).await;
    drop(server);
    assert_eq!(rest(&mut client).await, [Seen::Input(Input::Lost), Seen::Ended]);
}

#[tokio::test]
async fn a_peer_that_does_not_end_its_side_is_not_waited_for() {
    let (mut client, mut server) = pair(Scripted::new()).await;
    client.close().unwrap();
    client.flush().await;
    // The client does nothing more, and holds its connection.
    let events = timeout(Duration::from_secs(10), rest(&mut server)).await;
    assert_eq!(events.expect("a bound"), [closed(1000), Seen::Ended]);
}

#[tokio::test]
async fn a_client_dials_again() {
    let (listener, target) = listen().await;
    let serving = tokio::spawn(async move {
        for number in 0..3 {
            let (stream, _) = listener.accept().await.unwrap();
            let accepted = accept(stream, &AcceptConfig::default()).await.unwrap();
            let mut session = accepted.into_session(|_, _| Scripted::new());
            session.send(format!("<hello>{number}</hello>")).unwrap();
            session.flush().await;
            // It is left without a word.
            assert_eq!(session.next().await, Some(Seen::Input(Input::Lost)));
        }
    });
    let mut client = client(target.clone());
    for number in 0..3 {
        let event = client.next().await;
        assert!(matches!(event, Some(Seen::Input(Input::Connected(_)))), "{event:?}");
        assert_eq!(client.next().await, Some(text(format!("<hello>{number}</hello>"))));
        client.command(|endpoint, _| endpoint.redial(target.clone()));
    }
    drop(client);
    serving.await.unwrap();
}

#[tokio::test]
async fn whoever_ends_by_itself_is_heard_by_a_peer_that_is_still_talking() {
    let (mut client, mut server) = pair(Scripted::new()).await;
    for _ in 0..100 {
        client.send("x".repeat(10_000)).unwrap();
    }
    let talking = tokio::spawn(async move { rest(&mut client).await });
    assert_eq!(server.next().await, Some(text("x".repeat(10_000))));
    // It does not take the rest, and waits for nothing.
    server.command(|endpoint, _| {
        endpoint.say(Transmit::Text("<stream:error/>".into()));
        endpoint.say(Transmit::Close { code: 1000 });
        endpoint.end();
    });
    assert_eq!(rest(&mut server).await, [Seen::Ended]);
    assert_eq!(talking.await.unwrap(), [text("<stream:error/>"), closed(1000), Seen::Ended]);
}

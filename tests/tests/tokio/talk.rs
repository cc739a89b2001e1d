//! Messages, both ways.

use std::time::Duration;

use bytestring::ByteString;
use futures_util::{SinkExt, StreamExt};
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws_tests::scripted::{Scripted, Seen};

use crate::{closed, pair, rest, text};

#[tokio::test]
async fn what_is_sent_comes_back() {
    let (mut client, mut server) = pair(Scripted::new().echoing()).await;
    let serving = tokio::spawn(async move { rest(&mut server).await });
    for number in 0..100 {
        let message = format!("<message>{number}{}</message>", "é".repeat(number * 50));
        client.send(message.clone()).unwrap();
        assert_eq!(client.next().await, Some(text(message)));
    }
    client.close().unwrap();
    assert_eq!(rest(&mut client).await, [closed(1000), Seen::Ended]);

    let served = serving.await.unwrap();
    assert_eq!(served.len(), 102);
    assert_eq!(served[100..], [closed(1000), Seen::Ended]);
}

#[tokio::test]
async fn pings_are_answered_and_told() {
    let (mut client, mut server) = pair(Scripted::new()).await;
    client.command(|endpoint, _| endpoint.say(Transmit::Ping));
    let (pong, ping) = tokio::join!(client.next(), async {
        let ping = server.next().await;
        // The answer leaves with whatever the session does next.
        server.flush().await;
        ping
    });
    assert_eq!(ping, Some(Seen::Input(Input::Ping)));
    assert_eq!(pong, Some(Seen::Input(Input::Pong)));
}

#[tokio::test]
async fn a_deadline_comes_while_nothing_does() {
    let ticking = Scripted::new().ticking(Duration::from_millis(20));
    let (_client, mut server) = pair(ticking).await;
    for _ in 0..3 {
        assert_eq!(server.next().await, Some(Seen::Input(Input::Timeout)));
    }
}

#[tokio::test]
async fn the_halves_of_a_session_live_in_two_tasks() {
    let (client, mut server) = pair(Scripted::new().echoing()).await;
    let serving = tokio::spawn(async move { rest(&mut server).await });
    let (mut stanzas, mut events) = client.split();
    let sending = tokio::spawn(async move {
        for message in messages() {
            stanzas.send(message).await.unwrap();
        }
        stanzas.close().await.unwrap();
    });
    for message in messages() {
        assert_eq!(events.next().await, Some(text(message)));
    }
    let last: Vec<_> = events.collect().await;
    assert_eq!(last, [closed(1000), Seen::Ended]);
    sending.await.unwrap();
    assert_eq!(serving.await.unwrap().len(), messages().count() + 2);
}

#[tokio::test]
async fn a_select_that_drops_next_loses_nothing() {
    let (mut client, mut server) = pair(Scripted::new().echoing()).await;
    let serving = tokio::spawn(async move { rest(&mut server).await });
    let mut dropped = 0;
    for message in messages() {
        client.send(message.clone()).unwrap();
        let event = loop {
            tokio::select! {
                biased;
                () = tokio::task::yield_now() => dropped += 1,
                event = client.next() => break event,
            }
        };
        assert_eq!(event, Some(text(message)));
    }
    assert!(dropped >= 1000, "only {dropped} waits were dropped");
    client.close().unwrap();
    rest(&mut client).await;
    serving.await.unwrap();
}

#[tokio::test]
async fn both_sides_write_megabytes_first_and_finish() {
    let (mut client, mut server) = pair(Scripted::new()).await;
    for session_sends in 0..2000 {
        let message = format!("<message>{session_sends}{}</message>", "x".repeat(10_000));
        client.send(message.clone()).unwrap();
        server.send(message).unwrap();
    }
    let (to_client, to_server) = tokio::join!(
        async {
            let mut count = 0;
            while count < 2000 {
                client.next().await.expect("not over");
                count += 1;
            }
            client.flush().await;
            count
        },
        async {
            let mut count = 0;
            while count < 2000 {
                server.next().await.expect("not over");
                count += 1;
            }
            server.flush().await;
            count
        }
    );
    assert_eq!((to_client, to_server), (2000, 2000));
}

fn messages() -> impl Iterator<Item = ByteString> {
    (0..1000).map(|number| format!("<message>{number}</message>").into())
}

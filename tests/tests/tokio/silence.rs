//! A server that is there, and silent.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES, lasting_config};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tests::solo::{PLAIN_FEATURES, SERVER_OPEN, SUCCESS, attribute, bound};
use xmpp_ws_tokio::{AcceptConfig, DialConfig, OsRandom, accept, connect};

use crate::{PATIENCE, listen};

/// It does not hold its socket until the next try, which may be minutes away.
#[tokio::test]
async fn its_connection_is_dropped_when_it_is_given_up() {
    let (listener, target) = listen().await;
    let mut config = lasting_config();
    config.uri = Some(target.uri);
    config.tolerance.plain_without_tls = true;
    config.limits.ping_after = Some(SHORT);
    config.limits.ping_answer = SHORT;
    config.limits.hangup = SHORT;
    config.reconnect.as_mut().expect("lasting").floor = PATIENCE * 10;
    config.reconnect.as_mut().expect("lasting").cap = PATIENCE * 10;
    let mut client = connect(DialConfig::default(), |now| Client::new(config, OsRandom, now));
    let serving = async {
        let (mut stream, _) = listener.accept().await.expect("somebody comes");
        let_in(&mut stream).await;
        // From now on it reads, and says nothing.
        let mut bytes = [0; 1024];
        while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
        Instant::now()
    };
    let talking = async {
        loop {
            match client.next().await.expect("it goes on") {
                ClientEvent::Disconnected { why, again_in, .. } => {
                    assert_eq!(why, Ending::TimedOut(Timer::Answer));
                    assert!(again_in >= PATIENCE * 10);
                    break;
                }
                ClientEvent::Ended(why) => panic!("{why:?}"),
                _ => {}
            }
        }
        let given_up = Instant::now();
        let waiting = client.next();
        (given_up, timeout(SHORT * 5, waiting).await.is_err())
    };
    let both = async { tokio::join!(serving, talking) };
    let (gone, (given_up, waits)) = timeout(PATIENCE, both).await.expect("it is dropped");
    assert!(waits, "another event");
    assert!(gone < given_up + SHORT * 5, "{:?} later", gone - given_up);
}

/// The whole login, by a peer that lets everybody in.
async fn let_in(stream: &mut TcpStream) {
    let accepted = accept(stream, &AcceptConfig::default()).await.expect("a good request");
    let mut session = accepted.into_session(|_, _| Scripted::new());
    let mut features = [PLAIN_FEATURES, MANAGED_FEATURES].into_iter();
    loop {
        let Some(Seen::Input(Input::Text(said))) = session.next().await else { panic!("no text") };
        let answers = match said.split(' ').next() {
            Some("<open") => vec![SERVER_OPEN.to_owned(), features.next().expect("two").to_owned()],
            Some("<auth") => vec![SUCCESS.to_owned()],
            Some("<iq") => vec![bound(&attribute(&said, "id"))],
            _ => vec![ENABLED.to_owned()],
        };
        for answer in &answers {
            session.send(answer.as_str()).expect("open");
        }
        session.flush().await;
        if said.starts_with("<enable") {
            return;
        }
    }
}

const SHORT: Duration = Duration::from_millis(200);

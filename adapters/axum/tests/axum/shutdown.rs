//! The end of the whole service.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{DialErrorKind, Target};
use xmpp_ws_tokio::{DialConfig, upgrade};

use crate::{client, ending, logged_in, serve, soon, until};

#[tokio::test]
async fn every_client_is_told() {
    let served = serve().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(logged_in(served.uri()).await);
    }
    let xmpp = served.xmpp.clone();
    let stopping = tokio::spawn(async move { xmpp.shut_down(Duration::from_secs(20)).await });
    for client in &mut clients {
        let why = ending(client).await;
        let Ending::PeerError(error) = &why else { panic!("{why}") };
        assert_eq!(error.condition(), Condition::SystemShutdown);
    }
    assert!(soon(stopping).await.unwrap(), "all went by themselves");
    assert_eq!(served.xmpp.connections(), 0);

    // Nobody else comes in.
    let why = ending(&mut client(served.uri())).await;
    let Ending::NotConnected(error) = &why else { panic!("{why}") };
    assert_eq!(error.kind, DialErrorKind::Rejected { status: 503 });
    assert!(served.xmpp.shut_down(Duration::ZERO).await);
}

#[tokio::test]
async fn whoever_does_not_go_is_cut_off() {
    let served = serve().await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let target = Target::new(served.uri());
    let mut socket = upgrade(stream, &target, &DialConfig::default()).await.unwrap();
    until(|| served.log.lines().len() == 1).await;
    let begin = Instant::now();
    assert!(!served.xmpp.shut_down(Duration::from_millis(200)).await, "it did not go");
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    // It was told all the same.
    let mut heard = Vec::new();
    let _ = soon(socket.get_mut().read_to_end(&mut heard)).await;
    assert!(String::from_utf8_lossy(&heard).contains("<system-shutdown "), "{heard:?}");
    until(|| served.xmpp.connections() == 0).await;
    assert_eq!(served.log.lines().len(), 1, "its task was ended");
}

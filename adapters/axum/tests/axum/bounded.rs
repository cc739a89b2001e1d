//! The example that bounds what comes before the handler.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use xmpp_ws_axum::{Xmpp, XmppConfig};

use crate::{Log, config, keys, logged_in, route, soon, stanza};

#[expect(dead_code, reason = "all but what it serves by")]
#[path = "../../examples/bounded.rs"]
mod example;

/// Its address.
async fn serve(max: usize, time: Duration) -> std::net::SocketAddr {
    let xmpp = Xmpp::new(XmppConfig::new(config()), tokio::spawn);
    let router = route(&xmpp, &Log::default(), keys());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(example::serve(listener, router, max, time));
    address
}

#[tokio::test]
async fn whoever_takes_too_long_to_ask_is_hung_up_on() {
    let address = serve(100, TIME).await;
    for (what, said) in [
        ("nothing", ""),
        ("half a request", "GET /xmpp-websocket HTTP/1.1\r\nHost: "),
        ("no second request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    ] {
        let start = Instant::now();
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(said.as_bytes()).await.expect("there is room");
        let ended = soon(stream.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok() && start.elapsed() >= TIME, "{what}: {ended:?}");
    }
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let headers = "X: a\r\n".repeat(10_000);
    stream.write_all(b"GET / HTTP/1.1\r\n").await.expect("there is room");
    // It need not read all of it.
    let _ = stream.write_all(headers.as_bytes()).await;
    let mut answer = [0; 13];
    soon(stream.read_exact(&mut answer)).await.expect("there is an answer");
    assert_eq!(&answer, b"HTTP/1.1 431 ");
}

#[tokio::test]
async fn a_websocket_stays_and_takes_no_place() {
    let address = serve(1, TIME).await;
    let uri = || format!("ws://{address}/xmpp-websocket").parse().expect("a legal address");
    let mut client = logged_in(uri()).await;
    let mut silent = TcpStream::connect(address).await.expect("it listens");
    // It has the one place, and gives it back.
    logged_in(uri()).await;
    assert_eq!(soon(silent.read(&mut [0])).await.expect("it is hung up on"), 0);
    sleep(TIME * 2).await;
    client.send("<message id='1'><body>still here</body></message>").expect("it is open");
    assert!(stanza(&mut client).await.contains("still here"));
}

const TIME: Duration = Duration::from_millis(300);

//! Clients that let the upgrade wait.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use crate::{Log, config, keys, route, until};
use xmpp_ws_axum::{Xmpp, XmppConfig};

/// A listener to whom one client comes, over a pipe that holds so little that an answer has to be read.
struct Narrow(Option<DuplexStream>);

impl axum::serve::Listener for Narrow {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.take() {
            Some(stream) => (stream, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn whoever_does_not_read_the_answer_is_given_up() {
    let mut server = config();
    server.limits.open = Duration::from_millis(300);
    let (xmpp, log) = (Xmpp::new(XmppConfig::new(server), tokio::spawn), Log::default());
    let (mut client, stream) = duplex(16);
    let router = route(&xmpp, &log, keys());
    tokio::spawn(axum::serve(Narrow(Some(stream)), router).into_future());
    let request = "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                   Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    until(|| xmpp.connections() == 1).await;
    until(|| xmpp.connections() == 0).await;
    assert!(log.lines().is_empty(), "it was never served");
    // It was the answer that it did not read.
    let mut begin = [0; 12];
    client.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 101");
}

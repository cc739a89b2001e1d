//! A conversation over a wire that is cut.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::uri::Uri;

use crate::live::{Peer, leave, next, start_with, trusting, until};

/// Messages of the client to itself, while the connection is cut now and then: each comes once, in order, and each is
/// acknowledged once.
pub(crate) async fn cuts(peer: Peer) -> String {
    let mut wire = Wire::to(&peer).await;
    let mut dial = trusting();
    dial.addresses = vec![wire.address];
    let mut config = peer.config();
    let policy = config.reconnect.as_mut().expect("the default");
    (policy.floor, policy.first) = (Duration::from_millis(50), Duration::from_millis(100));
    let mut session = start_with(dial, config);
    until(&mut session, |event| matches!(event, ClientEvent::Bound(_))).await;
    let own = session.endpoint().jid().expect("bound").clone();

    let (mut sent, mut come, mut acked, mut resumed) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while come.len() < MESSAGES || acked.len() < MESSAGES {
        // Some are always under way, also when the wire is cut.
        while sent.len() < MESSAGES && sent.len() < come.len() + UNDER_WAY {
            let message = format!("<message to='{own}' type='chat' id='{}'/>", sent.len());
            sent.push(session.send(message).expect("room"));
        }
        match next(&mut session).await {
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                come.push(stanza.id().expect("ours have one").into_owned());
                if come.len() % BETWEEN_CUTS == 0 && come.len() < MESSAGES {
                    wire.cut();
                }
            }
            ClientEvent::Acked(ticket) => acked.push(ticket),
            ClientEvent::Resumed => resumed += 1,
            ClientEvent::Stanza(_)
            | ClientEvent::Connected { .. }
            | ClientEvent::Disconnected { .. } => {}
            other => panic!("after {} messages: {other:?}", come.len()),
        }
    }
    let expected: Vec<_> = (0..MESSAGES).map(|number| number.to_string()).collect();
    assert_eq!(come, expected);
    assert_eq!(acked, sent);
    assert_eq!(resumed, MESSAGES / BETWEEN_CUTS - 1);
    leave(session).await;
    format!("pass ({MESSAGES} messages, {resumed} cuts)")
}

/// A way to a server that can be cut.
struct Wire {
    address: SocketAddr,
    listening: JoinHandle<()>,
    connections: tokio::sync::mpsc::UnboundedReceiver<JoinHandle<()>>,
}

impl Wire {
    async fn to(peer: &Peer) -> Self {
        let uri: Uri = peer.uri.parse().expect("a URI");
        let port = uri.port().expect("it has one");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (sender, connections) = tokio::sync::mpsc::unbounded_channel();
        let listening = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let connection = tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
                    // However it ends: one of the two is gone.
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
                if sender.send(connection).is_err() {
                    return;
                }
            }
        });
        Self { address, listening, connections }
    }

    /// Whatever is on its way is lost, in both directions.
    fn cut(&mut self) {
        while let Ok(connection) = self.connections.try_recv() {
            connection.abort();
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

const MESSAGES: usize = 100;
const UNDER_WAY: usize = 15;
const BETWEEN_CUTS: usize = 25;

//! A client whose connection is cut while messages are under way, and which goes on with its session.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use xmpp_ws::client::{ClientConfig, ClientEvent, Reconnect};
use xmpp_ws::error::Misuse;
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::uri::Uri;

use super::talk::{bound, leave, own};
use super::{ClientSide, Cut, Place};
use crate::wire::Wire;

/// Messages to itself, always some of them under way in both directions, while the connection is cut now and then.
/// Each comes once, in order, and each is acknowledged once; and that is all in one session.
pub async fn resumed<A: ClientSide>(place: Place) -> String {
    let way = Way::to(&place);
    let place = Place { uri: way.uri.clone(), ..place };
    let mut session = A::connect(place.trust.as_deref(), lasting(&place));
    bound(&mut session).await;
    session.send("<presence/>").expect("bound");
    let own = own(&session);

    let (mut sent, mut come, mut acked) = (Vec::new(), 0, Vec::new());
    let (mut cuts, mut cut_off, mut resumed) = (0, 0, 0);
    while come < MESSAGES || acked.len() < MESSAGES {
        while sent.len() < MESSAGES && sent.len() < come + UNDER_WAY {
            let message = format!("<message to='{own}' type='chat' id='{}'/>", sent.len());
            match session.send(message) {
                Ok(ticket) => sent.push(ticket),
                Err(Misuse::Full) => break,
                Err(misuse) => panic!("{misuse}"),
            }
        }
        match session.next().await.expect("the end comes first") {
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                assert_eq!(stanza.id().as_deref(), Some(come.to_string().as_str()), "out of order");
                come += 1;
                // What was sent before the last cut came before this one.
                if come % BETWEEN_CUTS == 0 && come < MESSAGES {
                    match place.cut {
                        Cut::Told => way.wire.cut(),
                        Cut::Silent => way.wire.silence(),
                    }
                    cuts += 1;
                }
            }
            // The presence was sent before the first message.
            ClientEvent::Acked(ticket) if sent.first().is_some_and(|first| ticket >= *first) => {
                acked.push(ticket);
            }
            ClientEvent::Disconnected { resumable, why, .. } => {
                assert!(resumable, "{why:?}");
                cut_off += 1;
            }
            ClientEvent::Resumed => resumed += 1,
            ClientEvent::Stanza(_) | ClientEvent::Acked(_) | ClientEvent::Connected { .. } => {}
            other => panic!("after {come} messages and {cuts} cuts: {other:?}"),
        }
    }
    assert_eq!(acked, sent);
    assert_eq!((cut_off, resumed), (cuts, cuts));
    leave(session).await;
    let named = if place.cut == Cut::Told { "cuts" } else { "silences" };
    format!("pass ({MESSAGES} messages, {cuts} {named})")
}

/// A client that comes back soon, however often it was cut off, and soon notices a silence.
fn lasting(place: &Place) -> ClientConfig {
    let mut config = place.config();
    let mut reconnect = Reconnect::default();
    // It is cut off again long before it was stable.
    reconnect.cap = Duration::from_millis(400);
    config.reconnect = Some(reconnect);
    if place.cut == Cut::Silent {
        config.limits.ping_after = Some(Duration::from_millis(300));
        config.limits.ping_answer = Duration::from_secs(1);
        config.limits.hangup = Duration::from_millis(100);
    }
    config
}

/// A way to a place that can be cut, whatever the client's runtime: it has a thread of its own.
struct Way {
    /// Where it begins.
    uri: String,
    wire: Wire,
    /// The thread ends when this is dropped.
    _end: tokio::sync::oneshot::Sender<()>,
}

impl Way {
    fn to(place: &Place) -> Self {
        let uri: Uri = place.uri.parse().expect("a URI");
        let port = uri.port().expect("it has one");
        let (sender, wire) = channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        thread::spawn(move || lay(([127, 0, 0, 1], port).into(), &sender, ended));
        let wire: Wire = wire.recv().expect("a thread, and a free port");
        let uri = place.uri.replace(&format!(":{port}"), &format!(":{}", wire.address().port()));
        Self { uri, wire, _end: end }
    }
}

/// Has a wire to this server until the end is told.
fn lay(server: SocketAddr, sender: &Sender<Wire>, ended: tokio::sync::oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        // It is cut by hand.
        let wire = Wire::to(server, |_| None).await.expect("a free port");
        if sender.send(wire).is_ok() {
            let _ = ended.await;
        }
    });
}

const MESSAGES: usize = 200;
const UNDER_WAY: usize = 15;
const BETWEEN_CUTS: usize = 25;

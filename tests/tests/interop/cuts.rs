//! A conversation over a wire that is cut.

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::uri::Uri;
use xmpp_ws_tests::wire::Wire;

use crate::live::{Peer, leave, next, start_with, trusting, until};

/// Messages of the client to itself, while the connection is cut now and then: each comes once, in order, and each is
/// acknowledged once.
pub(crate) async fn cuts(peer: Peer) -> String {
    let uri: Uri = peer.uri.parse().expect("a URI");
    let server = ([127, 0, 0, 1], uri.port().expect("it has one")).into();
    // It is cut by hand.
    let wire = Wire::to(server, |_| None).await.expect("a free port");
    let mut dial = trusting();
    dial.addresses = vec![wire.address()];
    let mut config = peer.config();
    config.reconnect.as_mut().expect("the default").cap = Duration::from_millis(400);
    // Where a connection ends while ejabberd 23 writes to it, that waits 15 s for itself, and he who is back gets no
    // answer until it says that it has no such session ("Session state copying timed out" in its log).
    let silently = peer.name == "ejabberd";
    if silently {
        config.limits.ping_after = Some(Duration::from_millis(300));
        config.limits.ping_answer = Duration::from_secs(1);
        config.limits.hangup = Duration::from_millis(100);
    }
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
                    if silently {
                        wire.silence();
                    } else {
                        wire.cut();
                    }
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
    let cuts = if silently { "silences" } else { "cuts" };
    format!("pass ({MESSAGES} messages, {resumed} {cuts})")
}

const MESSAGES: usize = 100;
const UNDER_WAY: usize = 15;
const BETWEEN_CUTS: usize = 25;

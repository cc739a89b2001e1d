//! A client with servers that follow a script.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::sockopt;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{
    DialError, DialErrorKind, Fetched, Input, Target, Transmit, WebSocketFault,
};
use xmpp_ws::error::{Misuse, Violation};
use xmpp_ws::timer::Timer;
use xmpp_ws::uri::Uri;

use super::script::{LOGIN, Peer, listen, listen_with};
use super::talk::{bound, ending, leave, log_in, message_in};
use super::{ClientSide, Place};
use crate::scripted::{Scripted, Seen};

/// A message comes in three frames with pings between them; it arrives whole, and the pings are answered.
pub async fn fragments<A: ClientSide>() -> String {
    let place = listen(|stream| {
        let mut peer = Peer::accept(stream);
        peer.lets_in();
        for number in 0..PIECES {
            peer.says_in_pieces(&format!(
                "<message xmlns='jabber:client'><body>{number} höher, größer</body></message>"
            ));
        }
        // Of many pings only the last need be answered (RFC 6455 § 5.5.3).
        peer.awaits("<thanks");
        assert!(peer.pongs > 0, "no answer to the pings");
        peer.leaves();
    });
    let mut session = log_in::<A>(&place).await;
    for number in 0..PIECES {
        let stanza = loop {
            if let Some(stanza) = message_in(session.next().await) {
                break stanza;
            }
        };
        assert!(stanza.xml().contains(&format!(">{number} höher, größer<")), "{}", stanza.xml());
    }
    session.send("<message><thanks xmlns='thanks'/></message>").expect("bound");
    assert_eq!(ending(&mut session).await, Ending::Clean);
    "pass".into()
}

/// The server says `<close/>` first.
pub async fn left<A: ClientSide>() -> String {
    let place = listen(|stream| {
        let mut peer = Peer::accept(stream);
        peer.lets_in();
        peer.leaves();
    });
    let mut session = A::connect(None, place.config());
    bound(&mut session).await;
    assert_eq!(ending(&mut session).await, Ending::Clean);
    "pass".into()
}

/// The client says `<close/>` first.
pub async fn leaves<A: ClientSide>() -> String {
    let place = listen(|stream| {
        let mut peer = Peer::accept(stream);
        peer.lets_in();
        peer.awaits("<close");
        peer.says("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        assert_eq!(peer.hears_close_code(), Some(1000));
        peer.hangs_up();
    });
    let session = log_in::<A>(&place).await;
    leave(session).await;
    "pass".into()
}

/// The server says nothing more, and does not even answer a ping.
pub async fn silence<A: ClientSide>() -> String {
    let place = listen(|stream| {
        let mut peer = Peer::accept(stream);
        peer.lets_in();
        // Its pong would be sent with the next read.
        while peer.stream().peek(&mut [0; 1]).is_ok_and(|there| there > 0) {
            let mut space = [0; 1024];
            let mut stream = peer.stream();
            if stream.read(&mut space).is_err() {
                return;
            }
        }
    });
    let mut config = place.config();
    config.limits.ping_after = Some(Duration::from_millis(100));
    config.limits.ping_answer = Duration::from_millis(300);
    config.limits.close = Duration::from_millis(100);
    config.limits.hangup = Duration::from_millis(100);
    let mut session = A::connect(None, config);
    bound(&mut session).await;
    assert_eq!(ending(&mut session).await, Ending::TimedOut(Timer::Answer));
    "pass".into()
}

/// The server says more at once than is taken; it is told so, and the client knows why it is over.
pub async fn too_long<A: ClientSide>() -> String {
    for (length, named) in [
        (OWN_LIMIT, None),
        (OWN_LIMIT + 1, Some("the client's limit")),
        (MIB + 1, Some("the WebSocket's limit")),
    ] {
        let place = listen(move |stream| {
            let mut peer = Peer::accept(stream);
            peer.lets_in();
            let frame = "<message xmlns='jabber:client'><body></body></message>";
            let body = "z".repeat(length - frame.len());
            peer.says(&frame.replace("<body>", &format!("<body>{body}")));
            if named.is_none() {
                return peer.leaves();
            }
            peer.awaits("policy-violation");
            peer.awaits("<close");
            assert_eq!(peer.hears_close_code(), Some(1009));
            peer.hangs_up();
        });
        let mut config = place.config();
        config.limits.max_message_bytes = OWN_LIMIT;
        let mut session = A::connect(None, config);
        bound(&mut session).await;
        if named.is_none() {
            while message_in(session.next().await).is_none() {}
        }
        match (ending(&mut session).await, named) {
            (Ending::Clean, None)
            | (Ending::Violated(Violation::TooLong { .. }), Some("the client's limit")) => {}
            (Ending::Violated(Violation::WebSocket(fault)), Some("the WebSocket's limit")) => {
                assert_eq!(fault, WebSocketFault::TooLong);
            }
            (why, _) => panic!("{length} bytes: {why:?}"),
        }
    }
    "pass (policy-violation)".into()
}

/// The server insists on writing before it reads, over buffers of a few KiB; so does the client.
pub async fn both_write_first<A: ClientSide>() -> String {
    let place = listen_with(
        |listener| {
            sockopt::set_socket_recv_buffer_size(listener, TINY).expect("it can be set");
            sockopt::set_socket_send_buffer_size(listener, TINY).expect("it can be set");
        },
        |stream| {
            let mut peer = Peer::accept(stream);
            peer.lets_in();
            let body = "s".repeat(1000);
            for number in 0..STUBBORN {
                peer.says(&format!(
                    "<message xmlns='jabber:client' id='{number}'><body>{body}</body></message>"
                ));
            }
            for number in 0..STUBBORN {
                peer.awaits(&format!("id='c{number}'"));
            }
            peer.leaves();
        },
    );
    let mut session = A::connect(None, place.config());
    bound(&mut session).await;
    let body = "c".repeat(1000);
    let (mut sent, mut came) = (0, 0);
    while sent < STUBBORN || came < STUBBORN {
        while sent < STUBBORN {
            match session.send(format!("<message id='c{sent}'><body>{body}</body></message>")) {
                Ok(_) => sent += 1,
                Err(Misuse::Full) => break,
                Err(misuse) => panic!("{misuse}"),
            }
        }
        if let Some(stanza) = message_in(session.next().await) {
            assert_eq!(stanza.id().as_deref(), Some(came.to_string().as_str()));
            came += 1;
        }
    }
    assert_eq!(ending(&mut session).await, Ending::Clean);
    "pass".into()
}

/// The server vanishes, once after each step of the login.
pub async fn vanishing<A: ClientSide>() -> String {
    let phases = LOGIN.len() + 2;
    for phase in 0..=phases {
        let place: Place = listen(move |stream| vanish_at(stream, phase));
        let mut session = A::connect(None, place.config());
        match ending(&mut session).await {
            Ending::NotConnected(error) if phase < 2 => assert!(
                matches!(error.kind, DialErrorKind::Unreachable | DialErrorKind::Handshake),
                "phase {phase}: {error}"
            ),
            Ending::Lost { code: None } if phase >= 2 => {}
            why => panic!("phase {phase}: {why:?}"),
        }
    }
    format!("pass ({} moments)", phases + 1)
}

/// The endpoint leaves its connection for another, again and again; each is opened, and the one before is gone.
pub async fn dials_again<A: ClientSide>() -> String {
    let visit = |number: usize| {
        listen(move |stream| {
            let mut peer = Peer::accept(stream);
            peer.says(&number.to_string());
            peer.is_left();
        })
    };
    let target = |place: Place| Target::new(place.uri.parse().expect("a URI"));
    let mut session = A::dial(None, |_| Scripted::dialing(target(visit(0))));
    for number in 0..DIALED {
        let event = session.next().await;
        assert!(matches!(event, Some(Seen::Input(Input::Connected(_)))), "{event:?}");
        let said = Input::Text(number.to_string().into());
        assert_eq!(session.next().await, Some(Seen::Input(said)));
        let next = target(visit(number + 1));
        session.command(|endpoint, _| endpoint.redial(next));
    }
    format!("pass ({DIALED} times)")
}

/// A document is fetched over TLS, from where the first answer leads; nothing is without a good certificate.
///
/// At `uri` there is a redirect to a document whose text is [`DOCUMENT`], with a certificate that `trust` is good for.
pub async fn fetches<A: ClientSide>(uri: String, trust: PathBuf) -> String {
    let uri: Uri = uri.parse().expect("a URI");
    let outcome = fetch::<A>(&uri, Some(&trust)).await;
    let fetched = outcome.expect("it is there");
    assert_eq!((fetched.status, &fetched.body[..]), (200, DOCUMENT.as_bytes()));
    let error = fetch::<A>(&uri, None).await.expect_err("nobody trusts it");
    // A machine without any roots cannot even begin.
    assert!(matches!(error.kind, DialErrorKind::Tls | DialErrorKind::Unsupported), "{error}");
    "pass".into()
}

async fn fetch<A: ClientSide>(uri: &Uri, trust: Option<&Path>) -> Result<Fetched, DialError> {
    let mut session = A::dial(trust, |_| Scripted::new());
    session.command(|endpoint, _| endpoint.say(Transmit::Fetch(uri.clone())));
    match session.next().await {
        Some(Seen::Input(Input::Fetched(fetch))) => {
            assert_eq!(fetch.uri, *uri);
            fetch.outcome
        }
        other => panic!("{other:?}"),
    }
}

/// Nobody is there, or somebody who speaks something else.
pub async fn refusals<A: ClientSide>() -> String {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("it is bound");
    drop(nobody);
    let mut place = listen(|_| {});
    place.uri = format!("ws://{address}/");
    assert_eq!(kind::<A>(&place).await, DialErrorKind::Unreachable);
    for (answer, expected) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            DialErrorKind::Rejected { status: 404 },
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", DialErrorKind::Handshake),
    ] {
        let place = listen(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(answer.as_bytes()).expect("room");
            let _ = stream.read(&mut [0; 4096]);
        });
        assert_eq!(kind::<A>(&place).await, expected);
    }
    let place = listen(|stream| {
        // Without the subprotocol.
        let _ = tungstenite::accept(stream);
    });
    assert_eq!(kind::<A>(&place).await, DialErrorKind::Subprotocol);
    "pass (unreachable, rejected, not a handshake, not xmpp)".into()
}

async fn kind<A: ClientSide>(place: &Place) -> DialErrorKind {
    match ending(&mut A::connect(None, place.config())).await {
        Ending::NotConnected(error) => error.kind,
        why => panic!("{why:?}"),
    }
}

fn vanish_at(mut stream: TcpStream, phase: usize) {
    match phase {
        0 => {}
        1 => {
            let _ = stream.read(&mut [0; 4096]);
        }
        _ => {
            let mut peer = Peer::accept(stream);
            for step in &LOGIN[..phase - 2] {
                peer.plays(step);
            }
        }
    }
}

/// What is to be fetched.
pub const DOCUMENT: &str = "<XRD/>";

const DIALED: usize = 5;
const PIECES: usize = 20;
const OWN_LIMIT: usize = 100_000;
const MIB: usize = 1024 * 1024;
const TINY: usize = 4096;
const STUBBORN: usize = 2000;

//! The blocking adapter: what only a thread that blocks has to do, and sockets of the caller's own.
#![cfg(unix)]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use xmpp_ws::endpoint::{Connection, DialErrorKind, Endpoint, Input, Target, Transmit};
use xmpp_ws_blocking::{
    AcceptConfig, DialConfig, Session, SocketIo, Waited, WebSocketLimits, accept, client_socket,
    connect, server_socket, upgrade,
};
use xmpp_ws_driver::{Io, NeverPending};
use xmpp_ws_tests::scripted::{Scripted, Seen};

#[test]
fn a_byte_stream_that_is_connected_is_upgraded() {
    let (near, far) = UnixStream::pair().unwrap();
    let serving = thread::spawn(move || {
        let accepted = accept(far, &AcceptConfig::default()).unwrap();
        assert_eq!(accepted.request.uri().path(), "/xmpp");
        rest(&mut accepted.into_session(|_, _| Scripted::new().echoing()))
    });
    let target = target("ws://example.com/xmpp");
    let io = upgrade(near, Connection::new(true), &target, &DialConfig::default()).unwrap();
    let mut client = Session::new(Scripted::dialing(target), io);
    let connected = Input::Connected(only(true));
    assert_eq!(client.wait(), Some(Seen::Input(connected)));
    client.send("<message/>").unwrap();
    assert_eq!(client.wait(), Some(text("<message/>")));
    client.close().unwrap();
    assert_eq!(rest(&mut client), [closed(1000), Seen::Ended]);
    assert_eq!(serving.join().unwrap().len(), 3);
}

#[test]
fn a_websocket_that_is_open_is_taken_and_cannot_be_dialed_again() {
    let (near, far) = UnixStream::pair().unwrap();
    let limits = WebSocketLimits::default();
    let io = client_socket(near, Connection::new(false), limits).unwrap();
    let mut client = Session::new(Scripted::dialing(target("ws://example.com/")), io);
    let mut server = Session::new(Scripted::new(), server_socket(far, limits).unwrap());
    let connected = Input::Connected(only(false));
    assert_eq!(client.wait(), Some(Seen::Input(connected)));
    client.send("<message/>").unwrap();
    client.wait_flushed();
    assert_eq!(server.wait(), Some(text("<message/>")));
    client.command(|endpoint, _| endpoint.redial(target("ws://example.com/")));
    match client.wait() {
        Some(Seen::Input(Input::ConnectFailed(error))) => {
            assert_eq!(error.kind, DialErrorKind::NoDialer);
        }
        other => panic!("{other:?}"),
    }
    // The first connection was left.
    assert_eq!(server.wait(), Some(Seen::Input(Input::Lost)));
}

#[test]
fn a_wait_ends_when_it_is_to() {
    let (mut client, mut server) = pair(Scripted::new());
    let begin = Instant::now();
    let deadline = client.now() + Duration::from_millis(50);
    assert!(matches!(client.wait_until(Some(deadline)), Waited::TimedOut));
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(50) && took < PATIENCE, "{took:?}");
    // One that has passed does not wait, and takes what is there.
    server.send("<message/>").unwrap();
    server.wait_flushed();
    let event = loop {
        match client.wait_until(Some(deadline)) {
            Waited::TimedOut => assert!(begin.elapsed() < PATIENCE, "it never comes"),
            other => break other,
        }
    };
    assert!(matches!(event, Waited::Event(ref seen) if *seen == text("<message/>")), "{event:?}");
}

#[test]
fn another_thread_sends_while_one_waits() {
    let (mut client, mut server) = pair(Scripted::new().echoing());
    let serving = thread::spawn(move || rest(&mut server));
    let (sender, outgoing) = std::sync::mpsc::sync_channel(4);
    let handle = client.io().handle();
    let sending = thread::spawn(move || {
        for number in 0..1000 {
            sender.send(format!("<message>{number}</message>")).unwrap();
            handle.notify();
        }
    });
    let (mut came, mut notified) = (0, 0);
    while came < 1000 {
        match client.wait_until(None) {
            Waited::Event(event) => {
                assert_eq!(event, text(format!("<message>{came}</message>")));
                came += 1;
            }
            Waited::Notified => {
                notified += 1;
                for message in outgoing.try_iter() {
                    client.send(message).unwrap();
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(notified > 0);
    sending.join().unwrap();
    client.close().unwrap();
    assert_eq!(rest(&mut client), [closed(1000), Seen::Ended]);
    serving.join().unwrap();
}

#[test]
fn a_deadline_of_the_endpoint_comes_while_nothing_does() {
    let (_client, mut server) = pair(Scripted::new().ticking(Duration::from_millis(20)));
    for _ in 0..3 {
        assert_eq!(server.wait(), Some(Seen::Input(Input::Timeout)));
    }
}

#[test]
fn a_thread_waits_without_burning_the_processor() {
    let (mut client, _server) = pair(Scripted::new());
    // Both are there, and a ping on its way keeps nobody from sleeping.
    client.command(|endpoint, _| endpoint.say(Transmit::Ping));
    client.wait_flushed();
    let begin = cpu_time::ThreadTime::now();
    let deadline = client.now() + Duration::from_millis(500);
    assert!(matches!(client.wait_until(Some(deadline)), Waited::TimedOut));
    let burnt = begin.elapsed();
    assert!(burnt < Duration::from_millis(100), "{burnt:?} of 500 ms");
}

#[test]
fn both_sides_write_megabytes_first_and_finish() {
    let (mut client, mut server) = pair(Scripted::new());
    let serving = thread::spawn(move || {
        flood(&mut server);
        // Somebody has to be there for the client's last words.
        rest(&mut server)
    });
    flood(&mut client);
    client.close().unwrap();
    rest(&mut client);
    serving.join().unwrap();
}

#[test]
fn the_next_address_has_its_turn() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let good = listener.local_addr().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // It takes connections into its queue, and answers none.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = DialConfig::default();
    config.addresses = vec![nobody, good];
    let serving = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        rest(
            &mut accept(stream, &AcceptConfig::default())
                .unwrap()
                .into_session(|_, _| Scripted::new()),
        )
    });
    let mut client = connect(config, |_| Scripted::dialing(target("ws://example.com/"))).unwrap();
    let event = client.wait();
    assert!(matches!(event, Some(Seen::Input(Input::Connected(_)))), "{event:?}");
    client.close().unwrap();
    rest(&mut client);
    serving.join().unwrap();

    // How long it may take altogether is the endpoint's business, and it is heard meanwhile.
    let target = target(&format!("ws://{}/", silent.local_addr().unwrap()));
    let endpoint = Scripted::dialing(target).ticking(Duration::from_millis(30));
    let mut client = connect(DialConfig::default(), |_| endpoint).unwrap();
    assert_eq!(client.wait(), Some(Seen::Input(Input::Timeout)));
}

#[test]
fn accepting_takes_no_longer_than_it_may() {
    let (_silent, far) = UnixStream::pair().unwrap();
    let mut config = AcceptConfig::default();
    config.time = Duration::from_millis(50);
    let error = accept(far, &config).unwrap_err();
    assert!(matches!(error, xmpp_ws_blocking::AcceptError::TimedOut), "{error}");
}

#[test]
fn a_session_goes_to_another_thread() {
    let (mut client, mut server) = pair(Scripted::new().echoing());
    let serving = thread::spawn(move || rest(&mut server));
    let client = thread::spawn(move || {
        client.send("<message/>").unwrap();
        assert_eq!(client.wait(), Some(text("<message/>")));
        client
    });
    let mut client = client.join().unwrap();
    client.close().unwrap();
    rest(&mut client);
    serving.join().unwrap();
}

#[test]
fn there_is_no_runtime_in_its_tree() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../adapters/blocking/Cargo.toml");
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--manifest-path", manifest, "--all-features", "--edges", "normal"])
        .args(["--prefix", "none", "--offline"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"mio") && names.contains(&"rustls"), "{tree}");
    for runtime in RUNTIMES {
        assert!(!names.contains(&runtime), "{runtime}");
    }
}

fn flood<I: NeverPending>(session: &mut Session<Scripted, I>) {
    for number in 0..1000 {
        session.send(format!("<message>{number}{}</message>", "x".repeat(10_000))).unwrap();
    }
    for _ in 0..1000 {
        session.wait().expect("not over");
    }
    session.wait_flushed();
}

/// A client and a server over loopback.
fn pair(endpoint: Scripted) -> (Session<Scripted, SocketIo>, Session<Scripted, SocketIo>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let near = TcpStream::connect(address).unwrap();
    let (far, _) = listener.accept().unwrap();
    let limits = WebSocketLimits::default();
    let client = client_socket(near, Connection::new(false), limits).unwrap();
    let mut client = Session::new(Scripted::dialing(target("ws://example.com/")), client);
    client.wait().expect("it is connected");
    (client, Session::new(endpoint, server_socket(far, limits).unwrap()))
}

/// All that still comes.
fn rest<E: Endpoint, I: Io + NeverPending>(session: &mut Session<E, I>) -> Vec<E::Event> {
    std::iter::from_fn(|| session.wait()).collect()
}

fn target(uri: &str) -> Target {
    Target::new(uri.parse().expect("a legal address"))
}

fn text(text: impl Into<bytestring::ByteString>) -> Seen {
    Seen::Input(Input::Text(text.into()))
}

fn closed(code: u16) -> Seen {
    Seen::Input(Input::Closed { code: Some(code) })
}

const PATIENCE: Duration = Duration::from_secs(20);

const RUNTIMES: [&str; 9] = [
    "tokio",
    "tokio-util",
    "async-std",
    "smol",
    "async-io",
    "async-net",
    "async-executor",
    "futures-executor",
    "blocking",
];

/// What is known of a connection beside which there is no other.
fn only(secure: bool) -> Connection {
    let mut connection = Connection::new(secure);
    connection.can_dial = false;
    connection
}

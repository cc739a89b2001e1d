//! Clients that never come through TLS, and what TLS carries.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::login::{Stage, bound, message, until};
use crate::server::Server;
use crate::silence::trickle;
use crate::stream::Stream;
use crate::trials::Trials;
use crate::wire::{FIN, Seen, TEXT, Wire, header, request};

/// Three servers with clients that mostly wait, and so do it at the same time.
#[test]
fn tls_protects_nobody_who_attacks_it() {
    thread::scope(|scope| {
        scope.spawn(who_stalls_in_tls_is_given_up);
        scope.spawn(what_breaks_tls_is_refused);
        scope.spawn(what_comes_by_tls_is_judged_as_without);
    });
}

fn who_stalls_in_tls_is_given_up() {
    let trials = Trials::on(Server::start_tls("stalls", &["--login-timeout", "2s"]));
    trials.run("TLS that stalls, in each phase", 4096, |server| {
        thread::scope(|scope| {
            for phase in PHASES {
                scope.spawn(move || {
                    let start = Instant::now();
                    let mut stream = stall(server, phase);
                    stream.socket().set_read_timeout(Some(SOON)).expect("it is not zero");
                    assert_eq!(end(&mut stream), "hung up", "{phase:?}");
                    let took = start.elapsed();
                    assert!(took >= Duration::from_millis(1900), "{phase:?}: after {took:?}");
                });
            }
        });
        "hung up: silence, half a hello, a hello, no request, half a request".to_owned()
    });
    let second = Duration::from_secs(1);
    trials.run("a byte a second: a handshake of TLS", 4096, |server| {
        let mut stream = server.dial().expect("the server accepts");
        trickle(&mut stream, &client_hello(server), second, SOON);
        "hung up".to_owned()
    });
    trials.run("a byte a second: a request, by TLS", 4096, |server| {
        let mut stream = server.connect().expect("the server accepts");
        trickle(&mut stream, request().as_bytes(), second, SOON);
        "hung up".to_owned()
    });
    let mut resident = Vec::new();
    for attack in ["500 that stall in TLS, at once", "500 more that stall in TLS"] {
        trials.run_costly(attack, 48 * 1024, WORK, |server| {
            let files = server.process().files();
            let start = Instant::now();
            let streams: Vec<_> =
                PHASES.iter().cycle().take(500).map(|phase| stall(server, *phase)).collect();
            let opened = start.elapsed();
            let start = Instant::now();
            drop(bound(server, "dave", "late"));
            let late = start.elapsed();
            assert!(late < SOON, "to log in took {late:?}");
            server.settle(files, opened + SOON);
            drop(streams);
            resident.push(server.process().resident());
            format!("hung up; to log in took {} ms meanwhile", late.as_millis())
        });
    }
    // The allocator keeps what the first took, and the others find it there.
    let [first, again] = resident.as_slice() else { panic!("two crowds") };
    assert!(again.saturating_sub(*first) < 8 * 1024, "it grows: {resident:?} KiB");
    trials.finish(48 * 1024);
}

fn what_breaks_tls_is_refused() {
    let trials = Trials::on(Server::start_tls("broken", &[]));
    trials.run("what is no TLS", 4096, |server| {
        let huge = [&[22, 3, 1, 0x40, 0, 1, 0xFF, 0xFF, 0xFF][..], &[0; 0x3FFC]].concat();
        let told: Vec<_> = [
            ("HTTP", request().into_bytes(), "alert decode_error"),
            ("1 MB of HTTP", request().repeat(5000).into_bytes(), "alert decode_error"),
            ("NUL bytes", vec![0; 10_000], "alert decode_error"),
            ("a record of 64 kB", vec![22, 3, 1, 0xFF, 0xFF], "alert decode_error"),
            ("a hello of 16 MB", huge, "hung up"),
            ("data first", vec![23, 3, 3, 0, 1, 0], "alert unexpected_message"),
        ]
        .into_iter()
        .map(|(name, bytes, expected)| {
            let told = answer(server, &bytes);
            assert_eq!(told, expected, "{name}");
            format!("{name}: {told}")
        })
        .collect();
        told.join(", ")
    });
    trials.run("by TLS: a record that was tampered with", 4096, |server| {
        let files = server.process().files();
        let wire = bound(server, "mallory", "tampered");
        let mut stream = wire.into_stream();
        // Of a length that may be, and nothing that the keys fit.
        let record = [&[23, 3, 3, 0, 100][..], &[7; 100]].concat();
        stream.socket().write_all(&record).expect("it reads");
        stream.socket().set_read_timeout(Some(SOON)).expect("it is not zero");
        let error = stream.read(&mut [0; 100]).expect_err("it is not gone on with");
        assert!(error.to_string().contains("BadRecordMac"), "{error}");
        drop(stream);
        server.settle(files, SOON);
        "alert bad_record_mac".to_owned()
    });
    trials.run("by TLS: 100,000 new keys, asked for and unread", 8 * 1024, |server| {
        let files = server.process().files();
        let Stream::Tls(mut stream) = bound(server, "mallory", "keys").into_stream() else {
            panic!("it speaks TLS")
        };
        stream.sock.set_write_timeout(Some(Duration::from_secs(5))).expect("it is not zero");
        let mut count = 0;
        while count < 100_000 {
            stream.conn.refresh_traffic_keys().expect("it is TLS 1.3");
            if stream.conn.write_tls(&mut stream.sock).is_err() {
                break;
            }
            count += 1;
        }
        drop(stream);
        server.settle(files, SOON);
        format!("hung up, {}", if count == 100_000 { "all taken" } else { "in the middle" })
    });
    trials.finish(8 * 1024);
}

fn what_comes_by_tls_is_judged_as_without() {
    let short = ["--login-timeout", "2s", "--keepalive", "1s", "--answer-timeout", "1s"];
    let trials = Trials::on(Server::start_tls("inside", &short));
    trials.run("by TLS: a header that promises 10 GB", 4096, |server| {
        let mut wire = bound(server, "mallory", "huge");
        wire.bytes(&header(FIN | TEXT, 10_000_000_000)).expect("it reads");
        let words = wire.last_words(SOON);
        assert_eq!(words.told(), "policy-violation, close, 1009");
        words.told()
    });
    trials.run("by TLS: 300 kB, all of it", 4096, |server| {
        let mut wire = bound(server, "mallory", "huge");
        wire.text(&message("alice@localhost", &"a".repeat(300_000)));
        let words = wire.last_words(SOON);
        assert_eq!(words.told(), "policy-violation, close, 1009");
        words.told()
    });
    trials.run("by TLS: 20,000 nested elements", 4096, |server| {
        let mut wire = bound(server, "mallory", "deep");
        wire.text(&"<a>".repeat(20_000));
        let words = wire.last_words(SOON);
        assert_eq!(words.told(), "policy-violation, close, 1000");
        words.told()
    });
    trials.run("by TLS: logins that stall, in each phase", 8 * 1024, |server| {
        thread::scope(|scope| {
            for stage in [
                Stage::Upgraded,
                Stage::Opened,
                Stage::Challenged,
                Stage::Authenticated,
                Stage::Restarted,
            ] {
                scope.spawn(move || {
                    let wire = until(server, stage, "mallory", "stall");
                    let told = wire.last_words(SOON).told();
                    assert_eq!(told, "connection-timeout, close, 1000", "{stage:?}");
                });
            }
        });
        "each connection-timeout, close, 1000".to_owned()
    });
    trials.run("by TLS: who never reads", 8 * 1024, |server| {
        let files = server.process().files();
        let _deaf = bound(server, "dave", "deaf");
        let mut erin = bound(server, "erin", "writer");
        let letter = message("dave@localhost/deaf", &"a".repeat(30_000));
        let start = Instant::now();
        let told = loop {
            erin.text(&letter);
            if let Some(told) = refusal(&mut erin) {
                break told;
            }
            assert!(start.elapsed() < SOON, "it is written to for ever");
        };
        drop(erin);
        server.settle(files, SOON);
        told
    });
    trials.finish(16 * 1024);
}

/// How far a client gets before it stalls.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Nothing,
    HalfAHello,
    Hello,
    Handshake,
    HalfARequest,
}

const PHASES: [Phase; 5] =
    [Phase::Nothing, Phase::HalfAHello, Phase::Hello, Phase::Handshake, Phase::HalfARequest];

fn stall(server: &Server, phase: Phase) -> Stream {
    let begin = |hello: &[u8]| {
        let mut stream = server.dial().expect("the server accepts");
        stream.write_all(hello).expect("the server reads");
        Stream::Plain(stream)
    };
    match phase {
        Phase::Nothing => begin(b""),
        Phase::HalfAHello => {
            let hello = client_hello(server);
            begin(hello.get(..hello.len() / 2).expect("a half is less"))
        }
        Phase::Hello => begin(&client_hello(server)),
        Phase::Handshake => server.connect().expect("the server accepts"),
        Phase::HalfARequest => {
            let mut stream = server.connect().expect("the server accepts");
            stream.write_all(b"GET /xmpp-websocket HTTP/1.1\r\nHost: ").expect("it reads");
            stream
        }
    }
}

fn client_hello(server: &Server) -> Vec<u8> {
    let mut hello = Vec::new();
    server.tls().write_tls(&mut hello).expect("there is memory");
    assert!(hello.len() > 100);
    hello
}

/// Reads to the end, whatever comes before it.
fn end(stream: &mut Stream) -> &'static str {
    let mut space = [0; 4096];
    loop {
        match stream.read(&mut space) {
            Ok(0) => return "hung up",
            Ok(_) => {}
            // Nobody says goodbye to one who never got that far.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return "hung up",
            Err(error) => panic!("{error}"),
        }
    }
}

/// What a server that speaks TLS says to this.
fn answer(server: &Server, bytes: &[u8]) -> String {
    let mut stream: TcpStream = server.dial().expect("the server accepts");
    stream.set_read_timeout(Some(SOON)).expect("it is not zero");
    // It may hang up in the middle.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    let reset = if ended.is_ok() { "" } else { ", RESET" };
    if answer.is_empty() {
        return format!("hung up{reset}");
    }
    // RFC 8446 § 5.1, § 6: a record of the type alert, which has a level and a description.
    let &[21, _, _, 0, 2, _, alert] = answer.as_slice() else {
        return format!("{answer:?}{reset}");
    };
    let alert = match alert {
        10 => "unexpected_message",
        22 => "record_overflow",
        40 => "handshake_failure",
        47 => "illegal_parameter",
        50 => "decode_error",
        70 => "protocol_version",
        _ => return format!("alert {alert}{reset}"),
    };
    format!("alert {alert}{reset}")
}

/// Why what was written did not arrive, if somebody says so.
fn refusal(wire: &mut Wire) -> Option<String> {
    match wire.next(Duration::from_millis(1)) {
        Seen::Text(text) => {
            let conditions =
                ["resource-constraint", "recipient-unavailable", "service-unavailable"];
            let condition = conditions.into_iter().find(|condition| text.contains(condition));
            Some(condition.unwrap_or_else(|| panic!("{text}")).to_owned())
        }
        Seen::Ping(_) | Seen::Pong(_) | Seen::Nothing => None,
        other => panic!("{other:?} where an error is due"),
    }
}

/// The two seconds, what a hang-up may take, and what a busy machine adds.
const SOON: Duration = Duration::from_secs(12);
// 300 signatures, by a build without optimisation.
const WORK: Duration = Duration::from_secs(15);

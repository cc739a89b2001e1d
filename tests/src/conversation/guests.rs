//! A server with clients that follow a script.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::Receiver;

use rustix::net::sockopt;
use rustix::net::{AddressFamily, SocketType, connect, socket};
use xmpp_ws::ending::Ending;
use xmpp_ws::error::Violation;
use xmpp_ws::timer::Timer;

use super::host::MAX_MESSAGE_BYTES;
use super::script::{Peer, VISIT};
use super::{PATIENCE, Place};

/// A message comes in three frames with pings between them; it comes back whole, and the pings are answered.
pub fn fragments(place: &Place, ended: &Receiver<Ending>) -> String {
    let mut guest = visit(place);
    guest.logs_in();
    for number in 0..20 {
        guest.says_in_pieces(&format!(
            "<message xmlns='jabber:client'><body>{number} höher, größer</body></message>"
        ));
        let answer = guest.hears();
        assert!(answer.contains(&format!(">{number} höher, größer<")), "{answer}");
    }
    assert!(guest.pongs > 0, "no answer to the pings");
    guest.leaves();
    assert_eq!(end(ended), Ending::Clean);
    "pass".into()
}

/// The client says nothing more, and does not even answer a ping.
pub fn silence(place: &Place, ended: &Receiver<Ending>) -> String {
    let mut guest = visit(place);
    guest.logs_in();
    assert_eq!(end(ended), Ending::TimedOut(Timer::Answer));
    "pass".into()
}

/// The client says one byte more at once than is taken; it is told so.
pub fn too_long(place: &Place, ended: &Receiver<Ending>) -> String {
    let mut guest = visit(place);
    guest.logs_in();
    let frame = "<message xmlns='jabber:client'><body></body></message>";
    let body = "z".repeat(MAX_MESSAGE_BYTES + 1 - frame.len());
    guest.says(&frame.replace("<body>", &format!("<body>{body}")));
    guest.awaits("policy-violation");
    guest.awaits("<close");
    assert_eq!(guest.hears_close_code(), Some(1009));
    guest.hangs_up();
    match end(ended) {
        Ending::Violated(Violation::TooLong { .. } | Violation::WebSocket(_)) => {}
        why => panic!("{why:?}"),
    }
    "pass (policy-violation)".into()
}

/// The client insists on writing before it reads, over buffers of a few KiB; the server waits for it, and loses
/// nothing.
pub fn writes_first(place: &Place, ended: &Receiver<Ending>) -> String {
    let address = place.uri.parse::<xmpp_ws::uri::Uri>().expect("a URI");
    let address = format!("{}:{}", address.host(), address.port().expect("it has one"));
    let address: std::net::SocketAddr = address.parse().expect("an address");
    // The buffer's size has to be there before the connection is.
    let stream = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    sockopt::set_socket_recv_buffer_size(&stream, TINY).expect("it can be set");
    sockopt::set_socket_send_buffer_size(&stream, TINY).expect("it can be set");
    connect(&stream, &address).expect("it listens");
    let mut guest = Peer::connect(TcpStream::from(stream), &place.uri);
    guest.logs_in();
    let body = "c".repeat(1000);
    let mut heard = 0;
    for number in 0..STUBBORN {
        guest.says(&format!(
            "<message xmlns='jabber:client' id='c{number}'><body>{body}</body></message>"
        ));
        // The server holds no more than its limit for a client that does not read.
        if number >= HELD {
            guest.awaits(&format!("id='c{heard}'"));
            heard += 1;
        }
    }
    for number in heard..STUBBORN {
        guest.awaits(&format!("id='c{number}'"));
    }
    guest.leaves();
    assert_eq!(end(ended), Ending::Clean);
    "pass".into()
}

/// The client vanishes, once after each step of the login.
pub fn vanishing(place: &Place, ended: &Receiver<Ending>) -> String {
    for phase in 0..=VISIT.len() {
        let mut guest = visit(place);
        for step in &VISIT[..phase] {
            guest.plays(step);
        }
        drop(guest);
        let why = end(ended);
        assert_eq!(why, Ending::Lost { code: None }, "phase {phase}");
    }
    format!("pass ({} moments)", VISIT.len() + 1)
}

/// Clients that want something else are refused, by HTTP.
pub fn refusals(place: &Place, _: &Receiver<Ending>) -> String {
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n"), "400"),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\n{upgrade}Sec-WebSocket-Protocol: mqtt\r\n\r\n"),
            "400",
        ),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".into(), "426"),
        (format!("POST / HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n"), "405"),
    ] {
        let mut stream = dial(place);
        stream.write_all(request.as_bytes()).expect("room");
        let expected = format!("HTTP/1.1 {status} ");
        let mut answer = vec![0; expected.len()];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(String::from_utf8_lossy(&answer), expected, "{request}");
        // We say nothing more, and so the server has nothing to wait for; before its answer some would take that for
        // the end.
        stream.shutdown(Shutdown::Write).expect("it is there");
        stream.read_to_end(&mut answer).expect("an end, and no reset");
    }
    "pass".into()
}

fn visit(place: &Place) -> Peer {
    Peer::connect(dial(place), &place.uri)
}

fn dial(place: &Place) -> TcpStream {
    let uri = place.uri.parse::<xmpp_ws::uri::Uri>().expect("a URI");
    TcpStream::connect((uri.host(), uri.port().expect("it has one"))).expect("it listens")
}

/// Why the server's connection ended.
fn end(ended: &Receiver<Ending>) -> Ending {
    ended.recv_timeout(PATIENCE).expect("it ends")
}

const TINY: usize = 4096;
const STUBBORN: usize = 2000;
const HELD: usize = 500;

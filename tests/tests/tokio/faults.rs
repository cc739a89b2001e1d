//! What comes cannot be read.

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use xmpp_ws::endpoint::{Input, Target, Transmit, WebSocketFault};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::tokio_tungstenite::WebSocketStream;
use xmpp_ws_tokio::tokio_tungstenite::tungstenite::Message;
use xmpp_ws_tokio::{AcceptConfig, DialConfig, accept, upgrade};

use crate::{closed, listen, rest, text};

#[tokio::test]
async fn a_message_at_the_limit_is_taken() {
    let mut config = AcceptConfig::default();
    config.limits.max_message_bytes = LIMIT;
    let (mut client, mut server) = crate::pair_within(Scripted::new(), config).await;
    client.send("x".repeat(LIMIT)).unwrap();
    client.flush().await;
    assert_eq!(server.next().await, Some(text("x".repeat(LIMIT))));
}

#[tokio::test]
async fn whoever_sends_too_much_still_reads_why() {
    // One byte too many, and so much that it is still being sent when the answer comes.
    for length in [LIMIT + 1, 8 * 1024 * 1024] {
        let (said, seen) = say(Message::Text("x".repeat(length).into()), 1009).await;
        assert_eq!(seen, unreadable(WebSocketFault::TooLong), "{length} bytes");
        assert_eq!(said, last_words(1009), "{length} bytes");
    }
}

#[tokio::test]
async fn the_last_words_come_after_all_that_was_said_before() {
    let (listener, target) = listen().await;
    let client = async {
        let mut socket = dial(&target).await;
        socket.send("x".repeat(8 * 1024 * 1024).into()).await.expect("the server reads it all");
        heard(socket).await
    };
    // Far more than the network holds, to a client that does not read yet.
    let said = (0..800).map(|_| Transmit::Text("y".repeat(10_000).into())).collect::<Vec<_>>();
    let (heard, seen) = tokio::join!(client, serve_saying(listener, said.clone(), 1009));
    assert_eq!(seen, unreadable(WebSocketFault::TooLong));
    assert_eq!(heard.len(), said.len() + 3);
    assert_eq!(heard[said.len()..], last_words(1009));
}

#[tokio::test]
async fn a_message_in_fragments_is_held_by_the_same_limit() {
    let (listener, target) = listen().await;
    let client = async {
        let mut socket = dial(&target).await;
        let half = vec![b'x'; usize::from(HALF)];
        // FIN is not set on the first; no mask is a mask of zeros.
        for head in [0x01, 0x80] {
            let mut frame = vec![head, 0x80 | TWO_BYTES];
            frame.extend(HALF.to_be_bytes());
            frame.extend([0; 4]);
            frame.extend(&half);
            socket.get_mut().write_all(&frame).await.unwrap();
        }
        heard(socket).await
    };
    let (said, seen) = tokio::join!(client, serve(listener, 1009));
    assert_eq!(seen, unreadable(WebSocketFault::TooLong));
    assert_eq!(said, last_words(1009));
}

#[tokio::test]
async fn a_message_in_fragments_arrives_whole_and_what_came_between_too() {
    // A text without FIN, a ping, the rest with FIN, a close frame; no mask is a mask of zeros.
    let mut bytes = vec![0x01, 0x83, 0, 0, 0, 0];
    bytes.extend(b"<he");
    bytes.extend([0x89, 0x80, 0, 0, 0, 0]);
    bytes.extend([0x80, 0x85, 0, 0, 0, 0]);
    bytes.extend(b"llo/>");
    bytes.extend([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]);
    let (_, seen) = say_raw(&bytes, 1000).await;
    assert_eq!(seen[..3], [Seen::Input(Input::Ping), text("<hello/>"), closed(1000)]);
}

#[tokio::test]
async fn a_text_that_is_not_utf8_is_told() {
    let (said, seen) = say_raw(&[0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007).await;
    assert_eq!(seen, unreadable(WebSocketFault::NotUtf8));
    assert_eq!(said, last_words(1007));
}

#[tokio::test]
async fn a_broken_rule_of_the_websocket_is_told() {
    // The reserved bits are for extensions that nobody agreed on.
    let (said, seen) = say_raw(&[0xF1, 0x80, 0, 0, 0, 0], 1002).await;
    assert_eq!(seen, unreadable(WebSocketFault::Protocol));
    assert_eq!(said, last_words(1002));
}

#[tokio::test]
async fn a_binary_message_is_told_and_reading_goes_on() {
    let (listener, target) = listen().await;
    let peer = async {
        let mut socket = dial(&target).await;
        let messages = [Message::Binary(vec![1, 2, 3].into()), "<hello/>".into()];
        for message in messages {
            socket.send(message).await.unwrap();
        }
        socket
    };
    let serving = async {
        let (stream, _) = listener.accept().await.unwrap();
        let accepted = accept(stream, &AcceptConfig::default()).await.unwrap();
        let mut server = accepted.into_session(|_, _| Scripted::new());
        (server.next().await, server.next().await)
    };
    let (_socket, seen) = tokio::join!(peer, serving);
    assert_eq!(seen, (Some(Seen::Input(Input::Binary)), Some(text("<hello/>"))));
}

/// Lets a client say something, and tells what it hears, and what the server saw.
async fn say(message: Message, code: u16) -> (Vec<Message>, Vec<Seen>) {
    let (listener, target) = listen().await;
    let client = async {
        let mut socket = dial(&target).await;
        // It does not read before it has said all: a peer that stops reading would stop it.
        socket.send(message).await.expect("the server reads it all");
        heard(socket).await
    };
    tokio::join!(client, serve(listener, code))
}

/// The same with bytes.
async fn say_raw(bytes: &[u8], code: u16) -> (Vec<Message>, Vec<Seen>) {
    let (listener, target) = listen().await;
    let client = async {
        let mut socket = dial(&target).await;
        socket.get_mut().write_all(bytes).await.expect("room");
        heard(socket).await
    };
    tokio::join!(client, serve(listener, code))
}

async fn dial(target: &Target) -> WebSocketStream<TcpStream> {
    let port = target.uri.port().expect("it has one");
    let stream = TcpStream::connect((target.uri.host(), port)).await.expect("it listens");
    upgrade(stream, target, &DialConfig::default()).await.expect("it agrees")
}

/// All that a client hears, which must end in good order: a reset would be an error.
async fn heard(socket: WebSocketStream<TcpStream>) -> Vec<Message> {
    socket.map(|message| message.expect("no reset")).collect().await
}

async fn serve(listener: TcpListener, code: u16) -> Vec<Seen> {
    serve_saying(listener, Vec::new(), code).await
}

async fn serve_saying(listener: TcpListener, said: Vec<Transmit>, code: u16) -> Vec<Seen> {
    let (stream, _) = listener.accept().await.expect("somebody comes");
    let mut config = AcceptConfig::default();
    config.limits.max_message_bytes = LIMIT;
    let accepted = accept(stream, &config).await.expect("a good request");
    let words = vec![
        Transmit::Text("<stream:error/>".into()),
        Transmit::Text("<close/>".into()),
        Transmit::Close { code },
    ];
    let mut endpoint = Scripted::new().with_last_words(words);
    for transmit in said {
        endpoint.say(transmit);
    }
    let mut session = accepted.into_session(|_, _| endpoint);
    rest(&mut session).await
}

fn unreadable(fault: WebSocketFault) -> Vec<Seen> {
    vec![Seen::Input(Input::Unreadable(fault)), Seen::Input(Input::Lost), Seen::Ended]
}

fn last_words(code: u16) -> Vec<Message> {
    use xmpp_ws_tokio::tokio_tungstenite::tungstenite::protocol::CloseFrame;
    vec![
        "<stream:error/>".into(),
        "<close/>".into(),
        Message::Close(Some(CloseFrame { code: code.into(), reason: String::new().into() })),
    ]
}

const LIMIT: usize = 10_000;
const HALF: u16 = 5_001;
/// The length is in the next two bytes (RFC 6455 § 5.2).
const TWO_BYTES: u8 = 0x7E;

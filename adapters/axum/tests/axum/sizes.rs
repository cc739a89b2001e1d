//! Messages at the limit, and one byte past it.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use xmpp_ws::endpoint::Target;
use xmpp_ws_tokio::tokio_tungstenite::WebSocketStream;
use xmpp_ws_tokio::tokio_tungstenite::tungstenite::Message;
use xmpp_ws_tokio::{DialConfig, upgrade};

use crate::{Served, config, logged_in, serve_at, soon, stanza};

#[tokio::test]
async fn a_message_at_the_limit_is_taken() {
    let served = limited().await;
    let mut client = logged_in(served.uri()).await;
    let message = message(TOLD);
    client.send(message.clone()).unwrap();
    assert_eq!(stanza(&mut client).await, message);
}

#[tokio::test]
async fn one_byte_more_is_refused_in_words() {
    let served = limited().await;
    // So much that it is still being sent when the answer comes, too.
    for length in [LIMIT + 1, 8 * 1024 * 1024] {
        let stream = TcpStream::connect(served.address).await.unwrap();
        let target = Target::new(served.uri());
        let mut socket = upgrade(stream, &target, &DialConfig::default()).await.unwrap();
        soon(socket.send(Message::from(message(length)))).await.expect("the server reads it all");
        let heard = soon(heard(socket)).await;
        let [open, error, close, Message::Close(Some(frame))] = &heard[..] else {
            panic!("{heard:?}")
        };
        assert!(text(open).starts_with("<open "), "{open}");
        assert!(text(error).contains("<policy-violation "), "{error}");
        assert!(text(close).starts_with("<close "), "{close}");
        assert_eq!(u16::from(frame.code), 1009);
    }
}

async fn limited() -> Served {
    let mut config = config();
    config.limits.max_message_bytes = LIMIT;
    serve_at(config, |_| {}).await
}

/// All that a client hears, which must end in good order: a reset would be an error.
async fn heard(socket: WebSocketStream<TcpStream>) -> Vec<Message> {
    socket.map(|message| message.expect("no reset")).collect().await
}

fn text(message: &Message) -> &str {
    message.to_text().expect("a text")
}

/// A message of so many bytes.
fn message(length: usize) -> String {
    let (start, end) = ("<message xmlns='jabber:client'><body>", "</body></message>");
    format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()))
}

const LIMIT: usize = 20_000;
/// What a client is told: what it may send can be sent on with its address in it.
const TOLD: usize = LIMIT - 9 * 1024;

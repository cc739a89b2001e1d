//! Logs in, and sends every message back to where it came from.
//!
//! ```text
//! cargo run -p xmpp-ws-blocking --example blocking_echo_bot --features ring -- wss://example.com/xmpp-websocket bot@example.com PASSWORD
//! ```

use std::env;
use std::error::Error;

use xmpp_ws_blocking::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_blocking::xmpp_ws::endpoint::ByteString;
use xmpp_ws_blocking::xmpp_ws::ns;
use xmpp_ws_blocking::xmpp_ws::stanza::{Message, MessageKind, Stanza, StanzaKind};
use xmpp_ws_blocking::{DialConfig, OsRandom, connect};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [uri, account, password] = arguments.as_slice() else {
        return Err("usage: echo_bot URL JID PASSWORD".into());
    };
    let config = ClientConfig::new(account.parse()?, uri.parse()?).with_password(password);
    let mut session = connect(DialConfig::default(), |now| Client::new(config, OsRandom, now))?;
    while let Some(event) = session.wait() {
        match event {
            ClientEvent::Bound(jid) => {
                println!("echoing as {jid}");
                session.send("<presence/>")?;
            }
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                if let Some(echo) = echo(&stanza) {
                    // Room comes when the server reads.
                    session.wait_ready();
                    session.send(echo)?;
                }
            }
            ClientEvent::Ended(why) => println!("{why}"),
            _ => {}
        }
    }
    Ok(())
}

/// The same text for its sender; nothing for errors (RFC 6120 § 8.3.1: they are not answered) and what has no text.
fn echo(message: &Stanza) -> Option<ByteString> {
    if message.type_attribute().as_deref() == Some("error") {
        return None;
    }
    let document = message.read();
    let text = document.root().child("body", ns::CLIENT)?.text();
    Message::new(&message.from()?).kind(MessageKind::Chat).body(&text).finish().ok()
}

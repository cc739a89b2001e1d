//! Logs in, and sends every message back to where it came from.
//!
//! ```text
//! cargo run --example echo_bot --features ring -- wss://example.com/xmpp-websocket bot@example.com PASSWORD
//! ```

use std::env;
use std::error::Error;

use xmpp_ws_blocking::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_blocking::xmpp_ws::ns;
use xmpp_ws_blocking::xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws_blocking::xmpp_ws::xml::Writer;
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
fn echo(message: &Stanza) -> Option<String> {
    if message.type_attribute().as_deref() == Some("error") {
        return None;
    }
    let document = message.read();
    let text = document.root().child("body", ns::CLIENT)?.text();
    let mut writer = Writer::new();
    writer.start("message", ns::CLIENT).attribute("to", &message.from()?).attribute("type", "chat");
    writer.start("body", ns::CLIENT).text(&text).end().end();
    writer.finish().map(String::from).ok()
}

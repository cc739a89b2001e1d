//! Logs in from a page, and sends every message back to where it came from.
//!
//! ```text
//! cargo build -p xmpp-ws-web --example web_echo_bot --target wasm32-unknown-unknown
//! wasm-bindgen --target web --out-dir site target/wasm32-unknown-unknown/debug/examples/web_echo_bot.wasm
//! ```
//!
//! The page beside it: `<script type="module">import start from './web_echo_bot.js'; start();</script>`

use std::error::Error;

use wasm_bindgen::prelude::wasm_bindgen;
use xmpp_ws_web::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_web::xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws_web::xmpp_ws::{ns, xml::Writer};
use xmpp_ws_web::{DialConfig, WebRandom, connect};

#[wasm_bindgen]
extern "C" {
    fn prompt(question: &str) -> Option<String>;
    #[wasm_bindgen(js_namespace = console)]
    fn log(line: &str);
}

fn main() {
    wasm_bindgen_futures::spawn_local(async { log(&format!("{:?}", run().await)) });
}

async fn run() -> Result<(), Box<dyn Error>> {
    let ask = |question| prompt(question).ok_or("it was not said");
    let (uri, account) = (ask("URL")?.parse()?, ask("JID")?.parse()?);
    let config = ClientConfig::new(account, uri).with_password(&ask("Password")?);
    let mut session = connect(DialConfig::default(), |now| Client::new(config, WebRandom, now));
    while let Some(event) = session.next().await {
        match event {
            ClientEvent::Bound(_) => session.send("<presence/>").map(drop)?,
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                if let Some(echo) = echo(&stanza) {
                    session.ready().await; // room comes when the server reads
                    session.send(echo)?;
                }
            }
            ClientEvent::Ended(why) => log(&why.to_string()),
            _ => {}
        }
    }
    Ok(())
}

/// The same text for its sender; nothing for errors (RFC 6120 § 8.3.1: they are not answered) and what has no text.
fn echo(message: &Stanza) -> Option<String> {
    let document = message.read();
    let is_error = message.type_attribute().as_deref() == Some("error");
    let body = document.root().child("body", ns::CLIENT).filter(|_| !is_error)?;
    let mut writer = Writer::new();
    writer.start("message", ns::CLIENT).attribute("to", &message.from()?).attribute("type", "chat");
    writer.start("body", ns::CLIENT).text(&body.text()).end().end();
    writer.finish().map(String::from).ok()
}

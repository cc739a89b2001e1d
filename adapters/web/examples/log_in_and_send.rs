//! Logs in from a page, sends one message, and leaves when it was written.
//!
//! ```text
//! cargo build -p xmpp-ws-web --example web_log_in_and_send --target wasm32-unknown-unknown
//! wasm-bindgen --target web --out-dir site target/wasm32-unknown-unknown/debug/examples/web_log_in_and_send.wasm
//! ```
//!
//! The page beside it: `<script type="module">import start from './web_log_in_and_send.js'; start();</script>`

use std::error::Error;

use wasm_bindgen::prelude::wasm_bindgen;
use xmpp_ws_web::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_web::xmpp_ws::ending::Ending;
use xmpp_ws_web::xmpp_ws::ns;
use xmpp_ws_web::xmpp_ws::xml::Writer;
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
    let mut writer = Writer::new();
    writer.start("message", ns::CLIENT).attribute("to", &ask("To")?).attribute("type", "chat");
    writer.start("body", ns::CLIENT).text(&ask("Text")?).end().end();
    let message = writer.finish()?;

    let mut session = connect(DialConfig::default(), |now| Client::new(config, WebRandom, now));
    while let Some(event) = session.next().await {
        match event {
            ClientEvent::Bound(_) => session.send(message.clone()).map(drop)?,
            // It is written, and with stream management the server has it.
            ClientEvent::Unconfirmed(_) | ClientEvent::Acked(_) => session.close()?,
            ClientEvent::Ended(Ending::Clean) => log("sent"),
            ClientEvent::Ended(why) => return Err(why.into()),
            _ => {}
        }
    }
    Ok(())
}

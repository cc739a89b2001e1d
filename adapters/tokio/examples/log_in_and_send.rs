//! Logs in, sends one message, and leaves when it was written.
//!
//! ```text
//! cargo run -p xmpp-ws-tokio --example tokio_log_in_and_send --features ring -- \
//!     wss://example.com/xmpp-websocket alice@example.com PASSWORD bob@example.com 'Hello!'
//! ```

use std::env;
use std::error::Error;

use xmpp_ws_tokio::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_tokio::xmpp_ws::ending::Ending;
use xmpp_ws_tokio::xmpp_ws::stanza::{Message, MessageKind};
use xmpp_ws_tokio::{DialConfig, OsRandom, connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [uri, account, password, to, text] = arguments.as_slice() else {
        return Err("usage: log_in_and_send URL JID PASSWORD TO TEXT".into());
    };
    let message = Message::new(to).kind(MessageKind::Chat).body(text).finish()?;

    let config = ClientConfig::new(account.parse()?, uri.parse()?).with_password(password);
    let mut session = connect(DialConfig::default(), |now| Client::new(config, OsRandom, now));
    while let Some(event) = session.next().await {
        match event {
            ClientEvent::Bound(_) => {
                session.send(message.clone())?;
            }
            // It is written, and with stream management the server has it.
            ClientEvent::Unconfirmed(_) | ClientEvent::Acked(_) => session.close()?,
            ClientEvent::Ended(Ending::Clean) => println!("sent"),
            ClientEvent::Ended(why) => return Err(why.into()),
            _ => {}
        }
    }
    Ok(())
}

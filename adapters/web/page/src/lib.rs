//! What the chat's page calls: a client of one account, which tells what happens by one function.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use xmpp_ws_web::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_web::xmpp_ws::ending::Ending;
use xmpp_ws_web::xmpp_ws::ns;
use xmpp_ws_web::xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws_web::xmpp_ws::xml::Writer;
use xmpp_ws_web::{DialConfig, Session, Stored, WebIo, WebRandom, connect};

/// A conversation with a server.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Chat(Rc<RefCell<Shared>>);

/// Who was logged in here last, in this tab, and did not log out.
#[wasm_bindgen]
pub fn last_account() -> Option<String> {
    // Where nothing can be kept, nobody was.
    Stored::new(LAST_ACCOUNT).load().ok().flatten()
}

struct Shared {
    session: Session<Client, WebIo>,
    /// Of the task that waits for the next event.
    waker: Option<Waker>,
    account: String,
}

#[wasm_bindgen]
impl Chat {
    /// Logs in. A server that was silent for `keepalive` seconds is asked whether it is still there; by default as
    /// long as the core's [`Limits`](xmpp_ws_web::xmpp_ws::limits::Limits) say. `tell` is called with what happens, a kind and two texts:
    ///
    /// | kind | first | second |
    /// |---|---|---|
    /// | `connected` | | |
    /// | `bound` | the own address | |
    /// | `message` | from whom, without a resource | what |
    /// | `presence` | from whom, without a resource | `available` or `unavailable` |
    /// | `undelivered` | the stanza | |
    /// | `refused` | from whom, without a resource | why |
    /// | `ended` | why, in words | `closed`, `password` or `lost` |
    #[wasm_bindgen(constructor)]
    pub fn new(
        address: &str,
        account: &str,
        password: &str,
        plain: bool,
        keepalive: Option<f64>,
        tell: Function,
    ) -> Result<Self, JsError> {
        let mut config = ClientConfig::new(account.parse()?, address.parse()?);
        config = config.with_password(password);
        config.tolerance.plain_without_tls = plain;
        if let Some(keepalive) = keepalive {
            config.limits.ping_after = Some(Duration::try_from_secs_f64(keepalive)?);
        }
        let account = config.account.bare_str().to_owned();
        let session = connect(DialConfig::default(), |now| Client::new(config, WebRandom, now));
        let shared = Rc::new(RefCell::new(Shared { session, waker: None, account }));
        wasm_bindgen_futures::spawn_local(run(Rc::clone(&shared), tell));
        Ok(Self(shared))
    }

    /// Sends a message.
    pub fn send(&self, to: &str, body: &str) -> Result<(), JsError> {
        let mut writer = Writer::new();
        writer.start("message", ns::CLIENT).attribute("to", to).attribute("type", "chat");
        writer.start("body", ns::CLIENT).text(body);
        let stanza = writer.finish()?;
        self.with(|shared| shared.session.send(stanza).map(drop))?;
        Ok(())
    }

    /// Tells somebody that one is there.
    pub fn greet(&self, to: &str) -> Result<(), JsError> {
        let mut writer = Writer::new();
        writer.start("presence", ns::CLIENT).attribute("to", to);
        let stanza = writer.finish()?;
        self.with(|shared| shared.session.send(stanza).map(drop))?;
        Ok(())
    }

    /// The network changed: look now whether the server is still there.
    pub fn nudge(&self) {
        self.with(|shared| shared.session.command(Client::nudge));
    }

    /// Ends the conversation in good order.
    pub fn close(&self) {
        // It may be over already.
        let _ = self.with(|shared| shared.session.close());
    }

    fn with<R>(&self, command: impl FnOnce(&mut Shared) -> R) -> R {
        let mut shared = self.0.borrow_mut();
        let result = command(&mut shared);
        // What there is to say goes out when the next event is waited for.
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }
}

async fn run(shared: Rc<RefCell<Shared>>, tell: Function) {
    loop {
        let event = poll_fn(|cx| {
            let mut shared = shared.borrow_mut();
            shared.waker = Some(cx.waker().clone());
            shared.session.poll_next(cx)
        })
        .await;
        let Some(event) = event else { return };
        if let Some((kind, first, second)) = told(&shared, event) {
            // What is wrong with the page is told in its console.
            let _ = tell.call3(&JsValue::NULL, &kind.into(), &first.into(), &second.into());
        }
    }
}

fn told(shared: &RefCell<Shared>, event: ClientEvent) -> Option<(&'static str, String, String)> {
    let nothing = String::new;
    Some(match event {
        ClientEvent::Connected { .. } => ("connected", nothing(), nothing()),
        ClientEvent::Bound(jid) => {
            // Whoever has said so gets what is sent to the account.
            let _ = shared.borrow_mut().session.send("<presence/>");
            // A worker keeps nothing, nor does a page that may not.
            let _ = Stored::new(LAST_ACCOUNT).save(jid.bare_str());
            ("bound", jid.to_string(), nothing())
        }
        ClientEvent::Stanza(stanza) => return stanza_told(&shared.borrow().account, &stanza),
        ClientEvent::Undelivered(stanzas) => {
            let stanzas: Vec<_> = stanzas.iter().map(|lost| lost.stanza.to_string()).collect();
            ("undelivered", stanzas.join("\n"), nothing())
        }
        ClientEvent::Ended(why) => {
            if why == Ending::Clean {
                let _ = Stored::new(LAST_ACCOUNT).clear();
            }
            ("ended", why.to_string(), short(&why).to_owned())
        }
        _ => return None,
    })
}

fn stanza_told(own: &str, stanza: &Stanza) -> Option<(&'static str, String, String)> {
    let from = stanza.from().unwrap_or_default().into_owned();
    let from = from.split('/').next().unwrap_or_default().to_owned();
    if let Some(error) = stanza.error() {
        return Some(("refused", from, error.to_string()));
    }
    match stanza.kind() {
        StanzaKind::Message => {
            let document = stanza.read();
            let body = document.root().child("body", ns::CLIENT)?.text().into_owned();
            Some(("message", from, body))
        }
        StanzaKind::Presence if from != own => {
            let kind = stanza.type_attribute();
            let kind = kind.as_deref().unwrap_or("available").to_owned();
            Some(("presence", from, kind))
        }
        StanzaKind::Presence | StanzaKind::Iq => None,
    }
}

fn short(why: &Ending) -> &'static str {
    match why {
        Ending::Clean => "closed",
        Ending::NotAuthenticated(_) | Ending::UnusableCredentials(_) => "password",
        _ => "lost",
    }
}

const LAST_ACCOUNT: &str = "xmpp-ws-page.account";

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("account", &self.account).finish_non_exhaustive()
    }
}

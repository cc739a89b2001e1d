//! What the chat's page calls: a client of one account, which tells what happens by one function.

mod login;
mod told;

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use xmpp_ws_web::xmpp_ws::client::{Client, ClientEvent, KeyRequest};
use xmpp_ws_web::xmpp_ws::endpoint::ByteString;
use xmpp_ws_web::xmpp_ws::error::Misuse;
use xmpp_ws_web::xmpp_ws::jid::Jid;
use xmpp_ws_web::xmpp_ws::stanza::{Message, MessageKind, Presence};
use xmpp_ws_web::{DialConfig, Session, Stored, StoredSession, WebIo, WebRandom, connect, resume};

use crate::login::{Keys, Login};
use crate::told::{Told, is_logout, told};

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
    /// `None` once it was kept for another page.
    session: Option<Session<Client, WebIo>>,
    /// Of the task that waits for the next event.
    waker: Option<Waker>,
    tell: Function,
    account: String,
    login: Login,
    has_password: bool,
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
    /// | `disconnected` | why | in how many seconds it is tried again |
    /// | `resumed` | | |
    /// | `message` | from whom, without a resource | what |
    /// | `presence` | from whom, without a resource | `available` or `unavailable` |
    /// | `undelivered` | the stanza | |
    /// | `refused` | from whom, without a resource | why |
    /// | `ended` | why, in words | `closed`, `password` or `lost` |
    #[wasm_bindgen(constructor)]
    pub fn new(
        address: String,
        account: String,
        password: &str,
        plain: bool,
        keepalive: Option<f64>,
        tell: Function,
    ) -> Result<Self, JsError> {
        let login = Login { address, account, plain, keepalive, keys: None };
        Self::start(login, Some(password), tell)
    }

    /// Goes on with what another page of this tab has [kept](Self::keep), if it is to be had without a password.
    pub fn resume(tell: Function) -> Option<Self> {
        let login = Stored::new(LOGIN).take().ok()??;
        let login: Login = serde_json::from_str(&login).ok()?;
        login.keys.as_ref()?;
        Self::start(login, None, tell).ok()
    }

    /// Keeps the session for the next page of this tab, and ends what is here. What has come is told before.
    pub fn keep(&self) {
        while let Poll::Ready(Some(event)) =
            poll_event(&self.0, &mut Context::from_waker(Waker::noop()))
        {
            on_event(&self.0, event);
        }
        let mut shared = self.0.borrow_mut();
        // Where there is no room, the next page asks for the password, and logs in anew.
        let _ = shared.keep().and_then(|login| Stored::new(LOGIN).save(&login).ok());
        // The task finds that there is nothing to wait for.
        if let Some(waker) = shared.waker.take() {
            waker.wake();
        }
    }

    /// Whose conversation it is, without a resource.
    pub fn account(&self) -> String {
        self.0.borrow().account.clone()
    }

    /// Sends a message.
    pub fn send(&self, to: &str, body: &str) -> Result<(), JsError> {
        self.say(Message::new(to).kind(MessageKind::Chat).body(body).finish()?)
    }

    /// Tells somebody that one is there.
    pub fn greet(&self, to: &str) -> Result<(), JsError> {
        self.say(Presence::new().to(to).finish()?)
    }

    /// The network changed: look now whether the server is still there.
    pub fn nudge(&self) {
        self.with(Session::nudge);
    }

    /// Whether somebody looks at the page.
    pub fn look(&self, active: bool) {
        self.with(|session| session.set_active(active));
    }

    /// Ends the conversation in good order.
    pub fn close(&self) {
        // It may be over already.
        self.with(|session| session.close().ok());
    }

    fn start(login: Login, password: Option<&str>, tell: Function) -> Result<Self, JsError> {
        let config = login.config(password)?;
        let account = config.account.bare_str().to_owned();
        let dial = DialConfig::default();
        // Where none was kept, or it cannot be read, another session is begun.
        let saved = StoredSession::new(SESSION).take().ok().flatten();
        let session = match saved.filter(|saved| saved.jid().bare_str() == account) {
            Some(saved) => resume(dial, config, saved)?,
            None => connect(dial, |now| Client::new(config, WebRandom, now)),
        };
        let shared = Shared {
            // The keys are of use for the next page.
            session: Some(session.answer_inline(false)),
            waker: None,
            tell,
            account,
            login,
            has_password: password.is_some(),
        };
        let shared = Rc::new(RefCell::new(shared));
        wasm_bindgen_futures::spawn_local(run(Rc::clone(&shared)));
        Ok(Self(shared))
    }

    fn say(&self, stanza: ByteString) -> Result<(), JsError> {
        self.with(|session| session.send(stanza)).unwrap_or(Err(Misuse::Over))?;
        Ok(())
    }

    fn with<R>(&self, command: impl FnOnce(&mut Session<Client, WebIo>) -> R) -> Option<R> {
        let mut shared = self.0.borrow_mut();
        let result = shared.session.as_mut().map(command);
        // What there is to say goes out when the next event is waited for.
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }
}

impl Shared {
    /// Keeps the session for another page, and gives what that one logs in by; `None` where there is nothing to keep.
    fn keep(&mut self) -> Option<String> {
        let mut session = self.session.take()?;
        let is_kept = StoredSession::new(SESSION).save(&mut session).unwrap_or(false);
        is_kept.then(|| serde_json::to_string(&self.login).ok()).flatten()
    }

    fn on_bound(&mut self, own: &Jid) {
        // Whoever has said so gets what is sent to the account.
        let _ = self.session.as_mut().map(|session| session.send("<presence/>"));
        // A worker keeps nothing, nor does a page that may not.
        let _ = Stored::new(LAST_ACCOUNT).save(own.bare_str());
    }

    /// Logs in by the keys that are there, or by those of the password; where there is neither, the next login by a
    /// password goes on with the session.
    fn on_keys_wanted(&mut self, request: KeyRequest) -> Option<Told> {
        let derivation = request.derivation();
        let fits = self.login.keys.as_ref().is_some_and(|keys| keys.answer(derivation).is_some());
        if !fits && self.has_password {
            self.login.keys = Some(Keys::derive(derivation));
        }
        let Some(keys) = self.login.keys.as_ref().and_then(|keys| keys.answer(derivation)) else {
            self.keep();
            return Some(("ended", AGAIN.to_owned(), "password".to_owned()));
        };
        let answer = request.answer(keys);
        // It may be too late.
        let _ = self.session.as_mut().map(|session| session.keys(answer));
        None
    }
}

async fn run(shared: Rc<RefCell<Shared>>) {
    while let Some(event) = poll_fn(|cx| poll_event(&shared, cx)).await {
        on_event(&shared, event);
    }
}

fn poll_event(shared: &RefCell<Shared>, cx: &mut Context<'_>) -> Poll<Option<ClientEvent>> {
    let mut shared = shared.borrow_mut();
    shared.waker = Some(cx.waker().clone());
    shared.session.as_mut().map_or(Poll::Ready(None), |session| session.poll_next(cx))
}

fn on_event(shared: &RefCell<Shared>, event: ClientEvent) {
    let told = match event {
        ClientEvent::KeysWanted(request) => shared.borrow_mut().on_keys_wanted(request),
        event => {
            match &event {
                ClientEvent::Bound(own) => shared.borrow_mut().on_bound(own),
                ClientEvent::Ended(why) if is_logout(why) => {
                    let _ = Stored::new(LAST_ACCOUNT).clear();
                }
                _ => {}
            }
            told(&shared.borrow().account, event)
        }
    };
    if let Some((kind, first, second)) = told {
        let tell = shared.borrow().tell.clone();
        // What is wrong with the page is told in its console.
        let _ = tell.call3(&JsValue::NULL, &kind.into(), &first.into(), &second.into());
    }
}

const LAST_ACCOUNT: &str = "xmpp-ws-page.account";
const SESSION: &str = "xmpp-ws-page.session";
const LOGIN: &str = "xmpp-ws-page.login";
const AGAIN: &str = "the password is needed again";

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("account", &self.account).finish_non_exhaustive()
    }
}

//! XMPP over WebSocket (RFC 7395) in the browser: a client for pages and workers.
//!
//! ```no_run
//! use xmpp_ws_web::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
//! use xmpp_ws_web::xmpp_ws::stanza::Message;
//! use xmpp_ws_web::{DialConfig, WebRandom, connect};
//!
//! fn start(config: ClientConfig, typed: String) {
//!     wasm_bindgen_futures::spawn_local(async move {
//!         let mut session = connect(DialConfig::default(), |now| Client::new(config, WebRandom, now));
//!         while let Some(event) = session.next().await {
//!             if let ClientEvent::Bound(_) = event
//!                 && let Ok(message) = Message::new("bob@example.com").body(&typed).finish()
//!             {
//!                 let _ = session.send(message);
//!             }
//!         }
//!     });
//! }
//! ```
//!
//! `page/` beside this crate is a small chat, whole, with its HTML.
//!
//! # What a browser's WebSocket cannot do
//!
//! - It sends no pings. So a client is told that it [cannot](xmpp_ws::endpoint::Connection::can_ping), and asks by
//!   XMPP ping whether the server is still there.
//! - It closes with no codes but 1000 and 3000 to 4999. The codes of RFC 6455 that tell an error, 1002 to 1011, are
//!   sent as 4002 to 4011, which are for private use.
//! - It does not say why a connection could not be opened: that is
//!   [`DialErrorKind::Unreachable`](xmpp_ws::endpoint::DialErrorKind::Unreachable), whatever it was.
//! - It cannot stop reading, nor refuse a message by its length. What nobody took is bounded by
//!   [`DialConfig::max_unread_bytes`], and a message that is too long is refused when it is there.
//! - It tells nothing of TLS: there is no channel binding, and nobody but the browser checks certificates, without
//!   [`Target::alternative_name`](xmpp_ws::endpoint::Target::alternative_name).
//! - It sets no headers of the request. The page's `Origin` is sent, which a server may refuse.
//!
//! From a page that came by `https:`, browsers open `wss:` only.
//!
//! # What is here
//!
//! [`connect`] gives the driver's [`Session`], whose transport dials whenever the client says so: it outlives its
//! connections. [`WebTimer`] goes on while the machine sleeps. [`fetch`](mod@fetch) serves
//! [`Transmit::Fetch`](xmpp_ws::endpoint::Transmit::Fetch), as far as the other site's CORS headers allow it.
//! [`Stored`] keeps a text for as long as the tab, also while the page is loaded again.
//!
//! A lost connection is the client's business: it connects again and goes on with its session (XEP-0198). What it
//! cannot know is for the page to tell: call [`Session::nudge`] on `online` and when the
//! page is seen again, and [`Session::set_active`] on `visibilitychange`.
//!
//! A page that is loaded again goes on, too, with the feature `resume`: `StoredSession` keeps the session in the tab, and
//! `resume` takes it up.
//!
//! A session is not `Send`, as nothing in a browser is, and lives in `wasm_bindgen_futures::spawn_local`. When a tab is
//! in the background browsers delay its timers, up to a minute: a ping is late then, and nothing is lost.
//!
//! It compiles for other targets than wasm32, so that programs that are built for both can name it; called there, it
//! panics.
//!
//! # Features
//!
//! - `resume` (not on by default): `StoredSession` and `resume`, by way of `serde_json`.
//! - `tracing` (not on by default): what goes in and out, by `tracing`, without its content.

mod dial;
mod elapsed;
pub mod fetch;
mod js;
mod link;
mod random;
#[cfg(feature = "resume")]
mod resume;
mod storage;
mod timer;

pub use dial::{DialConfig, Dialer, WebIo, connect};
pub use link::WebLink;
pub use random::WebRandom;
#[cfg(feature = "resume")]
pub use resume::{StoredSession, resume};
pub use storage::{StorageError, Stored};
pub use timer::WebTimer;
pub use xmpp_ws;
pub use xmpp_ws_driver;
pub use xmpp_ws_driver::Session;

//! The one loop between the sans-IO core of `xmpp-ws` and a transport.
//!
//! An application rarely needs this crate by name: the adapters (`xmpp-ws-tokio` and its siblings) bring their
//! transport and re-export it. What it uses of it is [`Session`], the same under every runtime:
//!
//! ```
//! use xmpp_ws_driver::{Io, Session};
//! use xmpp_ws_driver::xmpp_ws::client::{Client, ClientEvent};
//! use xmpp_ws_driver::xmpp_ws::error::Misuse;
//! use xmpp_ws_driver::xmpp_ws::stanza::Message;
//!
//! async fn talk<I: Io>(mut session: Session<Client, I>) -> Result<(), Misuse> {
//!     while let Some(event) = session.next().await {
//!         if let ClientEvent::Bound(_) = event {
//!             session.send(Message::new("bob@example.com").body("Hi!").finish()?)?;
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # To bring a transport of your own
//!
//! There are three depths, and nothing of XMPP in any of them:
//!
//! 1. **A WebSocket that is a `Stream` and a `Sink`**, under a runtime with timers: wrap it in [`Ws`] with a [`Codec`]
//!    for its messages, bring the runtime's [`Timer`], and put both into a [`Transport`].
//! 2. **Some other WebSocket that can be polled**: implement [`Link`] instead of using [`Ws`]; and [`Dial`], for a
//!    client that opens its connections itself.
//! 3. **Anything else**, such as blocking sockets, a browser's, or a script in a test: implement [`Io`]. The [`guide`] has
//!    one, whole.
//!
//! # Features
//!
//! None is on by default, and each only adds:
//!
//! - `os-random`: `OsRandom`, the operating system's entropy as the core's `Random`.
//! - `os-clock`: `OsClock`, a clock that goes on while the machine sleeps, where the system has one.
//! - `tracing`: what goes in and out, by `tracing`, without its content.

mod codec;
mod dial;
mod futures;
pub mod guide;
mod io;
mod link;
#[cfg(feature = "os-clock")]
mod os_clock;
#[cfg(feature = "os-random")]
mod os_random;
mod session;
mod timer;
mod trace;
mod transport;
mod waiting;
mod ws;

pub use codec::{Codec, Raw};
pub use dial::{Dial, NoDialer, no_http};
pub use io::{Broken, Io, NeverPending};
pub use link::{Frame, Link};
#[cfg(feature = "os-clock")]
pub use os_clock::OsClock;
#[cfg(feature = "os-random")]
pub use os_random::OsRandom;
pub use session::{Session, Waited};
pub use timer::Timer;
pub use transport::Transport;
pub use ws::Ws;
pub use xmpp_ws;

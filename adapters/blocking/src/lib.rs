//! XMPP over WebSocket (RFC 7395) with threads, without an async runtime.
//!
//! A client, in ten lines:
//!
//! ```no_run
//! use xmpp_ws_blocking::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
//! use xmpp_ws_blocking::xmpp_ws::stanza::Message;
//! use xmpp_ws_blocking::{DialConfig, OsRandom, connect};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let uri = "wss://example.com/xmpp-websocket".parse()?;
//! let config = ClientConfig::new("alice@example.com".parse()?, uri).with_password("secret");
//! let mut session = connect(DialConfig::default(), |now| Client::new(config, OsRandom, now))?;
//! while let Some(event) = session.wait() {
//!     if let ClientEvent::Bound(_) = event {
//!         session.send(Message::new("bob@example.com").body("Hi!").finish()?)?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A server, for each connection, in a thread of its own:
//!
//! ```no_run
//! use xmpp_ws_blocking::xmpp_ws::server::{Server, ServerConfig, ServerEvent};
//! use xmpp_ws_blocking::{AcceptConfig, AcceptError, OsRandom, accept};
//!
//! fn serve(stream: std::net::TcpStream, config: ServerConfig) -> Result<(), AcceptError> {
//!     let accepted = accept(stream, &AcceptConfig::default())?;
//!     let mut session = accepted
//!         .into_session(|connection, now| Server::new(config, connection, OsRandom, now));
//!     while let Some(event) = session.wait() {
//!         match event {
//!             ServerEvent::OpenRequested(request) => {
//!                 // Answered by a command: which host, which user, which resource.
//!                 let _ = session.command(|server, now| server.accept(now, request));
//!             }
//!             event => println!("{event:?}"),
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! To wait no longer than until some time, or until another thread has something to send:
//!
//! ```no_run
//! use std::sync::mpsc::sync_channel;
//! use std::{thread, time::Duration};
//! use xmpp_ws_blocking::xmpp_ws::client::Client;
//! use xmpp_ws_blocking::xmpp_ws::stanza::Message;
//! use xmpp_ws_blocking::{ClientIo, Session, Waited};
//!
//! # fn run(mut session: Session<Client, ClientIo>) -> Result<(), Box<dyn std::error::Error>> {
//! let (sender, outgoing) = sync_channel(16);
//! let handle = session.io().handle();
//! let hello = Message::new("bob@example.com").body("Hi!").finish()?;
//! thread::spawn(move || {
//!     while sender.send(hello.clone()).is_ok() {
//!         handle.notify();
//!         thread::sleep(Duration::from_secs(1));
//!     }
//! });
//! loop {
//!     let deadline = session.now() + Duration::from_secs(60);
//!     match session.wait_until(Some(deadline)) {
//!         Waited::Event(event) => println!("{event:?}"),
//!         Waited::Notified => {
//!             for stanza in outgoing.try_iter() {
//!                 session.send(stanza)?;
//!             }
//!         }
//!         Waited::TimedOut => println!("nothing for a minute"),
//!         Waited::Ended => return Ok(()),
//!     }
//! }
//! # }
//! ```
//!
//! # What is here
//!
//! This crate opens, reads, writes and sleeps; it knows nothing of XMPP. [`Session`] is the driver's, and all policy
//! (which address, when to try again, when to give a silent peer up) is in the core, which is re-exported as
//! [`xmpp_ws`].
//!
//! | to | from | take |
//! |---|---|---|
//! | a client's session | nothing: it dials, and dials again | [`connect`] |
//! | | a byte stream that is connected | [`upgrade`] |
//! | | a WebSocket that is open | [`client_socket`] |
//! | a server's session | a byte stream, such as TCP | [`accept`] |
//! | | the same, with TLS on it | `accept_tls` |
//! | | a WebSocket that is open | [`server_socket`] |
//!
//! A session lives in the thread that waits for its events: by [`wait`](Session::wait),
//! [`wait_until`](Session::wait_until), [`wait_ready`](Session::wait_ready) and
//! [`wait_flushed`](Session::wait_flushed). (`next` and its like block the thread, too.) It can be sent to another, and
//! the [`Handle`] of its transport reaches it from all. No thread is begun and none waits in secret: below is mio, the
//! operating system's poller, with sockets that do not block, so that reading goes on while a write is stuck.
//!
//! Names are looked up by the operating system's resolver, which cannot be interrupted: that part of dialing takes as
//! long as the resolver's own limits allow, whatever the client's is.
//!
//! A session that is dropped drops its connection as it is; one whose events are taken until `None` ends it properly.
//!
//! # Features
//!
//! None is on by default, and each only adds:
//!
//! - `ring`, `aws-lc-rs`: `wss://` by rustls with this provider (with both, aws-lc-rs), the search for a domain's
//!   endpoint, and `accept_tls`. Without one, all but `ws://` is a
//!   [`DialErrorKind::Unsupported`](xmpp_ws::endpoint::DialErrorKind::Unsupported).
//! - `tls`: the same with the crypto provider that the application installs as rustls' default of the process, which
//!   goes before the others in any case.
//! - `tracing`: what is dialed and accepted, and what goes in and out, by `tracing`, without its content. (tungstenite
//!   by itself logs whole frames, with passwords, by the crate `log` at the level trace.)

mod accept;
mod dial;
mod io;
mod reactor;
mod runtime;
mod socket;

pub use accept::accept;
#[cfg(feature = "tls")]
pub use accept::{TlsIo, accept_tls};
pub use dial::{client_socket, connect, server_socket, upgrade};
pub use io::{BlockingIo, ClientIo, SocketIo};
pub use mio;
pub use reactor::Handle;
pub use runtime::{Blocking, Sleep};
pub use socket::{IntoSocket, Polled, Socket};
pub use xmpp_ws;
pub use xmpp_ws_driver;
pub use xmpp_ws_driver::{OsClock, OsRandom, Session, Waited};
#[cfg(feature = "tls")]
pub use xmpp_ws_tungstenite::rustls;
pub use xmpp_ws_tungstenite::{AcceptConfig, AcceptError, Accepted, DialConfig, WebSocketLimits};
#[cfg(feature = "tls")]
pub use xmpp_ws_tungstenite::{
    ClientTls, FetchLimits, TlsSetupError, server_tls, server_tls_from_pem_files,
};

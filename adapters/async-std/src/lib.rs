//! XMPP over WebSocket (RFC 7395) for async-std, [which is discontinued](#for-programs-that-have-async-std-already).
//!
//! A client, in ten lines:
//!
//! ```no_run
//! use xmpp_ws_async_std::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
//! use xmpp_ws_async_std::xmpp_ws::stanza::Message;
//! use xmpp_ws_async_std::{DialConfig, OsRandom, connect};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let uri = "wss://example.com/xmpp-websocket".parse()?;
//! let config = ClientConfig::new("alice@example.com".parse()?, uri).with_password("secret");
//! let mut session = connect(DialConfig::default(), |now| Client::new(config, OsRandom, now));
//! while let Some(event) = session.next().await {
//!     if let ClientEvent::Bound(_) = event {
//!         session.send(Message::new("bob@example.com").body("Hi!").finish()?)?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A server, for each connection:
//!
//! ```no_run
//! use xmpp_ws_async_std::xmpp_ws::server::{Server, ServerConfig, ServerEvent};
//! use xmpp_ws_async_std::{AcceptConfig, AcceptError, OsRandom, accept};
//!
//! async fn serve(stream: async_std::net::TcpStream, config: ServerConfig) -> Result<(), AcceptError> {
//!     let accepted = accept(stream, &AcceptConfig::default()).await?;
//!     let mut session = accepted
//!         .into_session(|connection, now| Server::new(config, connection, OsRandom, now));
//!     while let Some(event) = session.next().await {
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
//! # For programs that have async-std already
//!
//! async-std gets no more than repairs since 2025, and its authors point to smol: for something new take
//! `xmpp-ws-smol`, which differs in nothing but its name. This crate stays as good as its siblings.
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
//! | | a byte stream that is connected | [`upgrade`], then [`client_socket`] |
//! | | a WebSocket that is open | [`client_socket`] |
//! | a server's session | TCP | [`accept`] |
//! | | another byte stream | [`accept_over`] |
//! | | a byte stream, with TLS on it | `accept_tls` |
//! | | a WebSocket that is open | [`server_socket`] |
//!
//! Nothing is spawned: a session lives in the task that asks for its events. A session that is dropped drops its
//! connection as it is; one whose events are taken until `None` ends it properly.
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
mod runtime;
mod tcp;

#[cfg(feature = "tls")]
pub use accept::accept_tls;
pub use accept::{accept, accept_over};
pub use dial::{ClientIo, Dialer, SocketIo, client_socket, connect, server_socket};
pub use runtime::{AsyncStd, AsyncStdTimer};
pub use tcp::TcpStream;
pub use xmpp_ws;
pub use xmpp_ws_driver;
pub use xmpp_ws_driver::{OsClock, OsRandom, Session};
pub use xmpp_ws_tungstenite::async_tungstenite;
pub use xmpp_ws_tungstenite::futures::{ClientStream, FuturesBytes, Link, upgrade};
#[cfg(feature = "tls")]
pub use xmpp_ws_tungstenite::futures_rustls;
pub use xmpp_ws_tungstenite::{AcceptConfig, AcceptError, Accepted, DialConfig, WebSocketLimits};
#[cfg(feature = "tls")]
pub use xmpp_ws_tungstenite::{
    ClientTls, FetchLimits, TlsSetupError, server_tls, server_tls_from_pem_files,
};

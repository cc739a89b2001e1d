//! XMPP over WebSocket (RFC 7395) for axum: the server role behind a route.
//!
//! ```
//! use axum::{Router, extract::State, response::Response, routing::any};
//! use xmpp_ws_axum::{Xmpp, XmppConfig, XmppUpgrade};
//! use xmpp_ws_axum::xmpp_ws::server::ServerConfig;
//!
//! async fn websocket(State(xmpp): State<Xmpp>, upgrade: XmppUpgrade) -> Response {
//!     xmpp.accept(upgrade, async |mut session| {
//!         while let Some(event) = session.next().await {
//!             println!("{event:?}"); // which host, which user, which resource: answered by session.command(..)
//!         }
//!     })
//! }
//!
//! fn router(config: ServerConfig) -> Router {
//!     let xmpp = Xmpp::new(XmppConfig::new(config), tokio::spawn);
//!     Router::new().route("/xmpp-websocket", any(websocket)).with_state(xmpp)
//! }
//! ```
//!
//! `examples/server.rs` is a whole server, which logs users in and hands on what they say.
//!
//! # What is here
//!
//! - [`XmppUpgrade`], the extractor, and [`Xmpp::accept`], which answers it: only with the subprotocol `xmpp`, only to
//!   allowed [`Origins`], and within [`limits`](XmppConfig::limits).
//! - [`XmppSession`]: a connection, with all of the core's [`Server`](xmpp_ws::server::Server), in a task of its own,
//!   which is begun by what [`Xmpp::new`] was given for that: nothing is spawned here.
//! - [`Peer::address`]: the client's address, also behind [`Proxies`] that are trusted. (Make the application with
//!   `into_make_service_with_connect_info::<SocketAddr>()`.)
//! - [`XmppConfig::secure`]: whether the connection is secure is what the application says, for only it knows what
//!   stands before it. Where it is not, SASL PLAIN is not offered.
//! - [`Xmpp::shut_down`]: every client is told, and has some time to go.
//!
//! # What is not here
//!
//! How long TLS and the request may take, and how many clients may be asking. What comes before the handler is the
//! application's HTTP server, and `axum::serve` takes as many as there are, and waits for ever for one that stalls: put a
//! proxy before it that does not, or serve by hyper as `examples/bounded.rs` does, in twenty lines. From the answer on
//! there is a limit: [`open`](xmpp_ws::limits::Limits::open) for the client to read it, and the core's for all that
//! follows.
//!
//! The WebSocket is not axum's own (its feature `ws` is not needed): a client whose message was too long must be able
//! to read why, for which the rest of that message has to be read and discarded, and axum's lets nobody at its bytes.
//! It is tungstenite's, over the connection that hyper hands over; a route of your own, which has upgraded a request
//! itself, takes [`server_socket`].
//!
//! # Features
//!
//! - `tracing` (not on by default): who is accepted and refused, and what goes in and out, by `tracing`, without its
//!   content.

mod config;
mod forwarded;
mod origins;
mod phase;
mod proxies;
mod service;
mod session;
mod socket;
mod trace;
mod upgrade;

pub use axum;
pub use config::XmppConfig;
pub use hyper;
pub use origins::Origins;
pub use proxies::{ForwardingHeader, Network, NetworkError, Proxies};
pub use service::{Serving, Xmpp};
pub use session::{Peer, XmppSession};
pub use socket::{ServerIo, Tokio, UpgradedStream, server_socket};
pub use upgrade::{NotUpgradable, XmppUpgrade};
pub use xmpp_ws;
pub use xmpp_ws_driver;
pub use xmpp_ws_driver::{OsRandom, Session};
pub use xmpp_ws_tungstenite::WebSocketLimits;

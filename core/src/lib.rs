//! XMPP over WebSocket (RFC 7395): a client and a server that touch no socket, no clock and no random source.
//!
//! The two protocol machines are [`client::Client`] and [`server::Server`]. Each keeps one contract,
//! [`endpoint::Endpoint`], and whoever brings a WebSocket and a clock can run them: an adapter of this project, such as
//! `xmpp-ws-tokio`, or thirty lines of one's own. An application gives a machine commands and takes its events:
//! [`client::ClientEvent`] and [`server::ServerEvent`] say what can happen and what is to be answered.
//!
//! # The loop
//!
//! 1. Do what [`poll_transmit`](endpoint::Endpoint::poll_transmit) says, until it says no more.
//! 2. Give the application what [`poll_event`](endpoint::Endpoint::poll_event) tells, until there is no more.
//! 3. Stop when [`is_over`](endpoint::Endpoint::is_over).
//! 4. Wait for what the WebSocket brings, or until [`poll_timeout`](endpoint::Endpoint::poll_timeout); while
//!    [`wants_input`](endpoint::Endpoint::wants_input) is false, only for that time and for room to write.
//! 5. Hand it to [`handle`](endpoint::Endpoint::handle), with the time. Go on at 1.
//!
//! All work is done in `handle` and in commands such as `send`; the polls only hand over, so their order matters to
//! nobody.
//!
//! ```
//! use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
//! use xmpp_ws::time::Instant;
//!
//! /// What a WebSocket library brings.
//! trait WebSocket {
//!     fn now(&self) -> Instant;
//!     /// Whether it is over TLS, with a certificate that was checked.
//!     fn is_secure(&self) -> bool;
//!     fn transmit(&mut self, transmit: Transmit);
//!     /// What comes next; `None` where nothing has come by the deadline. While `reads` is false nothing is read.
//!     fn receive(&mut self, reads: bool, deadline: Option<Instant>) -> Option<Input>;
//! }
//!
//! fn run<E: Endpoint>(mut xmpp: E, socket: &mut impl WebSocket, mut tell: impl FnMut(&mut E, E::Event)) {
//!     let mut connection = Connection::new(socket.is_secure());
//!     connection.can_dial = false; // when this socket is lost, it is over
//!     loop {
//!         while let Some(transmit) = xmpp.poll_transmit() {
//!             match transmit {
//!                 // This socket is open already.
//!                 Transmit::Dial(_) => xmpp.handle(socket.now(), Input::Connected(connection.clone())),
//!                 transmit => socket.transmit(transmit),
//!             }
//!         }
//!         while let Some(event) = xmpp.poll_event() {
//!             tell(&mut xmpp, event);
//!         }
//!         if xmpp.is_over() {
//!             return;
//!         }
//!         let input = socket.receive(xmpp.wants_input(), xmpp.poll_timeout());
//!         xmpp.handle(socket.now(), input.unwrap_or(Input::Timeout));
//!     }
//! }
//! ```
//!
//! # Three kinds of wrong
//!
//! - The peer's is an [`error::Violation`]: never returned, it becomes a stream error on the wire, and the last event
//!   tells it. [`endpoint::Endpoint::handle`] cannot fail.
//! - The caller's is an [`error::Misuse`]: returned at the call, which changed nothing. What was given to be spent, such
//!   as a request or a session, comes back with it where it can still be of use.
//! - Ours is a failed assertion. A panic is a bug of this library, whatever the peer sends.
//!
//! # Features
//!
//! None is on by default. `serde`: an address, and a session that is to go on in another process
//! ([`client::SavedSession`], [`server::Suspended`]), can be serialised.
//!
//! # The map
//!
//! Each file may use those above it, and none below; a test holds them to that.
//!
//! | what | where |
//! |------|-------|
//! | arguments and bounds: time, randomness, limits, named leniencies | [`time`], [`random`], [`limits`], [`tolerance`] |
//! | words of the standards: namespaces, addresses, languages, conditions | [`ns`], [`jid`], [`uri`], `language`, [`condition`], [`stanza_error`], [`stream_error`] |
//! | one message's XML: a strict scan, reading, the writer that escapes | [`xml`] |
//! | mechanisms as small machines, bytes in and bytes out | [`sasl`] |
//! | one message and what it is; what may be sent | [`frame`], [`stanza`], `outgoing` |
//! | the contract with transports and applications | [`endpoint`], [`error`], [`ending`], [`timer`] |
//! | where a domain's endpoint is | [`discovery`] |
//! | resource binding and the session request, ping, a client's state, a server's limits, the elements of SASL | `bind`, `ping`, `csi`, `stream_limits`, `sasl_frame` |
//! | stream management: its elements, its counts, a session between two connections | `sm` |
//! | what waits for the application, and what for the peer until its fate is known | `events`, `outbox` |
//! | the framed stream of one connection, which knows no side | `stream` (two halves, closing, deadlines, acknowledging) |
//! | the two roles: what they negotiate, in which states | `role` (what they do alike), [`client`], [`server`] |
//!
//! A new rule of RFC 7395 belongs in `stream`; a new extension gets a file of its own beside `bind`, and a state in
//! `client` or `server` where it is negotiated.

#[macro_use]
mod named;

pub mod client;
pub mod condition;
pub mod discovery;
pub mod ending;
pub mod endpoint;
pub mod error;
pub mod frame;
pub mod jid;
pub mod limits;
pub mod ns;
pub mod random;
pub mod sasl;
pub mod server;
pub mod stanza;
pub mod stanza_error;
pub mod stream_error;
pub mod time;
pub mod timer;
pub mod tolerance;
pub mod uri;
pub mod xml;

mod bind;
mod csi;
mod events;
mod language;
mod outbox;
mod outgoing;
mod ping;
mod role;
mod sasl_frame;
mod sm;
mod stream;
mod stream_limits;

//! What the adapters of `xmpp-ws` over tungstenite share, without a runtime.
//!
//! An application uses it through an adapter, such as `xmpp-ws-tokio`. An adapter for another runtime whose WebSocket
//! is tungstenite's takes from here:
//!
//! - [`Tungstenite`], the codec for [`Ws`](xmpp_ws_driver::Ws);
//! - [`request`] and [`dial_error`] for the client's half of the upgrade, [`answer`] and [`answer_to_failure`] for
//!   the server's: both agree on the subprotocol `xmpp` or fail;
//! - [`DialConfig`], [`AcceptConfig`] and [`WebSocketLimits`];
//! - with the feature `tls`, the conversation that fetches a document over TLS (`Get`);
//! - with the feature `tls`, whom a client trusts (`ClientTls`), what a server shows (`server_tls`), and the
//!   `facts` that the core wants to know of a connection.
//!
//! What is left to the adapter is to open and accept byte streams, to sleep, and to get at the bytes below a
//! WebSocket ([`Raw`](xmpp_ws_driver::Raw)).
//!
//! # Features
//!
//! None is on by default, and each only adds:
//!
//! - `tls`: TLS by rustls, with the crypto provider that the application installed as the process's default;
//! - `ring`, `aws-lc-rs`: TLS with this provider, where the application installed none. With both, aws-lc-rs.

mod accept;
mod client;
mod codec;
#[cfg(feature = "tls")]
mod get;
mod limits;
mod server;
mod subprotocol;
#[cfg(feature = "tls")]
mod tls;

pub use accept::{AcceptConfig, AcceptError, Accepted};
pub use client::{DialConfig, dial_error, request};
pub use codec::Tungstenite;
#[cfg(feature = "tls")]
pub use get::{FetchLimits, Get, Got, broken_off};
pub use limits::WebSocketLimits;
#[cfg(feature = "tls")]
pub use rustls;
pub use server::{answer, answer_to_failure};
pub use subprotocol::{SUBPROTOCOL, SUBPROTOCOL_HEADER, offers_xmpp};
#[cfg(feature = "tls")]
pub use tls::{ClientTls, TlsSetupError, facts, server_tls, server_tls_from_pem_files};
pub use tungstenite;

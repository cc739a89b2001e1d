//! What the adapters of `xmpp-ws` over tungstenite share, without a runtime.
//!
//! An application uses it through an adapter, such as `xmpp-ws-tokio`. An adapter for another runtime whose WebSocket
//! is tungstenite's takes from here:
//!
//! - [`Tungstenite`], the codec for [`Ws`](xmpp_ws_driver::Ws);
//! - [`ClientHandshake`] and [`ServerHandshake`], the halves of the upgrade without a socket, which agree on the
//!   subprotocol `xmpp` or fail; [`upgrade_response`] and [`answer`] where the request comes from an HTTP server;
//! - [`DialConfig`], [`AcceptConfig`] and [`WebSocketLimits`];
//! - with the feature `tls`, the conversation that fetches a document over TLS (`Get`);
//! - with the feature `tls`, whom a client trusts (`ClientTls`), what a server shows (`server_tls`), and the
//!   `facts` that the core wants to know of a connection;
//! - [`Sleeper`] and [`Runtime`], by which an adapter says how to sleep and how to dial; [`connect_tcp`], [`within`] and
//!   [`RuntimeTimer`] do the rest;
//! - with the feature `futures-io`, all else, in the module `futures`: for byte streams of the crate `futures-io` an
//!   adapter is its [`Runtime`] and a few names, and a [`Sleeper`] is enough for one that only takes what is open.
//!
//! What is left to an adapter with other byte streams is to open and accept them, and to get at the bytes below a
//! WebSocket ([`Raw`](xmpp_ws_driver::Raw)).
//!
//! # Features
//!
//! None is on by default, and each only adds:
//!
//! - `tls`: TLS by rustls, with the crypto provider that the application installed as the process's default;
//! - `ring`, `aws-lc-rs`: TLS with this provider, where the application installed none. With both, aws-lc-rs;
//! - `futures-io`: the module `futures`, over async-tungstenite without a runtime; with `futures-rustls` with TLS;
//! - `tracing`: what is dialed and accepted, by `tracing`.

mod accept;
mod client;
mod codec;
#[cfg(feature = "futures-io")]
pub mod futures;
#[cfg(feature = "tls")]
mod get;
mod head;
mod limits;
mod runtime;
mod server;
mod subprotocol;
#[cfg(feature = "tls")]
mod tls;
mod trace;

pub use accept::{AcceptConfig, AcceptError, Accepted, accept_within};
#[cfg(feature = "futures-io")]
pub use async_tungstenite;
pub use client::{ClientHandshake, DialConfig, no_tls};
pub use codec::Tungstenite;
#[cfg(feature = "futures-rustls")]
pub use futures_rustls;
#[cfg(feature = "tls")]
pub use get::{FetchLimits, Get, Got, broken_off};
pub use limits::WebSocketLimits;
#[cfg(feature = "tls")]
pub use runtime::fetch_within;
pub use runtime::{Runtime, RuntimeTimer, Sleeper, connect_tcp, within};
#[cfg(feature = "tls")]
pub use rustls;
pub use server::{Answered, ServerHandshake, answer, upgrade_response};
pub use subprotocol::{SUBPROTOCOL, SUBPROTOCOL_HEADER, offers_xmpp};
#[cfg(feature = "tls")]
pub use tls::{
    ClientTls, TlsSetupError, facts, server_tls, server_tls_from_pem_files, tls_dial_error,
};
pub use tungstenite;

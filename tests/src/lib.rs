//! What the tests and the fuzz targets of `xmpp-ws` share.

#[cfg(feature = "conversation")]
pub mod conversation;
pub mod corpus;
pub mod fuzz;
pub mod infoset;
pub mod managed;
pub mod managed_server;
pub mod memory;
pub mod mutate;
pub mod net;
pub mod oracle;
pub mod pair;
pub mod random;
pub mod sasl_login;
pub mod scripted;
pub mod solo;
pub mod walk;
#[cfg(feature = "wire")]
pub mod wire;

/// The code in the README is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

//! SASL (RFC 6120 § 6.4): mechanisms as small machines, for both roles.
//!
//! Bytes in, bytes out: base64 and the elements `<auth/>`, `<challenge/>`, `<response/>`, `<success/>` and
//! `<failure/>` are the business of the layer above. Nonces come in as arguments, and whatever may take long is a
//! token: a client's [`KeyDerivation`], a server's [`Lookup`](server::Lookup) and
//! [`PasswordCheck`](server::PasswordCheck).
//!
//! | mechanism | standard |
//! |-----------|----------|
//! | `SCRAM-SHA-512`, `SCRAM-SHA-256`, `SCRAM-SHA-1` | RFC 5802, RFC 7677 |
//! | the same with `-PLUS`, bound by `tls-exporter` | RFC 5802 § 6, RFC 9266 |
//! | `EXTERNAL` | RFC 4422 appendix A |
//! | `PLAIN` | RFC 4616 |
//! | `ANONYMOUS` | RFC 4505 |
//!
//! A client's side of a login, with the key derived in place:
//!
//! ```
//! use xmpp_ws::limits::ScramLimits;
//! use xmpp_ws::sasl::client::{Exchange, Start, Step};
//! use xmpp_ws::sasl::{Mechanism, Password};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let password = Password::new("pencil");
//! let mut start = Start::new("user", "fyko+d2lbbFgONRv9qkxdawL".to_owned());
//! start.password = Some(&password);
//! let (exchange, initial) = Exchange::start(Mechanism::ScramSha1, start)?;
//! assert_eq!(initial.as_deref(), Some(&b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"[..]));
//!
//! let challenge = b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
//! let Step::Derive(exchange, derivation) = exchange.challenge(challenge, &ScramLimits::default())? else {
//!     unreachable!("the first challenge of SCRAM asks for the key");
//! };
//! let (exchange, response) = exchange.derived(&derivation.run())?;
//! assert!(response.ends_with(b",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
//! exchange.success(Some(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="))?;
//! # Ok(())
//! # }
//! ```

mod anonymous;
mod binding;
mod check;
pub mod client;
mod decoy;
mod external;
mod failure;
mod fault;
mod gs2;
mod hash;
mod keys;
mod mechanism;
mod plain;
mod prepare;
mod scram;
mod secret;
pub mod server;

pub use binding::ChannelBinding;
pub use decoy::DecoySecret;
pub use failure::Failure;
pub use fault::{SaslFault, SaslMisuse, ServerError};
pub use hash::Hash;
pub use keys::{DerivedKeys, KeyDerivation, StoredKeys};
pub use mechanism::Mechanism;
pub use prepare::Unpreparable;
pub use secret::Password;

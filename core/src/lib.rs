//! XMPP over WebSocket (RFC 7395), sans IO.

pub mod client;
pub mod condition;
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
mod outbox;
mod outgoing;
mod ping;
mod sasl_frame;
mod stream;

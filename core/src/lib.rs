//! XMPP over WebSocket (RFC 7395), sans IO.

pub mod condition;
pub mod limits;
pub mod ns;
pub mod random;
pub mod time;
pub mod tolerance;
pub mod xml;

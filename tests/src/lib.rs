//! What the tests and the fuzz targets of `xmpp-ws` share.

pub mod memory;
pub mod scripted;

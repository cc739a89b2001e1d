//! What the tests and the fuzz targets of `xmpp-ws` share.

pub mod memory;
pub mod pair;
pub mod random;
pub mod scripted;

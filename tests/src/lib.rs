//! What the tests and the fuzz targets of `xmpp-ws` share.

pub mod pair;
pub mod random;

//! What the tests and the fuzz targets of `xmpp-ws` share.

pub mod fuzz_sasl;
pub mod sasl_login;

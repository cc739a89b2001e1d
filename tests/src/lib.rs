//! What the tests and the fuzz targets of `xmpp-ws` share.
#![expect(clippy::missing_panics_doc, reason = "it panics where a test fails")]

pub mod memory;
pub mod pair;
pub mod random;
pub mod scripted;
pub mod solo;
pub mod walk;

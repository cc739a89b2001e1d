//! How long things take, beside others that were measured in the same run.

pub mod core;
#[cfg(feature = "expat")]
pub mod expat;
pub mod measure;
pub mod parsers;
pub mod scanning;

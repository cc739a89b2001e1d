//! The bodies of the fuzz targets: each takes any bytes, and panics if a promise is broken.

#![expect(
    clippy::missing_panics_doc,
    reason = "a fuzz target speaks by panicking"
)]

mod read;
mod scan;

pub use read::read;
pub use scan::scan;

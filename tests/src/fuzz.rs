//! The bodies of the fuzz targets: each takes any bytes, and panics if a promise is broken.

mod discovery;
mod read;
mod sasl;
mod scan;

pub use discovery::{SEEDS as DISCOVERY_SEEDS, discovery};
pub use read::read;
pub use sasl::sasl;
pub use scan::scan;

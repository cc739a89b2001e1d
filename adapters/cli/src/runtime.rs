//! The runtime that the commands with sockets run on.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// A runtime whose threads for long computations (passwords to check) are few: they keep processors busy.
pub(crate) fn start() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().max_blocking_threads(MAX_BLOCKING_THREADS).build()
}

// A flood of logins waits in line then, and what else there is to do goes on.
const MAX_BLOCKING_THREADS: usize = 4;

//! The runtime that the commands with sockets run on.

use std::io;

use tokio::runtime::Builder;

/// Runs this to its end. Threads for long computations (passwords to check) are few: they keep processors busy.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(MAX_BLOCKING_THREADS).build()?;
    let result = runtime.block_on(future);
    // A name that takes long to resolve is not waited for.
    runtime.shutdown_background();
    Ok(result)
}

// A flood of logins waits in line then, and what else there is to do goes on.
const MAX_BLOCKING_THREADS: usize = 4;

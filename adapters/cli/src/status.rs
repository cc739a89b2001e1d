//! The exit statuses.

use std::process::ExitCode;

/// How a command went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// What was asked for was done.
    Success = 0,
    /// It was tried, and the answer is no: a login failed, a message is wrong.
    Failed = 1,
    /// It could not be begun: an option, a file or a line of input is no good. (clap uses the same.)
    Usage = 2,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

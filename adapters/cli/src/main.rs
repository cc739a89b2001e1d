//! XMPP over WebSocket (RFC 7395) on the command line.

mod arguments;
mod check;
#[cfg_attr(not(test), expect(dead_code, reason = "only its tests use it yet"))]
mod router;
mod status;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::status::Status;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Check(options) => check::run(options),
    };
    let status = outcome.unwrap_or_else(|error| {
        eprintln!("xmpp-ws: {error}");
        Status::Usage
    });
    status.into()
}

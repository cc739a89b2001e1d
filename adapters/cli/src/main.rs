//! XMPP over WebSocket (RFC 7395) on the command line.

mod accounts;
mod arguments;
mod check;
mod connect;
mod demo;
mod duration;
mod logging;
mod output;
mod router;
mod runtime;
mod serve;
mod service;
mod site;
mod status;
mod stop;
mod verdict;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::status::Status;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start(arguments.verbose);
    let status = run(&arguments.command).unwrap_or_else(|error| {
        eprintln!("xmpp-ws: {error}");
        Status::Usage
    });
    status.into()
}

fn run(command: &Command) -> Result<Status, Box<dyn Error>> {
    Ok(match command {
        Command::Demo => demo::run()?,
        Command::Connect(options) => connect::run(options)?,
        Command::Serve(options) => serve::run(options)?,
        Command::Check(options) => check::run(options)?,
    })
}

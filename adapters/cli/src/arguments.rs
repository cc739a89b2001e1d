//! What the command line takes.

use clap::{Args, Parser, Subcommand};

/// XMPP over WebSocket (RFC 7395): a client, a server and a judge of frames.
#[derive(Debug, Parser)]
#[command(name = "xmpp-ws", version)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judges WebSocket messages, one a line on standard input.
    ///
    /// Each line is a JSON string that holds one text message. Each is judged by itself and for either direction, and
    /// answered by one line of JSON. The exit status is 0 when nothing was found, 1 when something was, 2 when a line
    /// could not be read.
    Check(CheckOptions),
}

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// Put up with none of the departures from the standards that peers in the field need.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Take each line as the message itself, instead of as a JSON string.
    #[arg(long)]
    pub(crate) raw: bool,
}

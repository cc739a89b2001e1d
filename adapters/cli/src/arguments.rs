//! What the command line takes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};
use xmpp_ws::jid::Jid;
use xmpp_ws::uri::Uri;

use crate::accounts::Account;
use crate::duration;
use crate::service::DEFAULT_MAX_CONNECTIONS;

/// XMPP over WebSocket (RFC 7395): a demo, a client, a server and a judge of frames.
#[derive(Debug, Parser)]
#[command(name = "xmpp-ws", version)]
pub(crate) struct Arguments {
    /// Tell more on standard error; twice or three times for still more.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows a conversation, with nothing set up.
    ///
    /// Starts a server on loopback, connects two clients over real WebSockets, has them log in, exchange messages and
    /// close, cuts the connection of one and has it resume its session, and prints each frame with its direction and
    /// meaning.
    Demo,
    /// Logs in to a server, and sends and receives stanzas.
    ///
    /// Each line on standard input is one stanza; at the end of input the stream is closed, once it is known what
    /// became of each, or when that takes too long (--linger). What happens is told on standard output: `->` is a stanza
    /// that is sent, `<-` one that came. A connection that breaks is replaced, the session resumed where the server can
    /// (XEP-0198), and what it does not have is sent again.
    ///
    /// Before the first login each address is tried once. After it a lost connection is tried for again and again, at
    /// most 2 minutes apart, until a signal ends it or another try would end the same way, as after a wrong password.
    ///
    /// The exit status is 0 after a clean close, 1 after a failed login or another fatal error, or when lines of input
    /// were no stanzas or did not get to the server, 2 when an option is missing or wrong.
    Connect(ConnectOptions),
    /// Serves a few users, without storing anything.
    ///
    /// Says on standard output where it listens. SIGINT and SIGTERM end it in good order, with exit status 0.
    Serve(ServeOptions),
    /// Judges WebSocket messages, one a line on standard input.
    ///
    /// Each line is a JSON string that holds one text message; empty lines are skipped. Each message is judged by itself
    /// and for either direction, and answered by one line of JSON. What is wrong is told with an `offset`: where in the
    /// message it is, in bytes of its UTF-8 from its beginning. The exit status is 0 when nothing was found, 1 when
    /// something was, 2 when a line was no JSON string, or could not be read; no line after it is judged.
    Check(CheckOptions),
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct ConnectOptions {
    /// The account, such as alice@example.com; a resource in it is asked for. Without a user name, such as example.com,
    /// the login is a guest's (SASL ANONYMOUS), without a password.
    #[arg(long)]
    pub(crate) jid: Jid,
    /// The password. Others can see it in the list of processes; the environment variable
    /// `XMPP_PASSWORD` is better.
    #[arg(long)]
    pub(crate) password: Option<String>,
    /// The address of the WebSocket, such as `wss://example.com/xmpp-websocket`; without it the account's domain is
    /// asked for it over HTTPS (RFC 7395 § 4).
    #[arg(long)]
    pub(crate) url: Option<Uri>,
    /// Trust the certificate authorities in this PEM file, and nobody else.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Connect to this address and port for this host, such as example.com:127.0.0.1:8443, whatever its name resolves
    /// to and whatever port it has; for a second address of it give it again.
    #[arg(long, value_name = "HOST:ADDRESS:PORT", value_parser = host_and_address)]
    pub(crate) resolve: Vec<(String, SocketAddr)>,
    /// Do without a second connection: when the first breaks, it is over; nor is a redirect followed, nor a second
    /// endpoint tried.
    #[arg(long)]
    pub(crate) no_reconnect: bool,
    /// Do without stream management (XEP-0198): nothing is acknowledged, and no session resumed.
    #[arg(long)]
    pub(crate) no_stream_management: bool,
    /// Ping a server that was silent for so long, such as 30s, 500ms or 2m; 0 for never [default: 50s].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) keepalive: Option<Duration>,
    /// At the end of input, wait so long for a server that is gone, or that does not say what it has, such as 30s,
    /// 500ms or 2m, counted from the last stanza whose fate was told; 0 for not at all. Then the rest is handed back.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "30s")]
    pub(crate) linger: Duration,
    /// Send the password as it is, if the server wants that, also where others could read it.
    #[arg(long)]
    pub(crate) allow_plaintext_auth: bool,
    /// Tell what happens as JSON, one object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ServeOptions {
    /// Where to listen; port 0 for one that is free.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5280")]
    pub(crate) listen: String,
    /// The path of the WebSocket.
    #[arg(long, default_value = "/xmpp-websocket")]
    pub(crate) path: String,
    /// The domain that is served.
    #[arg(long, default_value = "localhost")]
    pub(crate) host: String,
    /// A user who may log in; give it once for each.
    #[arg(long = "user", value_name = "NAME:PASSWORD", value_parser = Account::parse, required = true)]
    pub(crate) users: Vec<Account>,
    /// Speak TLS, with this chain of certificates (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the first of them (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Offer SASL PLAIN also without TLS, where others could read the password.
    #[arg(long)]
    pub(crate) allow_plaintext_auth: bool,
    /// Serve the files in this folder, too, by HTTP on the same port: a page that talks to the server, such as the
    /// chat in adapters/web/page. Not together with TLS.
    #[arg(long, value_name = "DIR", conflicts_with = "tls_cert")]
    pub(crate) web: Option<PathBuf>,
    /// How many connections there may be at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_MAX_CONNECTIONS)]
    pub(crate) max_connections: usize,
    /// How long a client may take to log in, from its first byte to its resource [default: 60s].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) login_timeout: Option<Duration>,
    /// Ping a client that was silent for so long, such as 30s, 500ms or 2m; 0 for never [default: 50s].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) keepalive: Option<Duration>,
    /// How long a client may take to answer a ping, or to read what is sent to it [default: 20s].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) answer_timeout: Option<Duration>,
    /// Keep the session of a client whose connection is gone for so long, for the client to resume it; 0 for not at
    /// all [default: 5m].
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(crate) resume_for: Option<Duration>,
    /// Tell where it listens as JSON: one line, `{"event":"listening","url":..}`. Who comes and goes is told in words on
    /// standard error, with -v.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// Put up with none of the departures from the standards that peers in the field need.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Take each line as the message itself, an empty one too, instead of as a JSON string.
    #[arg(long)]
    pub(crate) raw: bool,
}

/// A host and where it is to be found.
fn host_and_address(argument: &str) -> Result<(String, SocketAddr), String> {
    let (host, address) = argument.split_once(':').ok_or(WANTED)?;
    let address = address.parse().map_err(|_| WANTED)?;
    Ok((host.to_ascii_lowercase(), address))
}

const WANTED: &str = "a host, an address and a port are wanted, such as example.com:127.0.0.1:8443 or \
                      example.com:[::1]:8443";

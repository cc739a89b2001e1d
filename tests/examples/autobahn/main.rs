//! An echo of WebSocket messages through an adapter, without XMPP: what the script `tests/autobahn/run` holds against
//! the cases of Autobahn.
//!
//! ```text
//! cargo run -p xmpp-ws-tests --example autobahn -- (tokio|smol|async-std|blocking|axum) server
//! cargo run -p xmpp-ws-tests --example autobahn -- (tokio|smol|async-std|blocking) client 127.0.0.1:9001
//! ```
//!
//! All that a session goes through is in the way (the adapter's socket, the limits, the codec, the driver), but for the
//! upgrade, since Autobahn does not ask for the subprotocol `xmpp`.

mod adapters;
mod echo;
mod route;
mod upgrade;

use std::env;
use std::error::Error;
use std::io::Write;
use std::net::{TcpListener, TcpStream};

use self::adapters::adapter;
use self::echo::Echo;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [name, "server"] => serve(name),
        [name, "client", address] => visit(name, address),
        _ => Err("usage: autobahn ADAPTER server | autobahn ADAPTER client ADDRESS:PORT".into()),
    }
}

/// Serves for ever; says on standard output where.
fn serve(name: &str) -> Result<(), Box<dyn Error>> {
    let serve = adapter(name)?.server;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    serve(listener);
    Ok(())
}

/// Goes through all cases of a fuzzing server, and has it write its report.
fn visit(name: &str, address: &str) -> Result<(), Box<dyn Error>> {
    let echo = adapter(name)?.client.ok_or("it has no client's side")?;
    let open = |path: &str| -> Result<Vec<String>, Box<dyn Error>> {
        let mut stream = TcpStream::connect(address)?;
        upgrade::ask(&mut stream, address, path)?;
        Ok(echo(stream, Echo::dialing()))
    };
    let count: usize = match open("/getCaseCount")?.first() {
        Some(count) => count.parse()?,
        None => return Err("no number of cases".into()),
    };
    for case in 1..=count {
        open(&format!("/runCase?case={case}&agent={name}"))?;
    }
    open(&format!("/updateReports?agent={name}"))?;
    println!("{count} cases");
    Ok(())
}

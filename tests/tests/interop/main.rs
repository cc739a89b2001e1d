//! The client against real servers: a Prosody and an ejabberd that the script `tests/run` starts.
//!
//! Prints a table of what was done and how it went, and writes it to the file that `XMPP_WS_SERVERS_TABLE` names.
//! Without the servers' addresses in the environment the test says so on standard error and ends.

mod cuts;
mod discovery;
mod live;
mod scenarios;

use std::env;
use std::fmt::Write as _;

use xmpp_ws::client::{Iq, Reply};

use self::live::{Peer, ask, leave, log_in};

/// The servers that are there, each at its address without and with TLS.
fn peers() -> Vec<Peer> {
    let mut peers = Vec::new();
    for (name, variable) in [("Prosody", "XMPP_WS_PROSODY"), ("ejabberd", "XMPP_WS_EJABBERD")] {
        for (variable, secure) in [(variable.to_owned(), false), (format!("{variable}_TLS"), true)]
        {
            match env::var(&variable) {
                Ok(uri) => peers.push(Peer { name, uri, secure }),
                Err(_) => eprintln!("left out: {variable} is not set (see tests/run)"),
            }
        }
    }
    peers
}

/// Runs a scenario with each server: how it went, and that it failed where it did.
macro_rules! row {
    ($peers:expr, $what:literal, $scenario:path) => {{
        let mut cells = Vec::new();
        for peer in $peers {
            // In a task of its own, so that a failure is one cell and not the end of the table.
            let run = tokio::spawn($scenario(peer.clone())).await;
            cells.push(run.unwrap_or_else(|error| {
                eprintln!("{} with {peer:?}: {error}", $what);
                FAILED.into()
            }));
        }
        ($what, cells)
    }};
}

#[tokio::test]
async fn each_scenario_with_each_server() {
    let peers = peers();
    if peers.is_empty() {
        return;
    }
    let rows = [
        row!(&peers, "log in with SCRAM-SHA-1", scenarios::scram_sha_1),
        row!(&peers, "log in with SCRAM-SHA-256", scenarios::scram_sha_256),
        row!(&peers, "log in with SCRAM-SHA-512", scenarios::scram_sha_512),
        row!(&peers, "log in with PLAIN", scenarios::plain),
        row!(&peers, "wrong password", scenarios::wrong_password),
        row!(&peers, "a host that is not there", scenarios::unknown_host),
        row!(&peers, "a certificate of nobody trusted", scenarios::certificate),
        row!(&peers, "find the endpoint by the domain", discovery::discovery),
        row!(&peers, "message to itself, close by the client", scenarios::message),
        row!(&peers, "ping", scenarios::ping),
        row!(&peers, "a request to a user who is not there", scenarios::nobody),
        row!(&peers, "a request to a domain that is not there", scenarios::another_domain),
        row!(&peers, "a stanza of 300 kB", scenarios::oversize),
        row!(&peers, "close by the server: a second login", scenarios::conflict),
        row!(&peers, "a message in another's name", scenarios::another_name),
        row!(&peers, "cut and resume: nothing lost, nothing doubled", cuts::cuts),
    ];
    let mut table = String::from("| scenario |");
    for peer in &peers {
        let scheme = if peer.secure { "wss" } else { "ws" };
        write!(table, " {}, {scheme} |", version(peer).await).expect("memory");
    }
    write!(table, "\n|---|{}\n", "---|".repeat(peers.len())).expect("memory");
    for (what, cells) in &rows {
        writeln!(table, "| {what} | {} |", cells.join(" | ")).expect("memory");
    }
    print!("{table}");
    if let Some(file) = env::var_os("XMPP_WS_SERVERS_TABLE") {
        std::fs::write(file, &table).expect("the table can be written");
    }
    let failed = rows.iter().filter(|(_, cells)| cells.iter().any(|cell| cell == FAILED));
    let failed: Vec<_> = failed.map(|(what, _)| what).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// What the server says that it is.
async fn version(peer: &Peer) -> String {
    let mut session = log_in(peer.config()).await;
    let iq = Iq::get("<query xmlns='jabber:iq:version'/>");
    let reply = ask(&mut session, iq.to("localhost".parse().expect("an address"))).await;
    let Reply::Result(stanza) = reply else { panic!("{reply:?}") };
    let document = stanza.read();
    let query = document.root().children().next().expect("a query");
    let version = query.children().find(|it| it.name() == "version").expect("a version").text();
    leave(session).await;
    format!("{} {version}", peer.name)
}

const FAILED: &str = "FAIL";

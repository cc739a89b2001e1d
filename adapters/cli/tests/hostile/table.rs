//! The table of what was seen, as README.md shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs};

/// One attack: what it met with, and what it cost.
pub(crate) struct Row {
    pub(crate) attack: String,
    pub(crate) met: String,
    /// From its first byte until it was over.
    pub(crate) after: Duration,
    /// By how much the server grew.
    pub(crate) kib: u64,
    /// The processor time that the server used.
    pub(crate) processor: Duration,
    /// The slowest of the messages that others exchanged meanwhile.
    pub(crate) slowest: Duration,
}

/// Keeps a row, and writes the table anew to the file that `XMPP_WS_HOSTILE_TABLE` names.
pub(crate) fn add(row: Row) {
    let Some(file) = env::var_os("XMPP_WS_HOSTILE_TABLE") else { return };
    // Others fail when a test does, and their rows are as good as before.
    let mut rows = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    rows.push(row);
    fs::write(file, table(&rows)).expect("the table can be written");
}

/// First what README.md shows, in this order, then the others as they came.
fn table(rows: &[Row]) -> String {
    let mut text = String::from(HEAD);
    for shown in SHOWN {
        match rows.iter().find(|row| row.attack == *shown) {
            Some(row) => line(&mut text, row),
            None => writeln!(text, "| {shown} | did not run | | | | |").expect("memory"),
        }
    }
    let shown: BTreeSet<_> = SHOWN.iter().copied().collect();
    let others: Vec<_> = rows.iter().filter(|row| !shown.contains(row.attack.as_str())).collect();
    write!(text, "\n<details>\n<summary>{} more attacks</summary>\n\n{HEAD}", others.len())
        .expect("memory");
    for row in others {
        line(&mut text, row);
    }
    text.push_str("\n</details>\n");
    text
}

fn line(text: &mut String, row: &Row) {
    let (after, processor) = (row.after.as_secs_f64(), row.processor.as_secs_f64());
    let Row { attack, met, kib, slowest, .. } = row;
    // What looks like an element would be one.
    let [attack, met] = [attack, met].map(|cell| cell.replace('<', "&lt;").replace('|', "&#124;"));
    let slowest = slowest.as_millis();
    writeln!(text, "| {attack} | {met} | {after:.1} | {kib} | {processor:.2} | {slowest} |")
        .expect("memory");
}

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());

const HEAD: &str = "\
| attack | met with | over after, s | server's growth, KiB | its CPU, s | slowest message of others, ms |
|---|---|---:|---:|---:|---:|
";

const SHOWN: &[&str] = &[
    "a header that promises 10 GB",
    "12 MB, all of it, while it hears no",
    "1 GB in fragments of 60 kB",
    "20,000 nested elements",
    "15,000 attributes",
    "10,000 namespace declarations",
    "a million one-byte messages",
    "a message of a million one-byte fragments",
    "100,000 pings of 125 bytes, read",
    "who never reads, asks, writes or pings a lot",
    "who never reads, is silent, pings, talks",
    "a byte a second: a request",
    "a byte a second: <open/>, a message",
    "1,000 connections that say nothing",
    "1,000 WebSockets that say nothing",
    "200 connections that say nothing, 64 open files",
    "200 that ask for 1 GB and read nothing, 64 open files",
    "20 clients that vanish, one who is quiet",
    "10 clients that hang up by half",
    "logins that stall, in each phase",
    "TLS that stalls, in each phase",
    "a byte a second: a handshake of TLS",
    "500 that stall in TLS, at once",
    "what is no TLS",
    "random clients",
];

//! Recorded conversations of real servers and clients, each half held against our other role.
//!
//! The corpus is not part of the repository: it is looked for beside it, or where `XMPP_WS_CORPUS` says. Recorded
//! nonces are handed in as randomness, recorded ids of requests are mapped. What became of each file is printed, and
//! held to the folder `outcomes` line by line: `cargo test -p xmpp-ws-tests --test transcripts -- --nocapture`.

mod account;
mod client;
mod counts;
mod faults;
mod golden;
mod history;
mod outcome;
mod record;
mod said;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::outcome::Outcome;
use self::record::Transcript;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let given = std::env::var_os("XMPP_WS_CORPUS").map(PathBuf::from);
    let transcripts = given.unwrap_or(beside).join("transcripts");
    if transcripts.is_dir() {
        return Some(transcripts);
    }
    eprintln!("left out: there is no {} (set XMPP_WS_CORPUS)", transcripts.display());
    None
}

fn transcripts() -> Vec<Transcript> {
    let Some(folder) = corpus() else { return Vec::new() };
    let entries = std::fs::read_dir(folder).expect("the corpus can be read");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files.iter().flat_map(|file| Transcript::read(file)).collect()
}

/// Prints the table, and one line for each kind of outcome.
fn print(role: &str, outcomes: &BTreeMap<String, Outcome>) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (name, outcome) in outcomes {
        println!("{role} {name:60} {}", outcome.describe());
        let kind = outcome.kind().chars().take(70).collect();
        *kinds.entry(kind).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (kind, count) in kinds {
        println!("{role} {count:5} {kind}");
    }
}

#[test]
fn each_servers_half_is_taken_by_our_client() {
    let mut outcomes = BTreeMap::new();
    let transcripts = transcripts();
    for transcript in &transcripts {
        let outcome = client::replay(&transcripts, transcript).held_to(transcript);
        assert!(
            outcome.is_bound || !transcript.must_bind_client(),
            "{}: not bound: {}",
            transcript.name,
            outcome.describe()
        );
        for (name, ended) in EXPECTED.iter().filter(|(name, _)| transcript.name.contains(name)) {
            assert!(outcome.ended.contains(ended), "{name}: {}", outcome.ended);
        }
        outcomes.insert(transcript.name.clone(), outcome);
    }
    print("client", &outcomes);
    golden::compare("client", &outcomes);
    check_most(&outcomes);
}

#[test]
fn each_clients_half_is_taken_by_our_server() {
    let mut outcomes = BTreeMap::new();
    let transcripts = transcripts();
    for transcript in &transcripts {
        let outcome = server::replay(&transcripts, transcript).held_to(transcript);
        assert!(
            outcome.is_bound || !transcript.must_bind_server(),
            "{}: not bound: {}",
            transcript.name,
            outcome.describe()
        );
        outcomes.insert(transcript.name.clone(), outcome);
    }
    print("server", &outcomes);
    golden::compare("server", &outcomes);
    check_most(&outcomes);
}

/// How many there are of each extent.
fn totals(outcomes: &BTreeMap<String, Outcome>) -> String {
    let whole = outcomes.values().filter(|outcome| outcome.is_whole());
    let (exact, mapped): (Vec<_>, Vec<_>) = whole.partition(|outcome| outcome.mapped.is_empty());
    let [exact, mapped] = [exact.len(), mapped.len()];
    let prefixes = outcomes.len() - exact - mapped;
    format!("{exact} whole, {mapped} whole with something mapped, {prefixes} prefixes")
}

fn check_most(outcomes: &BTreeMap<String, Outcome>) {
    println!("{} of {}", totals(outcomes), outcomes.len());
    let whole = outcomes.values().filter(|outcome| outcome.is_whole()).count();
    assert!(outcomes.is_empty() || whole * 2 > outcomes.len(), "most of them");
}

/// How a client's conversations end that are not closed in good order.
const EXPECTED: &[(&str, &str)] = &[
    ("prosody-strophe5-unknown-host", "host-unknown"),
    ("prosody-xmppjs-unknown-host", "host-unknown"),
    ("tigase-raw-fail-unknown-to-host", "host-unknown"),
    ("mongooseim-raw-fail-unknown-to-host", "host-unknown"),
    ("prosody-stanza-wrong-password", "not-authorized"),
    ("ejabberd-nbxmpp-wrong-password", "not-authorized"),
    ("tigase-raw-fail-wrong-password-scram", "not-authorized"),
    // The next password is the right one.
    ("mongooseim-raw-fail-wrong-password-plain", "the stream was closed"),
    ("prosody-stanza-conflict.1", "conflict"),
    ("ejabberd-strophe5-conflict.1", "conflict"),
    ("tigase-raw-see-other-host-open", "ws://other.example:5290/"),
    ("tigase-raw-see-other-host-login", "ws://other.example:5290/"),
];

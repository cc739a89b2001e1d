//! Which requirement is tested where: the table is printed, and held to what is there.
//!
//! `cargo test -p xmpp-ws-tests --test requirements -- --nocapture` prints it.

/// A row of the checklist of RFC 7395 and of what RFC 6120 adds: its id, and who holds to it here.
struct Row(&'static str, Where);

enum Where {
    /// Tests named after the row, in this file and others.
    Core,
    /// The transports: what they do is not the core's to decide.
    Adapters(&'static str),
    /// A part of the core that has no code yet.
    Missing(&'static str),
}

use Where::{Adapters, Core, Missing};

const ROWS: &[Row] = &[
    Row("3.1-a", Adapters("the upgrade request")),
    Row("3.1-b", Adapters("the answer to it")),
    Row("3.1-c", Adapters("the check of the answer; the core is told DialErrorKind::Subprotocol")),
    Row("3.2-a", Core),
    Row("3.3.1-a", Core),
    Row("3.3.2-a", Core),
    Row("3.3.3-a", Core),
    Row("3.3.3-b", Core),
    Row("3.3.3-c", Core),
    Row("3.3.3-d", Core),
    Row("3.3.3-e", Core),
    Row("3.3.3-f", Core),
    Row("6120-4.8", Core),
    Row("6120-11.5", Core),
    Row("6120-11", Core),
    Row("6455-5.4", Adapters("fragments are put together below the core")),
    Row("3.4-a", Core),
    Row("3.4-b", Core),
    Row("3.4-c", Core),
    Row("3.4-d", Core),
    Row("3.4-e", Core),
    Row("3.4-f", Core),
    Row("3.5-a", Core),
    Row("3.5-b", Core),
    Row("3.5-c", Core),
    Row("3.6-a", Core),
    Row("3.6-b", Core),
    Row("3.6-c", Core),
    Row("3.6-d", Core),
    Row("3.6-e", Core),
    Row("3.6.1-a", Core),
    Row("3.6.1-b", Core),
    Row("3.6.1-c", Missing("a redirect is reported, not followed")),
    Row("3.7-a", Core),
    Row("3.8-a", Core),
    Row("3.9-a", Core),
    Row("3.9-b", Core),
    Row("3.10-a", Missing("stream management")),
    Row("4-a", Missing("discovery")),
    Row("6-a", Adapters("certificates")),
    Row("6-b", Core),
    Row("6-c", Core),
    Row("6120-4.9.3.12", Core),
    Row("6120-6", Core),
    Row("6120-7", Core),
];

const FILES: &[(&str, &str)] = &[
    ("r6120_login.rs", include_str!("r6120_login.rs")),
    ("r7395_closing.rs", include_str!("r7395_closing.rs")),
    ("r7395_login.rs", include_str!("r7395_login.rs")),
    ("r7395_messages.rs", include_str!("r7395_messages.rs")),
    ("r7395_opening.rs", include_str!("r7395_opening.rs")),
];

/// The start of the names of a row's tests.
fn prefix(id: &str) -> String {
    let id = match id.strip_prefix("6120-") {
        Some(section) => format!("r6120-{section}"),
        None => format!("r7395-{id}"),
    };
    id.replace(['.', '-'], "_") + "_"
}

fn tests() -> Vec<(&'static str, &'static str)> {
    let mut tests = Vec::new();
    for (file, source) in FILES {
        for line in source.lines() {
            if let Some(name) = line.strip_prefix("fn r").and_then(|_| line.strip_prefix("fn ")) {
                tests.extend(name.split_once('(').map(|(name, _)| (*file, name)));
            }
        }
    }
    tests.retain(|(_, name)| name.starts_with("r6120_") || name.starts_with("r7395_"));
    tests
}

/// The row that a test is named after: the one with the longest id that fits.
fn row_of(test: &str) -> Option<&'static str> {
    let rows = ROWS.iter().map(|row| row.0).filter(|id| test.starts_with(&prefix(id)));
    rows.max_by_key(|id| id.len())
}

#[test]
fn each_requirement_is_tested_or_somebody_elses() {
    let tests = tests();
    for Row(id, place) in ROWS {
        let of_row: Vec<String> = tests
            .iter()
            .filter(|(_, test)| row_of(test) == Some(id))
            .map(|(file, test)| (file, test.strip_prefix(&prefix(id)).unwrap_or(test)))
            .map(|(file, what)| format!("{file}: {}", what.replace('_', " ")))
            .collect();
        match place {
            Core => {
                assert!(!of_row.is_empty(), "no test is named {}...", prefix(id));
                println!("{id:14} {}", of_row.join("\n               "));
            }
            Adapters(what) => println!("{id:14} the adapters: {what}"),
            Missing(what) => println!("{id:14} not there yet: {what}"),
        }
        assert!(matches!(place, Core) || of_row.is_empty(), "{id} is tested after all");
    }
}

#[test]
fn each_test_is_named_after_a_row() {
    for (file, test) in tests() {
        assert!(row_of(test).is_some(), "{file}: {test}");
    }
}

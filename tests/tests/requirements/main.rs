//! Which requirement is obeyed and tested where: held to what is there, and to `docs/requirements.md`.
//!
//! With `XMPP_WS_WRITE_REQUIREMENTS` in the environment the document is written.

mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use self::rows::{Row, rows};

const FILES: &[(&str, &str)] = &[
    ("r6120_binding.rs", include_str!("../r6120_binding.rs")),
    ("r6120_sasl.rs", include_str!("../r6120_sasl.rs")),
    ("r7395_channel_binding.rs", include_str!("../r7395_channel_binding.rs")),
    ("r7395_closing.rs", include_str!("../r7395_closing.rs")),
    ("r7395_discovery.rs", include_str!("../r7395_discovery.rs")),
    ("r7395_login.rs", include_str!("../r7395_login.rs")),
    ("r7395_messages.rs", include_str!("../r7395_messages.rs")),
    ("r7395_opening.rs", include_str!("../r7395_opening.rs")),
];

const ELSEWHERE: &[(&str, &str)] = &[
    ("client_discovery.rs", include_str!("../client_discovery.rs")),
    ("cuts.rs", include_str!("../cuts.rs")),
    ("handshakes.rs", include_str!("../handshakes.rs")),
    ("redirecting.rs", include_str!("../redirecting.rs")),
    ("sm_client.rs", include_str!("../sm_client.rs")),
    ("sm_resumption/going_on.rs", include_str!("../sm_resumption/going_on.rs")),
    ("sm_server_counts.rs", include_str!("../sm_server_counts.rs")),
    ("sm_server_endings.rs", include_str!("../sm_server_endings.rs")),
    ("sm_server_negotiation.rs", include_str!("../sm_server_negotiation.rs")),
    ("sm_server_resumption.rs", include_str!("../sm_server_resumption.rs")),
    ("tokio/faults.rs", include_str!("../tokio/faults.rs")),
    ("tokio/fetch.rs", include_str!("../tokio/fetch.rs")),
    ("tokio/refused.rs", include_str!("../tokio/refused.rs")),
    ("tokio/tls.rs", include_str!("../tokio/tls.rs")),
];

const HEAD: &str = "# Requirements

What RFC 7395 asks for, and what other standards add to it where it leaves a gap, in words of our own. A row's id is the
section (of RFC 7395 where no other is named) and a letter. Where it is obeyed the section is cited in the file.

This table is held to the code by `cargo test -p xmpp-ws-tests --test requirements`; with `XMPP_WS_WRITE_REQUIREMENTS=1`
it is written.

| id | who | what | obeyed in | tests |
|---|---|---|---|---|
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The start of the names of a row's tests.
fn prefix(id: &str) -> String {
    let id = match id.strip_prefix("6120-") {
        Some(section) => format!("r6120-{section}"),
        None => format!("r7395-{id}"),
    };
    id.replace(['.', '-'], "_") + "_"
}

/// The tests in these files, by file and name.
fn tests(files: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut tests = Vec::new();
    for (file, source) in files {
        let mut is_test = false;
        for line in source.lines() {
            if line.starts_with("#[") {
                is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
                continue;
            }
            let line = line.strip_prefix("async ").unwrap_or(line);
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split_once('('));
            tests.extend(name.filter(|_| is_test).map(|(name, _)| (*file, name)));
            is_test = false;
        }
    }
    tests
}

/// The row that a test is named after: the one with the longest id that fits.
fn row_of(test: &str) -> Option<&'static str> {
    let rows = rows().map(|row| row.id).filter(|id| test.starts_with(&prefix(id)));
    rows.max_by_key(|id| id.len())
}

/// Whether a text cites this very section, not one below it.
fn cites(text: &str, section: &str) -> bool {
    text.match_indices(section).any(|(at, _)| {
        let mut after = text[at + section.len()..].chars();
        match after.next() {
            Some('.') => !after.next().is_some_and(|it| it.is_ascii_digit()),
            next => !next.is_some_and(|it| it.is_ascii_digit()),
        }
    })
}

/// Where a row is obeyed: the files, each with what it cites.
fn obeyed(row: &Row) -> String {
    let mut places: Vec<String> = Vec::new();
    for (section, file) in row.obeyed {
        let source = std::fs::read_to_string(root().join(file)).expect(file);
        assert!(cites(&source, section), "{}: {file} does not cite {section}", row.id);
        places.push(format!("`{file}` ({section})"));
    }
    places.join("<br>")
}

/// The names of a row's tests.
fn tested(row: &Row) -> String {
    let core = tests(FILES).into_iter().filter(|(_, test)| row_of(test) == Some(row.id));
    let mut names: Vec<String> = core.map(|(file, test)| format!("`{file}`: `{test}`")).collect();
    let there: BTreeSet<_> = tests(ELSEWHERE).into_iter().collect();
    for (file, test) in row.elsewhere {
        assert!(there.contains(&(*file, *test)), "{}: there is no {test} in {file}", row.id);
        names.push(format!("`{file}`: `{test}`"));
    }
    assert!(!names.is_empty(), "no test is named {}...", prefix(row.id));
    names.join("<br>")
}

#[test]
fn the_document_is_what_is_there() {
    let mut document = String::from(HEAD);
    for row in rows() {
        let cells = [row.id, row.who, row.what, &obeyed(row), &tested(row)];
        for cell in cells {
            assert!(!cell.is_empty() && !cell.contains('|'), "{}: {cell:?}", row.id);
        }
        writeln!(document, "| {} |", cells.join(" | ")).expect("memory");
    }
    let file = root().join("docs/requirements.md");
    if std::env::var_os("XMPP_WS_WRITE_REQUIREMENTS").is_some() {
        std::fs::write(&file, &document).expect("the document can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = document.lines().zip(written.lines()).find(|(is, was)| is != was);
    assert!(
        written == document,
        "docs/requirements.md is not what is there; XMPP_WS_WRITE_REQUIREMENTS=1 writes it: {differs:?}"
    );
}

#[test]
fn each_test_is_named_after_a_row() {
    let named = |(_, test): &(&str, &str)| test.starts_with("r6120_") || test.starts_with("r7395_");
    let tests: Vec<_> = tests(FILES).into_iter().filter(named).collect();
    assert!(!tests.is_empty());
    for (file, test) in tests {
        assert!(row_of(test).is_some(), "{file}: {test}");
    }
}

#[test]
fn a_section_is_not_the_one_above_it() {
    for text in ["RFC 7395 § 3.6: so", "RFC 7395 § 3.6.", "(RFC 7395 § 3.6)"] {
        assert!(cites(text, "RFC 7395 § 3.6"), "{text}");
    }
    for text in ["RFC 7395 § 3.6.1", "RFC 7395 § 3.60", "RFC 7395 § 3"] {
        assert!(!cites(text, "RFC 7395 § 3.6"), "{text}");
    }
}

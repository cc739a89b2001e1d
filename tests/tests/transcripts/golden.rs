//! The outcomes as they are to be, one line each, and their totals.
//!
//! With `XMPP_WS_WRITE_OUTCOMES` in the environment they are written as they are, and what changed is printed.

use std::collections::BTreeMap;
use std::path::Path;

use super::outcome::Outcome;
use super::totals;

/// Holds what came out to what is written down for this role.
pub(crate) fn compare(role: &str, outcomes: &BTreeMap<String, Outcome>) {
    if outcomes.is_empty() {
        return;
    }
    let name = format!("tests/transcripts/outcomes/{role}.txt");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
    let lines = outcomes.iter().map(|(name, outcome)| format!("{name} | {}\n", outcome.describe()));
    let totals = format!("all of them | {}\n", totals(outcomes));
    let now: String = lines.chain([totals]).collect();
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    let changes = changes(&golden, &now);
    for change in &changes {
        println!("{change}");
    }
    if std::env::var_os("XMPP_WS_WRITE_OUTCOMES").is_some() {
        std::fs::write(&file, now).expect("the file can be written");
        println!("{name} is written: {} lines changed", changes.len());
        return;
    }
    assert!(
        changes.is_empty(),
        "{} outcomes are not those of {name}; XMPP_WS_WRITE_OUTCOMES=1 writes them",
        changes.len()
    );
}

/// What stands in one and not in the other, by the conversation's name.
fn changes(golden: &str, now: &str) -> Vec<String> {
    let [golden, now] = [golden, now].map(|text| {
        let lines = text.lines().filter_map(|line| line.split_once(" | "));
        lines.collect::<BTreeMap<_, _>>()
    });
    let mut changes = Vec::new();
    for (name, was) in &golden {
        match now.get(name) {
            Some(is) if is == was => {}
            Some(is) => changes.push(format!("{name}\n  was {was}\n  is  {is}")),
            None => changes.push(format!("{name}\n  was {was}\n  is  not in the corpus")),
        }
    }
    let new = now.iter().filter(|(name, _)| !golden.contains_key(*name));
    changes.extend(new.map(|(name, is)| format!("{name}\n  is  {is}")));
    changes
}

#[test]
fn a_change_is_found() {
    let golden = "a | whole | bound\nb | whole | lost\nc | whole | lost\n";
    assert_eq!(changes(golden, golden), Vec::<String>::new());
    let now = "a | whole | bound\nb | whole | bound\nd | whole | lost\n";
    let changes = changes(golden, now);
    assert_eq!(changes.len(), 3, "{changes:?}");
    for (change, name) in changes.iter().zip(["b", "c", "d"]) {
        assert!(change.starts_with(name), "{change}");
    }
}

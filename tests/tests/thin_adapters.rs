//! What an adapter's files must not have: tasks, channels and locks, other adapters, and XMPP.
//!
//! Without an exception: what two adapters share is below both of them, and what needs a task is given the application's
//! way to begin one.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn adapters_are_thin() {
    let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters");
    let mut checked = 0;
    let mut seen = Vec::new();
    for adapter in entries(&adapters).into_iter().filter(|path| path.is_dir()) {
        let name = adapter.file_name().unwrap().to_str().unwrap().to_owned();
        // It is an application, not an adapter.
        if name == "cli" {
            continue;
        }
        seen.push(name.clone());
        let manifest = fs::read_to_string(adapter.join("Cargo.toml")).unwrap();
        let (own, _) = manifest.split_once("[dev-dependencies]").unwrap_or((&manifest, ""));
        let (_, own) = own.split_once("[dependencies]").unwrap();
        for other in others(&name) {
            assert!(!own.contains(&format!("xmpp-ws-{other}")), "{name} depends on {other}");
        }
        for file in rust_files(&adapter.join("src")) {
            let source = fs::read_to_string(&file).unwrap();
            for (number, line) in source.lines().enumerate() {
                let place = format!("{}:{}: {line}", file.display(), number + 1);
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for forbidden in FORBIDDEN {
                    assert!(!line.contains(forbidden), "{forbidden} at {place}");
                }
                assert!(!names_namespaces(line), "the core's namespaces at {place}");
                for other in others(&name) {
                    let import = format!("xmpp_ws_{}", other.replace('-', "_"));
                    assert!(!line.contains(&import), "another adapter at {place}");
                }
            }
            let lines = source.lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines", file.display());
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} files were found");
    for name in ADAPTERS {
        assert!(seen.iter().any(|it| it == name), "{name} was not found");
    }
}

/// Whether a line uses the core's module `ns`.
fn names_namespaces(line: &str) -> bool {
    line.match_indices("ns::").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
    })
}

/// The adapters that this one must not know.
fn others(name: &str) -> impl Iterator<Item = &'static str> {
    ADAPTERS.into_iter().filter(move |other| name != *other)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        entries(folder).into_iter().partition(|path| path.is_dir());
    let mut files: Vec<_> = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "rs"))
        .collect();
    files.extend(folders.iter().flat_map(|folder| rust_files(folder)));
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

const FORBIDDEN: [&str; 14] = [
    "spawn(",
    "spawn_",
    "mpsc",
    "oneshot",
    "channel(",
    "Mutex",
    "RwLock",
    // XMPP's namespaces, and its elements.
    "jabber:",
    "urn:ietf:params:xml",
    "urn:xmpp",
    "jabber.org",
    "<open",
    "<close",
    "<stream",
];

/// What an application takes one of, or one for each of its targets. The driver, and what those over tungstenite share,
/// are below them.
const ADAPTERS: [&str; 6] = ["tokio", "async-std", "smol", "blocking", "web", "axum"];

const MAX_LINES: usize = 400;

//! What an adapter's files must not have: tasks, channels and locks, other adapters, and XMPP.

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
        for file in rust_files(&adapter.join("src")) {
            let source = fs::read_to_string(&file).unwrap();
            for (number, line) in source.lines().enumerate() {
                let place = format!("{}:{}: {line}", file.display(), number + 1);
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for forbidden in FORBIDDEN {
                    let excused = EXCUSED.contains(&(&name, forbidden));
                    assert!(excused || !line.contains(forbidden), "{forbidden} at {place}");
                }
                let others = ADAPTERS.iter().filter(|other| !name.starts_with(*other));
                for other in others.filter(|other| !EXCUSED.contains(&(&name, other))) {
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
    for name in ["tokio", "smol", "async-std", "blocking"] {
        assert!(seen.iter().any(|it| it == name), "{name} was not found");
    }
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

const FORBIDDEN: [&str; 10] = [
    "spawn(",
    "mpsc",
    "oneshot",
    "channel(",
    "Mutex",
    "RwLock",
    "jabber:",
    "urn:ietf:params:xml",
    "<open",
    "<stream",
];

/// Who may do what others must not.
const EXCUSED: [(&str, &str); 2] = [
    // hyper hands a connection over when the answer has left, which is after the handler returned.
    ("axum", "spawn("),
    // axum runs on tokio alone, and below the route it is that adapter.
    ("axum", "tokio"),
];

/// Those over a runtime; what all of them share may be imported by each.
const ADAPTERS: [&str; 6] = ["tokio", "async-std", "smol", "blocking", "web", "axum"];

const MAX_LINES: usize = 400;

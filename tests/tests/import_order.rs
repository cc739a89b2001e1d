//! The core's files may use those below them, and none above: the order is written down here.

use std::fs;
use std::path::Path;

/// From the bottom to the top; the files of one line do not know each other.
const LAYERS: &[&[&str]] = &[
    &[
        "ns",
        "time",
        "random",
        "condition",
        "limits",
        "tolerance",
        "uri",
        "jid",
        "language",
        "named",
    ],
    &["xml", "timer", "sasl"],
    &["error"],
    &["stream_error"],
    &["stanza_error"],
    &["stanza"],
    &["outgoing"],
    &["frame"],
    &["endpoint"],
    &["discovery"],
    &["ending"],
    &["sasl_frame", "bind", "ping", "stream_limits", "csi", "sm", "events"],
    &["outbox"],
    &["stream"],
    &["role"],
    &["client", "server"],
];

#[test]
fn the_core_imports_only_downwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut wrong = Vec::new();
    let mut files = 0;
    for path in rust_files(&source) {
        let relative = path.strip_prefix(&source).expect("found below it");
        let module = relative.iter().next().expect("a name").to_string_lossy();
        let module = module.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let Some(layer) = layer_of(module) else {
            wrong.push(format!("{module} has no place in the order"));
            continue;
        };
        files += 1;
        let text = fs::read_to_string(&path).expect("readable");
        for used in used_modules(&text) {
            let allowed = used == module || layer_of(&used).is_some_and(|below| below < layer);
            // Within the lowest layer the words may be made of each other.
            if !(allowed || layer == 0 && layer_of(&used) == Some(0)) {
                wrong.push(format!("{} uses {used}", relative.display()));
            }
        }
    }
    assert!(files > 30, "only {files} files found in {}", source.display());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules in `crate::…` outside of comments, also in `use crate::{…}`.
fn used_modules(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut used = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => used.push(name(rest)),
            Some(group) => {
                let (group, _) = group.split_once("};").expect("a group ends");
                let mut depth = 0_i32;
                let mut fresh = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => fresh = true,
                        c if fresh && depth == 0 && c.is_alphabetic() => {
                            used.push(name(group.get(at..).unwrap_or_default()));
                            fresh = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

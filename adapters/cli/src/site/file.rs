//! The one file that is asked for.

use std::fmt;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::AsyncRead;

/// What is sent as an answer.
pub(super) struct File {
    pub(super) content: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) length: u64,
    pub(super) kind: &'static str,
}

impl File {
    /// The file in `root` that has this path in a request; none where there is no such file.
    pub(super) async fn open(root: &Path, path: &str) -> Option<Self> {
        let relative = relative(path)?;
        // A link may lead out of the folder: what counts is where it ends.
        let path = fs::canonicalize(root.join(relative)).await.ok()?;
        if !path.starts_with(root) {
            return None;
        }
        let file = fs::File::open(&path).await.ok()?;
        let facts = file.metadata().await.ok().filter(std::fs::Metadata::is_file)?;
        Some(Self { content: Box::new(file), length: facts.len(), kind: kind(&path) })
    }

    /// Some words of our own.
    pub(super) fn words(words: &'static str) -> Self {
        let length = words.len().try_into().unwrap_or_default();
        Self { content: Box::new(words.as_bytes()), length, kind: TEXT }
    }
}

/// The path below the folder. Only plain names pass, so nothing has to be decoded, and nothing leads upwards.
fn relative(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let mut relative = PathBuf::new();
    for name in path.split('/') {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.starts_with('.') || !name.chars().all(is_plain) {
            return None;
        }
        relative.push(name);
    }
    if path.is_empty() || path.ends_with('/') {
        relative.push("index.html");
    }
    Some(relative)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        // Browsers compile it while it comes only if it is called this.
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => TEXT,
        _ => "application/octet-stream",
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut file = f.debug_struct("File");
        file.field("length", &self.length).field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_but_down() {
        for (path, expected) in [
            ("/", Some("index.html")),
            ("/a.js", Some("a.js")),
            ("/a/b-c_1.wasm", Some("a/b-c_1.wasm")),
            ("/a/", Some("a/index.html")),
            ("a.js", None),
            ("", None),
            ("/..", None),
            ("/../a", None),
            ("/a/../../b", None),
            ("/.git/config", None),
            ("/%2e%2e/a", None),
            ("/a\\..\\b", None),
            ("/C:/a", None),
            ("/a\0b", None),
            ("*", None),
        ] {
            assert_eq!(relative(path).as_deref(), expected.map(Path::new), "{path:?}");
        }
    }
}

//! The one file that is asked for.

use std::fmt;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::{AsyncRead, AsyncReadExt};

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
        // It is looked at before it is opened: to open a pipe takes until somebody writes to it.
        let length = fs::metadata(&path).await.ok().filter(Metadata::is_file)?.len();
        let file = fs::File::open(&path).await.ok()?;
        // It may grow while it is sent.
        Some(Self { content: Box::new(file.take(length)), length, kind: kind(&path) })
    }

    /// Some words of our own.
    pub(super) fn words(words: &'static str) -> Self {
        let length = words.len().try_into().unwrap_or_default();
        Self { content: Box::new(words.as_bytes()), length, kind: TEXT }
    }
}

/// The path below the folder. Each name is decoded once (RFC 3986 § 2.1) and judged after that, so nothing leads upwards.
fn relative(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let mut relative = PathBuf::new();
    for name in path.split('/') {
        let name = decoded(name)?;
        // What separates names, on some system at least, is in none.
        if name.starts_with('.') || name.chars().any(|c| c.is_control() || "/\\:".contains(c)) {
            return None;
        }
        relative.push(name);
    }
    if path.is_empty() || path.ends_with('/') {
        relative.push("index.html");
    }
    Some(relative)
}

/// What stands for itself, and what `%` and two digits stand for, as long as it is UTF-8.
fn decoded(name: &str) -> Option<String> {
    let mut parts = name.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        // `from_str_radix` would take a sign, too.
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
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
            ("/a%20b.txt", Some("a b.txt")),
            ("/gr%C3%BC%c3%9fe.txt", Some("gr\u{fc}\u{df}e.txt")),
            ("/50%25.txt", Some("50%.txt")),
            ("/%252e%252e/a", Some("%2e%2e/a")),
            ("a.js", None),
            ("", None),
            ("/..", None),
            ("/../a", None),
            ("/a/../../b", None),
            ("/.git/config", None),
            ("/%2e%2e/a", None),
            ("/%2E./a", None),
            ("/a/%2e%2e%2f%2e%2e/b", None),
            ("/a%2fb", None),
            ("/a%5cb", None),
            ("/a%00b", None),
            ("/C%3a/a", None),
            ("/%", None),
            ("/%4", None),
            ("/%+4", None),
            ("/%ff", None),
            ("/%c3%28", None),
            ("/a\\..\\b", None),
            ("/C:/a", None),
            ("/a\0b", None),
            ("*", None),
        ] {
            assert_eq!(relative(path).as_deref(), expected.map(Path::new), "{path:?}");
        }
    }
}

//! `xmpp-ws serve --web`: a page's files, beside the WebSocket.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use crate::process::{Server, TIME, run};

#[test]
fn files_are_served_and_nothing_else() {
    let folder = Folder::new("files");
    fs::write(folder.site().join("index.html"), "<title>hello</title>").unwrap();
    fs::create_dir(folder.site().join("pkg")).unwrap();
    fs::write(folder.site().join("pkg/chat.wasm"), b"\0asm").unwrap();
    fs::write(folder.site().join(".secret"), "secret").unwrap();
    fs::write(folder.0.join("outside.txt"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.0.join("outside.txt"), folder.site().join("link.txt"))
        .unwrap();
    let server = Server::start(&["--web", folder.site().to_str().unwrap()]);

    for path in ["/", "/index.html", "/?a=b"] {
        let answer = ask(&server, "GET", path);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), "{answer}");
        assert!(answer.contains("\r\nX-Content-Type-Options: nosniff\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n<title>hello</title>"), "{answer}");
    }
    let answer = ask(&server, "GET", "/pkg/chat.wasm");
    assert!(answer.contains("\r\nContent-Type: application/wasm\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n\0asm"), "{answer:?}");
    let answer = ask(&server, "HEAD", "/");
    assert!(
        answer.contains("\r\nContent-Length: 20\r\n") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    let answer = ask(&server, "POST", "/");
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nAllow: GET, HEAD\r\n"));

    fs::write(folder.site().join("a b.txt"), "a space").unwrap();
    assert!(ask(&server, "GET", "/a%20b.txt").ends_with("\r\n\r\na space"));

    for path in [
        "/none.html",
        "/pkg",
        "/pkg/",
        "/.secret",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/pkg/../../outside.txt",
        "/pkg/..%2f..%2foutside.txt",
        "//etc/passwd",
        "/link.txt",
        "/a\\b",
        "*",
    ] {
        let answer = ask(&server, "GET", path);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
        assert!(!answer.contains("secret"), "{path}: {answer}");
    }

    // The WebSocket is there as before.
    server.login("alice@localhost/a");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let arguments = ["serve", "--user", "a:b", "--web", "/no/such"];
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/no/such"));
}

/// A folder of the test's own, with the folder of the site in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("web-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("site")).unwrap();
        Self(folder)
    }

    fn site(&self) -> PathBuf {
        self.0.join("site")
    }
}

fn ask(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.url.split('/').nth(2).unwrap()).unwrap();
    stream.set_read_timeout(Some(TIME)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

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

/// RFC 9110 and RFC 9112: what else a request may look like, and what it must not.
#[test]
fn requests_of_every_form_are_answered() {
    let folder = Folder::new("forms");
    fs::write(folder.site().join("index.html"), "hello").unwrap();
    let server = Server::start(&["--web", folder.site().to_str().unwrap()]);
    let long =
        |bytes: usize| format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "a".repeat(bytes));
    for (request, status) in [
        // RFC 9112 § 3.2: one Host, but for HTTP/1.0, which need not have it.
        ("GET / HTTP/1.0\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400),
        // § 3.2.2: "a server MUST accept the absolute-form in requests".
        ("GET http://h/index.html HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("GET HTTP://h HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        ("GET http://h/../index.html HTTP/1.1\r\nHost: h\r\n\r\n", 404),
        ("GET ftp://h/index.html HTTP/1.1\r\nHost: h\r\n\r\n", 404),
        // § 2.2: a single LF ends a line, too, and an empty line before the first is ignored.
        ("GET / HTTP/1.1\nHost: h\n\n", 200),
        ("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 200),
        // § 5.1: no whitespace before the colon; § 5.2: no folded lines.
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400),
        ("GET / HTTP/1.1 x\r\nHost: h\r\n\r\n", 400),
        ("G\0T / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        // RFC 9110 § 7.8: "A server MAY ignore a received Upgrade header field".
        ("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: h\r\nuPGRADE: h2c, WebSocket\r\n\r\n", 426),
        // What comes after the request is no part of it.
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", 200),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na:\r\nb\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        ("GET / SPDY/3\r\n\r\n", 400),
        ("<stream:stream>\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (&long(10_000), 200),
        // RFC 6585 § 5.
        (&long(20_000), 431),
        (&long(1_000_000), 431),
        (&long(1).replace("X: a\r\n", &"X: a\r\n".repeat(1000)), 431),
    ] {
        let answer = say(&server, request.as_bytes());
        let shown: String = request.chars().take(100).collect();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
    }
    // RFC 9110 § 5.5: a value need not be UTF-8, nor a body.
    for request in [
        &b"GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: caf\xE9\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n\xFF",
    ] {
        let answer = say(&server, request);
        assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    }
}

/// To open a pipe takes until somebody writes to it, and the threads that wait are those that check passwords, too.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let folder = Folder::new("pipe");
    fs::write(folder.site().join("index.html"), "hello").unwrap();
    let pipe = folder.site().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let server = Server::start(&["--web", folder.site().to_str().unwrap()]);
    for _ in 0..10 {
        assert!(ask(&server, "GET", "/pipe").starts_with("HTTP/1.1 404 "));
    }
    assert!(ask(&server, "GET", "/").ends_with("\r\n\r\nhello"));
}

/// RFC 9112 § 6.3: the length that was told is the length of the content.
#[test]
fn a_file_that_grows_is_sent_as_long_as_it_was() {
    let folder = Folder::new("grows");
    let path = folder.site().join("log.txt");
    let file = fs::File::create(&path).unwrap();
    // More than the system takes for a client that does not read.
    file.set_len(LENGTH).unwrap();
    let server = Server::start(&["--web", folder.site().to_str().unwrap()]);
    let mut stream = connect(&server);
    stream.write_all(b"GET /log.txt HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    file.set_len(LENGTH + 1000).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(u64::try_from(answer.len() - head).unwrap(), LENGTH);
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
    say(server, format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
}

/// Says this, and gives all that comes.
fn say(server: &Server, request: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.url.split('/').nth(2).unwrap()).unwrap();
    stream.set_read_timeout(Some(TIME)).unwrap();
    stream
}

const LENGTH: u64 = 64 * 1024 * 1024;

//! HTTP where there are files beside the WebSocket.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::login::bound;
use crate::server::Server;
use crate::silence::trickle;
use crate::trials::Trials;
use crate::wire::{PATIENCE, request, request_with};

#[test]
fn who_asks_for_files_harms_nobody() {
    let folder = folder();
    let trials = Trials::start(&["--login-timeout", "2s", "--web", &folder]);
    let websocket = request();
    for (attack, asked, status) in [
        ("with files: a header of 1 MB", header_lines(1, 1_000_000), "431"),
        ("with files: 10,000 headers", header_lines(10_000, 1), "431"),
        (
            "with files: a WebSocket with 10,000 headers",
            request_with(&"X: a\r\n".repeat(10_000)),
            "431",
        ),
        ("with files: lines that are no request", "X: a\r\n".repeat(100_000), "400"),
        ("with files: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "400"),
        ("with files: a path that leads out", get("/%2e%2e/%2e%2e/etc/passwd"), "404"),
        ("with files: 100,000 requests at once", get("/").repeat(100_000), "200"),
        ("with files: a request, then a WebSocket", format!("{}{websocket}", get("/")), "200"),
    ] {
        trials.run(attack, 4096, |server| {
            let answer = ask(server, asked.as_bytes());
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{attack}: {answer:?}");
            // What came after the first request is not answered.
            assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{attack}: {answer:?}");
            answer.lines().next().unwrap_or_default().to_owned()
        });
    }
    trials.run("with files: a byte a second", 4096, |server| {
        let mut stream = server.dial().expect("the server accepts");
        trickle(&mut stream, get("/").as_bytes(), Duration::from_secs(1), PATIENCE);
        "hung up".to_owned()
    });
    trials.run("with files: a body without an end", 4096, |server| {
        let mut stream = server.dial().expect("the server accepts");
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("there is room");
        let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
        let count = (0..10_000).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
        // What the system holds comes to what the server takes.
        assert!(count < 500, "the server took {count} chunks of 64 KiB");
        "hung up".to_owned()
    });
    trials.run("500 that read a file, and stay", 16 * 1024, |server| {
        let files = server.process().files();
        let streams: Vec<_> = (0..500).map(|_| answered(server, "/small.txt")).collect();
        let took = server.settle(files, PATIENCE);
        drop(streams);
        format!("hung up on {:.1} s after the last", took.as_secs_f64())
    });
    trials.finish(16 * 1024);
}

#[test]
fn who_asks_for_a_file_and_does_not_read_it_keeps_nobody_out() {
    let folder = folder();
    let trials = Trials::start(&["--web", &folder]);
    trials.server.process().allow_files(64);
    trials.run("200 that ask for 1 GB and read nothing, 64 open files", 8 * 1024, |server| {
        let asking = get("/large.bin");
        let crowd: Vec<_> = (0..200)
            .map(|_| {
                let mut stream = server.dial().expect("the system accepts");
                // It may have been hung up on already.
                let _ = stream.write_all(asking.as_bytes());
                stream
            })
            .collect();
        let start = Instant::now();
        drop(bound(server, "dave", "late"));
        let late = start.elapsed();
        assert!(late < SOON, "to log in took {late:?}");
        assert!(ask(server, get("/small.txt").as_bytes()).ends_with("small"));
        drop(crowd);
        format!("to log in took {} ms meanwhile", late.as_millis())
    });
    trials.finish(16 * 1024);
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

fn header_lines(count: usize, length: usize) -> String {
    let line = format!("X: {}\r\n", "a".repeat(length));
    get("/").replace("\r\n\r\n", &format!("\r\n{}\r\n", line.repeat(count)))
}

/// Writes all of it, reads then.
fn ask(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.dial().expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    // It need not read what nobody asked for.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        Ok(_) | Err(_) => String::from_utf8_lossy(&answer).into_owned(),
    }
}

/// A connection on which a file was asked for, and came.
fn answered(server: &Server, path: &str) -> TcpStream {
    let mut stream = server.dial().expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream.write_all(get(path).as_bytes()).expect("there is room");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it ends without a reset");
    assert!(answer.ends_with(b"small"), "{answer:?}");
    stream
}

/// A folder with a small file and a large one.
fn folder() -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile-web");
    fs::create_dir_all(&folder).expect("it can be made");
    for name in ["index.html", "small.txt"] {
        fs::write(folder.join(name), "small").expect("there is room");
    }
    // It takes no room: there is nothing in it.
    let large = File::create(folder.join("large.bin")).expect("there is room");
    large.set_len(1 << 30).expect("it may be as long");
    folder.to_str().expect("it is UTF-8").to_owned()
}

/// Less than anybody is waited for here.
const SOON: Duration = Duration::from_secs(5);

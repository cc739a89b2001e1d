//! More clients than the server may have open files.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::login::bound;
use crate::server::Server;
use crate::trials::Trials;

/// As many connections as by default are allowed, and the system allows much less.
#[test]
fn a_crowd_that_takes_all_open_files_locks_nobody_out() {
    let trials = Trials::start(&[]);
    trials.server.process().allow_files(FILES);
    trials.run("200 connections that say nothing, 64 open files", 8 * 1024, |server| {
        let crowd: Vec<_> = (0..200).map(|_| server.dial().expect("the system accepts")).collect();
        let late = log_in(server);
        // Those who came first were hung up on.
        for mut stream in crowd.into_iter().take(100) {
            stream.set_read_timeout(Some(SOON)).expect("it is not zero");
            assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
        }
        format!("hung up; to log in took {} ms meanwhile", late.as_millis())
    });
    trials.finish(8 * 1024);
}

/// How long a login takes.
fn log_in(server: &Server) -> Duration {
    let start = Instant::now();
    drop(bound(server, "dave", "late"));
    let late = start.elapsed();
    assert!(late < SOON, "to log in took {late:?}");
    late
}

/// Less than a connection may take to ask for a WebSocket.
const SOON: Duration = Duration::from_secs(5);
const FILES: u64 = 64;

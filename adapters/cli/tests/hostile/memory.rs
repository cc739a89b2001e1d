//! What many clients take who do nothing wrong.

use std::time::Duration;

use crate::login::{CLOSE, bound, message};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{FIN, TEXT, Wire, frame};

#[test]
fn an_idle_client_takes_little_and_gives_it_back() {
    let trials = Trials::start(&[]);
    let mut kept = Vec::new();
    for round in 1..=2 {
        let attack = format!("{CLIENTS} idle clients, round {round}");
        trials.run_costly(&attack, 32 * 1024, WORK, |server| {
            let told = idle(server, IDLE, |_| {});
            kept.push(server.process().resident());
            told
        });
    }
    // The allocator keeps what the first round took, and the second finds it there.
    let (first, last) = (kept.first().unwrap(), kept.last().unwrap());
    assert!(last.saturating_sub(*first) < 2048, "it grows from round to round: {kept:?} KiB");
    let attack = format!("{CLIENTS} idle clients who once wrote 200 kB");
    trials.run_costly(&attack, 100 * 1024, WORK, |server| {
        let letter = message("mallory@localhost/nobody", &"a".repeat(200_000));
        let letter = frame(FIN | TEXT, letter.as_bytes());
        idle(server, IDLE + LONGEST, |wire| {
            wire.bytes(&letter).unwrap();
            // Its error comes back.
            wire.next_text();
        })
    });
    trials.finish(24 * 1024);
}

/// Has many clients log in and do something, and tells what each holds.
fn idle(server: &Server, most: u64, each: impl Fn(&mut Wire)) -> String {
    let process = server.process();
    let (before, files) = (process.resident(), process.files());
    let users = ["mallory", "dave", "erin", "frank", "alice"];
    let mut wires = Vec::new();
    for number in 0..CLIENTS / users.len() {
        for user in users {
            let mut wire = bound(server, user, &format!("idle-{number}"));
            each(&mut wire);
            wires.push(wire);
        }
    }
    let held = process.resident().saturating_sub(before);
    for wire in &mut wires {
        wire.text(CLOSE);
    }
    for wire in wires {
        let words = wire.last_words(Duration::from_secs(20));
        assert!(words.closed && words.finished, "{words:?}");
    }
    server.settle(files, Duration::from_secs(10));
    let (each, after) = (held / CLIENTS as u64, process.resident().saturating_sub(before));
    assert!(each < most, "an idle client takes {each} KiB");
    format!("{each} KiB each, {after} KiB kept when all are gone")
}

const CLIENTS: usize = 200;
// In KiB: a read buffer of 8, a task of some 10 in a build without optimisation, and what a login leaves behind.
const IDLE: u64 = 64;
// The buffer that a long message was read into stays with the connection, for the next one.
const LONGEST: u64 = 256;
// 200 logins and 40 MB, by a build without optimisation.
const WORK: Duration = Duration::from_secs(15);

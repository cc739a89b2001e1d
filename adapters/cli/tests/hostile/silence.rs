//! Clients that stall, trickle or vanish.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::login::{Stage, bound, message, until};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{FIN, PONG, Seen, TEXT, Wire, frame, header, request};

/// Times short enough to be waited for.
pub(crate) const SHORT: [&str; 6] =
    ["--login-timeout", "2s", "--keepalive", "1s", "--answer-timeout", "1s"];

/// Three servers with clients that mostly wait, and so do it at the same time.
#[test]
fn who_is_silent_harms_nobody() {
    thread::scope(|scope| {
        scope.spawn(who_stalls_or_vanishes_is_given_up);
        scope.spawn(a_crowd_that_says_nothing_locks_nobody_out);
        scope.spawn(who_is_logged_in_makes_room_for_nobody);
    });
}

fn who_stalls_or_vanishes_is_given_up() {
    let trials = Trials::start(&SHORT);
    trials.run("logins that stall, in each phase", 8 * 1024, who_stalls);
    for (name, pause) in [("a byte a second", 1000), ("ten bytes a second", 100)] {
        let pause = Duration::from_millis(pause);
        trials.run(&format!("{name}: a request"), 4096, |server| {
            let mut stream = server.dial().expect("the server accepts");
            trickle(&mut stream, request().as_bytes(), pause, SOON);
            "hung up".to_owned()
        });
        trials.run(&format!("{name}: <open/>, a message"), 4096, |server| {
            let slow = frame(FIN | TEXT, &[b' '; 1000]);
            thread::scope(|scope| {
                scope.spawn(|| trickled(until(server, Stage::Upgraded, "", ""), &slow, pause));
                scope.spawn(|| trickled(bound(server, "mallory", "slow"), &slow, pause));
            });
            "each connection-timeout, close, 1000".to_owned()
        });
    }
    trials.run("a header that nothing follows", 4096, who_only_promises);
    trials.run("20 clients that vanish, one who is quiet", 8 * 1024, who_vanishes);
    trials.run("10 clients that hang up by half", 4096, who_hangs_up_by_half);
    trials.finish(12 * 1024);
}

fn who_stalls(server: &Server) -> String {
    let stall = |stage| {
        let start = Instant::now();
        let wire = until(server, stage, "mallory", "stall");
        let told = wire.last_words(SOON).told();
        assert_eq!(told, "connection-timeout, close, 1000", "{stage:?}");
        assert!(start.elapsed() < SOON, "{stage:?}");
    };
    thread::scope(|scope| {
        for stage in [
            Stage::Upgraded,
            Stage::Opened,
            Stage::Challenged,
            Stage::Authenticated,
            Stage::Restarted,
        ] {
            scope.spawn(move || stall(stage));
        }
    });
    "each connection-timeout, close, 1000".to_owned()
}

fn who_only_promises(server: &Server) -> String {
    thread::scope(|scope| {
        // Before the login less is taken, but the whole message has to be there to be refused: its time is over before
        // that.
        for (stage, length) in [(Stage::Bound, 200_000), (Stage::Opened, 20_000)] {
            scope.spawn(move || {
                let mut wire = until(server, stage, "mallory", "header");
                wire.bytes(&header(FIN | TEXT, length))
                    .expect("it works on a connection that is open");
                let told = wire.last_words(SOON).told();
                assert_eq!(told, "connection-timeout, close, 1000", "{stage:?}");
            });
        }
    });
    "each connection-timeout, close, 1000".to_owned()
}

fn who_vanishes(server: &Server) -> String {
    let mut quiet = bound(server, "mallory", "quiet");
    let files = server.process().files();
    let wires: Vec<_> =
        (0..20).map(|number| bound(server, "mallory", &format!("half-{number}"))).collect();
    let took = thread::scope(|scope| {
        let settled = scope.spawn(|| server.settle(files, SOON));
        // Whoever answers its pings stays.
        while !settled.is_finished() {
            match quiet.next(SOON) {
                Seen::Ping(data) => quiet
                    .bytes(&frame(FIN | PONG, &data))
                    .expect("it works on a connection that is open"),
                other => panic!("{other:?} where a ping is due"),
            }
        }
        settled.join().expect("they are gone")
    });
    for wire in wires {
        assert_eq!(wire.last_words(SOON).condition.as_deref(), Some("connection-timeout"));
    }
    format!("each connection-timeout, gone after {:.1} s", took.as_secs_f64())
}

fn who_hangs_up_by_half(server: &Server) -> String {
    let files = server.process().files();
    let stages = [Stage::Upgraded, Stage::Opened, Stage::Challenged, Stage::Restarted];
    let wires = (0..10_usize).map(|number| match stages.get(number) {
        Some(stage) => until(server, *stage, "mallory", ""),
        None => bound(server, "mallory", &format!("by-half-{number}")),
    });
    // They say that they write no more, and would read for ever.
    let wires: Vec<_> = wires
        .map(|mut wire| {
            wire.finish();
            wire
        })
        .collect();
    let took = server.settle(files, SOON);
    for mut wire in wires {
        assert_eq!(wire.next(SOON), Seen::End);
    }
    format!("hung up on after {:.1} s", took.as_secs_f64())
}

fn a_crowd_that_says_nothing_locks_nobody_out() {
    // The server takes as many as by default, and the crowd alone is as many.
    let trials = Trials::start(&["--login-timeout", "1s"]);
    allow_open_files();
    let mut resident = Vec::new();
    for (who, upgraded) in
        [("connections", false), ("WebSockets", true), ("WebSockets again", true)]
    {
        let attack = format!("1,000 {who} that say nothing");
        trials.run_costly(&attack, 64 * 1024, Duration::from_secs(10), |server| {
            let files = server.process().files();
            let start = Instant::now();
            let mut all = Vec::new();
            let mut streams = Vec::new();
            for _ in 0..1000 {
                if upgraded {
                    all.extend(Wire::try_open(server).ok());
                } else {
                    streams.extend(server.dial().ok());
                }
            }
            let opened = start.elapsed();
            let start = Instant::now();
            drop(bound(server, "dave", "late"));
            let late = start.elapsed();
            assert!(late < SOON, "to log in took {late:?}");
            server.settle(files, opened + SOON);
            resident.push(server.process().resident());
            format!("hung up; to log in took {} ms meanwhile", late.as_millis())
        });
    }
    // The allocator keeps what the crowd took, and the next one finds it there.
    let [_, first, again] = resident.as_slice() else { panic!("three crowds") };
    assert!(again.saturating_sub(*first) < 8 * 1024, "it grows: {resident:?} KiB");
    trials.finish(64 * 1024);
}

fn who_is_logged_in_makes_room_for_nobody() {
    let trials = Trials::start(&["--max-connections", "5"]);
    trials.run("5 connections, 3 with a login, and 2 more", 4096, |server| {
        let mut member = bound(server, "mallory", "member");
        let _strangers = [
            server.dial().expect("the server accepts"),
            server.dial().expect("the server accepts"),
        ];
        let _dave = bound(server, "dave", "late");
        let _erin = bound(server, "erin", "later");
        let refused = Wire::try_open(server).err().map(|error| error.to_string());
        assert!(refused.as_ref().is_some_and(|it| it.contains(" 503 ")), "{refused:?}");
        member.text(&message("mallory@localhost/member", "me"));
        assert!(member.next_text().contains("<body>me</body>"));
        "2 strangers cut off, then 503".to_owned()
    });
    trials.finish(8 * 1024);
}

/// Has this process and the servers that it starts have as many open files as the crowd takes, beside other tests.
fn allow_open_files() {
    let limits = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= FILES);
    if !enough(limits.current) {
        assert!(enough(limits.maximum), "{FILES} open files are not allowed: {limits:?}");
        let limits = Rlimit { current: Some(FILES), ..limits };
        setrlimit(Resource::Nofile, limits).expect("it is no more than may be");
    }
}

/// The client writes a byte now and then, and listens.
fn trickled(wire: Wire, bytes: &[u8], pause: Duration) {
    let mut writing = wire.stream();
    let told = thread::scope(|scope| {
        scope.spawn(move || trickle(&mut writing, bytes, pause, SOON));
        wire.last_words(SOON).told()
    });
    assert!(told.starts_with("connection-timeout, close, 1000"), "{told}");
}

/// Writes a byte after each pause, until the server has hung up.
pub(crate) fn trickle(stream: &mut impl Write, bytes: &[u8], pause: Duration, within: Duration) {
    let start = Instant::now();
    for byte in bytes {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        assert!(start.elapsed() < within, "the server waits on");
        thread::sleep(pause);
    }
    panic!("the server took all of it");
}

/// The two seconds, what a hang-up may take, and what a busy machine adds.
const SOON: Duration = Duration::from_secs(12);
/// The crowd has a thousand at a time, and other tests some.
const FILES: u64 = 1800;

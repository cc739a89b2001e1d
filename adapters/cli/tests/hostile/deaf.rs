//! Clients that never read.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::login::{bound, message};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{FIN, PING, PONG, Seen, TEXT, Wire, frame};

/// Two servers with clients that mostly wait, and so do it at the same time.
#[test]
fn who_does_not_read_harms_nobody_and_who_does_gets_all() {
    thread::scope(|scope| {
        scope.spawn(who_never_reads_is_ended_and_its_senders_are_told);
        scope.spawn(who_reads_late_or_slowly_gets_all);
    });
}

fn who_never_reads_is_ended_and_its_senders_are_told() {
    let trials = Trials::start(&["--keepalive", "1s", "--answer-timeout", "1s"]);
    trials.run_costly("who never reads, is silent, pings, talks", 3 * MEMORY, WORK, |server| {
        let files = server.process().files();
        let talk = message("mallory@localhost/nobody", "a");
        let told: Vec<String> = thread::scope(|scope| {
            let senders: Vec<_> = [
                ("silent", None),
                ("pings", Some(frame(FIN | PING, b"here"))),
                ("talks", Some(frame(FIN | TEXT, talk.as_bytes()))),
            ]
            .map(|(name, said)| scope.spawn(move || written_to(server, name, said.as_deref())))
            .into();
            senders.into_iter().map(|it| it.join().expect("its sender was told")).collect()
        });
        server.settle(files, SOON);
        format!("hung up; their senders are told: {}", told.join(", "))
    });
    let attack = "who never reads, asks, writes or pings a lot";
    trials.run_costly(attack, 3 * MEMORY, WORK, |server| {
        let files = server.process().files();
        let id = "a".repeat(10_000);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut pinging = bound(server, "dave", "pings").stream();
                pinging
                    .set_write_timeout(Some(Duration::from_secs(1)))
                    .expect("it works on a connection that is open");
                let pings = frame(FIN | PING, &[b'a'; 125]).repeat(1000);
                // 50 MB of pongs: more than the system keeps for anybody.
                (0..400).take_while(|_| pinging.write_all(&pings).is_ok()).count()
            });
            for (name, said) in [
                (
                    "asks",
                    format!(
                        "<iq xmlns='jabber:client' type='get' id='{id}'>\
                         <ping xmlns='urn:xmpp:ping'/></iq>"
                    ),
                ),
                (
                    "nobody",
                    format!("<message xmlns='jabber:client' id='{id}' to='nobody@localhost'/>"),
                ),
                ("itself", message("dave@localhost/itself", &id)),
            ] {
                scope.spawn(move || {
                    let deaf = bound(server, "dave", name);
                    let mut talking = deaf.stream();
                    talking
                        .set_write_timeout(Some(SOON))
                        .expect("it works on a connection that is open");
                    let said = frame(FIN | TEXT, said.as_bytes());
                    let start = Instant::now();
                    while talking.write_all(&said).is_ok() {
                        assert!(start.elapsed() < SOON, "{name}: it is read from for ever");
                    }
                });
            }
        });
        server.settle(files, SOON);
        "hung up".to_owned()
    });
    trials.finish(16 * 1024);
}

fn who_reads_late_or_slowly_gets_all() {
    let trials = Trials::start(&["--answer-timeout", "1s"]);
    for (attack, pause, rest) in
        [("one who pauses, and reads all", 300, 0), ("one who takes 5 s to read all of it", 0, 5)]
    {
        trials.run_costly(attack, MEMORY, WORK, |server| {
            let mut slow = bound(server, "dave", "slow");
            let mut erin = bound(server, "erin", "sender");
            let mut writing = erin.stream();
            let letter = frame(FIN | TEXT, message("dave@localhost/slow", &letter()).as_bytes());
            let writer = thread::spawn(move || {
                (0..LETTERS).for_each(|_| writing.write_all(&letter).expect("it is read"));
            });
            thread::sleep(Duration::from_millis(pause));
            for number in 0..LETTERS {
                assert!(slow.next_text().contains("<body>"), "the message {number}");
                thread::sleep(Duration::from_millis(rest));
            }
            writer.join().expect("it only writes");
            let seen = erin.next(Duration::from_millis(50));
            assert_eq!(seen, Seen::Nothing, "nothing came back");
            "all delivered".to_owned()
        });
    }
    trials.finish(16 * 1024);
}

/// Somebody writes to one that never reads, until an answer tells why that is no use.
fn written_to(server: &Server, name: &str, said: Option<&[u8]>) -> String {
    let deaf = bound(server, "dave", name);
    let mut erin = bound(server, "erin", name);
    let letter = message(&format!("dave@localhost/{name}"), &letter());
    let letter = frame(FIN | TEXT, letter.as_bytes());
    let (mut writing, mut talking) = (erin.stream(), deaf.stream());
    let over = &AtomicBool::new(false);
    let error = thread::scope(|scope| {
        scope.spawn(move || {
            let mut write = || !over.load(Ordering::Relaxed) && writing.write_all(&letter).is_ok();
            (0..4000).take_while(|_| write()).count()
        });
        scope.spawn(move || {
            // It is ended when this fails.
            while said.is_some_and(|said| talking.write_all(said).is_ok()) {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let error = first_text(&mut erin);
        over.store(true, Ordering::Relaxed);
        error
    });
    let conditions = ["resource-constraint", "recipient-unavailable", "service-unavailable"];
    let condition = conditions.into_iter().find(|condition| error.contains(condition));
    format!("{name}: {}", condition.unwrap_or_else(|| panic!("{error}")))
}

fn first_text(wire: &mut Wire) -> String {
    loop {
        match wire.next(SOON) {
            Seen::Text(text) => return text,
            Seen::Ping(data) => {
                let _ = wire.bytes(&frame(FIN | PONG, &data));
            }
            other => panic!("{other:?} where an error is due"),
        }
    }
}

fn letter() -> String {
    "a".repeat(30_000)
}

/// The two seconds, what a hang-up may take, and what a busy machine adds.
const SOON: Duration = Duration::from_secs(25);
// 30 MB: more than the system keeps for anybody.
const LETTERS: usize = 1000;
// What waits for a client: 1 MiB with the router, 1 MiB with its stream, and as much again on the way back.
const MEMORY: u64 = 6 * 1024;
// Megabytes are read, sorted and thrown away, by a build without optimisation.
const WORK: Duration = Duration::from_secs(20);

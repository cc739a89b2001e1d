//! Much of what is small.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use crate::login::{CLOSE, Stage, bound, message, until};
use crate::trials::Trials;
use crate::wire::{FIN, PING, PONG, Seen, TEXT, frame};

#[test]
fn floods_of_small_things_cost_little() {
    let trials = Trials::start(&[]);
    for (attack, stage) in [
        ("a million one-byte messages", Stage::Bound),
        ("a million one-byte messages before the login", Stage::Upgraded),
    ] {
        trials.run(attack, 4096, |server| {
            let wire = until(server, stage, "mallory", "flood");
            let mut writing = wire.stream();
            // The first is wrong already; the server need not read the others.
            let some = frame(FIN | TEXT, b"a").repeat(10_000);
            let writer = thread::spawn(move || {
                (0..100).take_while(|_| writing.write_all(&some).is_ok()).count()
            });
            let words = wire.last_words(AT_ONCE);
            writer.join().unwrap();
            assert_eq!(words.condition.as_deref(), Some("not-well-formed"));
            assert!(words.closed);
            words.told()
        });
    }
    trials.run_costly("20,000 legal messages to nobody", 6 * 1024, WORK, |server| {
        let wire = bound(server, "mallory", "flood");
        let mut writing = wire.stream();
        let some = frame(FIN | TEXT, message("nobody@localhost", "a").as_bytes()).repeat(1000);
        let writer = thread::spawn(move || {
            (0..20).for_each(|_| writing.write_all(&some).expect("they are legal"));
            writing.write_all(&frame(FIN | TEXT, CLOSE.as_bytes())).expect("it reads");
        });
        let words = wire.last_words(LONG);
        writer.join().unwrap();
        assert_eq!(words.texts.len(), 20_000, "each is refused");
        assert!(words.closed && words.finished);
        "20,000 refusals of the stanzas".to_owned()
    });
    trials.run_costly("100,000 legal messages to somebody", 8 * 1024, 2 * WORK, |server| {
        let mut dave = bound(server, "dave", "flood");
        let wire = bound(server, "mallory", "flood");
        let mut writing = wire.stream();
        let some = frame(FIN | TEXT, message("dave@localhost/flood", "a").as_bytes()).repeat(1000);
        let writer = thread::spawn(move || {
            (0..100).for_each(|_| writing.write_all(&some).expect("they are legal"));
        });
        for number in 0..100_000 {
            assert!(dave.next_text().contains("<body>a</body>"), "the message {number}");
        }
        writer.join().unwrap();
        "all delivered".to_owned()
    });
    trials.run_costly("100,000 pings of 125 bytes, read", 4096, WORK, |server| {
        let mut wire = bound(server, "mallory", "flood");
        let mut writing = wire.stream();
        let some = frame(FIN | PING, &[b'a'; 125]).repeat(1000);
        let writer = thread::spawn(move || {
            (0..100).for_each(|_| writing.write_all(&some).expect("they are legal"));
            writing.write_all(&frame(FIN | TEXT, CLOSE.as_bytes())).expect("it reads");
        });
        let mut pongs = 0;
        loop {
            match wire.next(LONG) {
                Seen::Pong(data) => {
                    assert_eq!(data.len(), 125);
                    pongs += 1;
                }
                Seen::Text(text) if text.starts_with("<close") => break,
                other => panic!("{other:?}"),
            }
        }
        writer.join().unwrap();
        // RFC 6455 § 5.5.3: of several pings the last may be answered alone.
        assert!((1..=100_000).contains(&pongs));
        format!("{pongs} pongs")
    });
    trials.run("100,000 pongs that nobody asked for", 4096, |server| {
        let mut wire = bound(server, "mallory", "flood");
        wire.bytes(&frame(FIN | PONG, &[b'a'; 125]).repeat(100_000)).unwrap();
        wire.text(CLOSE);
        let words = wire.last_words(LONG);
        assert!(words.closed && words.texts.is_empty());
        "nothing".to_owned()
    });
    trials.run("20,000 presences, directed here and there", 8 * 1024, |server| {
        let mut wire = bound(server, "mallory", "flood");
        let mut writing = wire.stream();
        let writer = thread::spawn(move || {
            for number in 0..20_000 {
                let presence =
                    format!("<presence xmlns='jabber:client' to='dave@localhost/{number}'/>");
                writing.write_all(&frame(FIN | TEXT, presence.as_bytes())).expect("it is legal");
            }
        });
        writer.join().unwrap();
        wire.text(CLOSE);
        let start = Instant::now();
        while !wire.next_text().starts_with("<close") {
            assert!(start.elapsed() < LONG);
        }
        "nothing".to_owned()
    });
    trials.finish(12 * 1024);
}

const AT_ONCE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);
/// For the processor; in a build without optimisation, on a slow machine.
const WORK: Duration = Duration::from_secs(15);

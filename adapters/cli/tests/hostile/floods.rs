//! Much of what is small.

use std::iter::{once, repeat_n};
use std::time::{Duration, Instant};

use crate::login::{CLOSE, Stage, bound, message, until};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{FIN, PING, PONG, Seen, TEXT, frame};

#[test]
fn floods_of_small_things_cost_little() {
    let trials = Trials::start(&[]);
    for (attack, stage) in [
        ("a million one-byte messages", Stage::Bound),
        ("a million one-byte messages before the login", Stage::Upgraded),
    ] {
        trials.run(attack, 4096, |server| nonsense(server, stage));
    }
    trials.run_costly("20,000 legal messages to nobody", 6 * 1024, WORK, messages_to_nobody);
    let attack = "100,000 legal messages to somebody";
    trials.run_costly(attack, 8 * 1024, 2 * WORK, messages_to_somebody);
    trials.run_costly("100,000 pings of 125 bytes, read", 4096, WORK, pings);
    trials.run("100,000 pongs that nobody asked for", 4096, pongs);
    trials.run("20,000 presences, directed here and there", 8 * 1024, presences);
    trials.finish(12 * 1024);
}

fn nonsense(server: &Server, stage: Stage) -> String {
    let wire = until(server, stage, "mallory", "flood");
    // The first is wrong already; the server need not read the others.
    let writing = wire.flood(repeat_n(frame(FIN | TEXT, b"a").repeat(10_000), 100));
    let words = wire.last_words(AT_ONCE);
    writing.join().expect("it only writes");
    assert_eq!(words.condition.as_deref(), Some("not-well-formed"));
    assert!(words.closed);
    words.told()
}

fn messages_to_nobody(server: &Server) -> String {
    let wire = bound(server, "mallory", "flood");
    let some = text(&message("nobody@localhost", "a")).repeat(1000);
    let writing = wire.flood(repeat_n(some, 20).chain(once(text(CLOSE))));
    let words = wire.last_words(LONG);
    assert_eq!(writing.join().expect("it only writes"), 21, "they are legal");
    assert_eq!(words.texts.len(), 20_000, "each is refused");
    assert!(words.closed && words.finished);
    "20,000 refusals of the stanzas".to_owned()
}

fn messages_to_somebody(server: &Server) -> String {
    let mut dave = bound(server, "dave", "flood");
    let wire = bound(server, "mallory", "flood");
    let some = text(&message("dave@localhost/flood", "a")).repeat(1000);
    let writing = wire.flood(repeat_n(some, 100));
    for number in 0..100_000 {
        assert!(dave.next_text().contains("<body>a</body>"), "the message {number}");
    }
    assert_eq!(writing.join().expect("it only writes"), 100, "they are legal");
    "all delivered".to_owned()
}

fn pings(server: &Server) -> String {
    let mut wire = bound(server, "mallory", "flood");
    let some = frame(FIN | PING, &[b'a'; 125]).repeat(1000);
    let writing = wire.flood(repeat_n(some, 100).chain(once(text(CLOSE))));
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
    assert_eq!(writing.join().expect("it only writes"), 101, "they are legal");
    // RFC 6455 § 5.5.3: of several pings the last may be answered alone.
    assert!((1..=100_000).contains(&pongs));
    format!("{pongs} pongs")
}

fn pongs(server: &Server) -> String {
    let mut wire = bound(server, "mallory", "flood");
    let all = frame(FIN | PONG, &[b'a'; 125]).repeat(100_000);
    wire.bytes(&all).expect("they are legal");
    wire.text(CLOSE);
    let words = wire.last_words(LONG);
    assert!(words.closed && words.texts.is_empty());
    "nothing".to_owned()
}

fn presences(server: &Server) -> String {
    let mut wire = bound(server, "mallory", "flood");
    let writing = wire.flood((0..20_000).map(|number| {
        text(&format!("<presence xmlns='jabber:client' to='dave@localhost/{number}'/>"))
    }));
    assert_eq!(writing.join().expect("it only writes"), 20_000, "they are legal");
    wire.text(CLOSE);
    let start = Instant::now();
    while !wire.next_text().starts_with("<close") {
        assert!(start.elapsed() < LONG);
    }
    "nothing".to_owned()
}

fn text(text: &str) -> Vec<u8> {
    frame(FIN | TEXT, text.as_bytes())
}

const AT_ONCE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);
/// For the processor; in a build without optimisation, on a slow machine.
const WORK: Duration = Duration::from_secs(15);

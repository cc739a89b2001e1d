//! Messages that are too long, too deep or too wide.

use std::iter::{once, repeat_n};
use std::time::Duration;

use crate::login::{Stage, bound, message, until};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{CONTINUATION, FIN, LastWords, TEXT, Wire, frame, header};

#[test]
fn what_is_too_large_is_refused_and_the_peer_reads_why() {
    let trials = Trials::start(&[]);
    let to_alice = |length: usize| {
        frame(FIN | TEXT, message("alice@localhost", &"a".repeat(length)).as_bytes())
    };
    let around = message("alice@localhost", "").len();
    let promise = |length| header(FIN | TEXT, length);
    for (attack, stage, bytes) in [
        ("a header that promises 10 GB", Stage::Bound, promise(10_000_000_000)),
        ("a header that promises 10 GB, not logged in", Stage::Upgraded, promise(10_000_000_000)),
        ("a header that promises 300 kB", Stage::Bound, promise(300_000)),
        ("300 kB, all of it", Stage::Bound, to_alice(300_000)),
        ("256 KiB and a byte", Stage::Bound, to_alice(256 * 1024 + 1 - around)),
        ("20 kB before the login", Stage::Opened, to_alice(20_000)),
    ] {
        trials.run(attack, 4 * MIB, |server| {
            let mut wire = until(server, stage, "mallory", "huge");
            wire.bytes(&bytes).unwrap();
            too_long(wire.last_words(AT_ONCE))
        });
    }
    trials.run("12 MB, all of it, while it hears no", 4 * MIB, all_of_it);
    trials.run("1 GB in fragments of 60 kB", 4 * MIB, large_fragments);
    let attack = "a message of a million one-byte fragments";
    trials.run_costly(attack, 4 * MIB, WORK, small_fragments);
    trials.finish(8 * MIB);
}

fn all_of_it(server: &Server) -> String {
    let mut wire = bound(server, "mallory", "huge");
    let all = frame(FIN | TEXT, "a".repeat(12 * 1000 * 1000).as_bytes());
    // The whole of it is written before anything is read.
    wire.bytes(&all).expect("the server goes on to read, up to its bound");
    too_long(wire.last_words(AT_ONCE))
}

fn large_fragments(server: &Server) -> String {
    let mut wire = bound(server, "mallory", "huge");
    let part = "a".repeat(60_000);
    let first = frame(TEXT, part.as_bytes());
    let more = frame(CONTINUATION, part.as_bytes());
    // It is not to be written to the end: the server hangs up.
    let writing = wire.flood(once(first).chain(repeat_n(more, 1_000_000_000 / 60_000)));
    let why = reason(&mut wire);
    drop(wire);
    let fragments = writing.join().expect("it only writes");
    assert!(fragments < 1000, "the server read on for {fragments} fragments");
    why
}

fn small_fragments(server: &Server) -> String {
    let wire = bound(server, "mallory", "huge");
    let some = frame(CONTINUATION, b"a").repeat(10_000);
    let writing = wire.flood(once(frame(TEXT, b"a")).chain(repeat_n(some, 100)));
    let words = wire.last_words(LONG);
    writing.join().expect("it only writes");
    too_long(words)
}

#[test]
fn what_is_too_deep_or_too_wide_is_refused() {
    let trials = Trials::start(&[]);
    let many =
        |count: usize, each: &dyn Fn(usize) -> String| -> String { (0..count).map(each).collect() };
    let deep = format!("{}{}", "<a>".repeat(20_000), "</a>".repeat(20_000));
    let wide = format!("<a {}/>", many(15_000, &|n| format!(" a{n}=''")));
    let declared = format!("<a {}/>", many(10_000, &|n| format!(" xmlns:p{n}='u'")));
    let spread = format!(
        "{}{}",
        many(100, &|n| format!("<a xmlns:p{n}='u' xmlns:q{n}='u'>")),
        "</a>".repeat(100)
    );
    let name = "n".repeat(100_000);
    for (attack, content) in [
        ("20,000 nested elements", deep),
        ("15,000 attributes", wide),
        ("10,000 namespace declarations", declared),
        ("200 declarations in 100 nested elements", spread),
        ("an element's name of 100 kB", format!("<{name}/>")),
        ("an attribute's name of 100 kB", format!("<a {name}=''/>")),
        ("a prefix of 100 kB", format!("<a xmlns:{name}='u'/>")),
        ("a name in 20,000 elements that never end", "<a>".repeat(20_000)),
    ] {
        trials.run(attack, 4 * MIB, |server| {
            let mut wire = bound(server, "mallory", "large");
            wire.text(&format!("<message xmlns='jabber:client'>{content}</message>"));
            let words = wire.last_words(AT_ONCE);
            assert_eq!(words.told(), "policy-violation, close, 1000");
            words.told()
        });
    }
    trials.run("5,000 nested elements before the login", 4 * MIB, |server| {
        let mut wire = until(server, Stage::Upgraded, "", "");
        wire.text(&"<a>".repeat(5_000));
        let words = wire.last_words(AT_ONCE);
        assert_eq!(words.told(), "policy-violation, close, 1000");
        words.told()
    });
    trials.finish(8 * MIB);
}

/// The stream error, `<close/>` and the code, read in this order while the client writes on.
fn reason(wire: &mut Wire) -> String {
    let error = wire.next_text();
    assert!(error.contains("policy-violation"), "{error}");
    assert!(wire.next_text().starts_with("<close"));
    assert_eq!(wire.next(AT_ONCE), crate::wire::Seen::Close(Some(1009)));
    "policy-violation, close, 1009".to_owned()
}

fn too_long(words: LastWords) -> String {
    assert_eq!(words.told(), "policy-violation, close, 1009");
    words.told()
}

const MIB: u64 = 1024;
const AT_ONCE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(30);
// 262,145 frames are read, by a build without optimisation.
const WORK: Duration = Duration::from_secs(15);

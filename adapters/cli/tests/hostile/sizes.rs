//! Messages that are too long, too deep or too wide.

use std::io::Write;
use std::thread;
use std::time::Duration;

use crate::login::{Stage, bound, message, until};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{CONTINUATION, FIN, LastWords, TEXT, Wire, frame, header};

#[test]
fn what_is_too_large_is_refused_and_the_peer_reads_why() {
    let trials = Trials::start(&[]);
    let logged_in = |server: &Server| bound(server, "mallory", "huge");
    trials.run("a header that promises 10 GB", 4 * MIB, |server| {
        let mut wire = logged_in(server);
        wire.bytes(&header(FIN | TEXT, 10_000_000_000)).unwrap();
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("a header that promises 10 GB, not logged in", 4 * MIB, |server| {
        let mut wire = until(server, Stage::Upgraded, "", "");
        wire.bytes(&header(FIN | TEXT, 10_000_000_000)).unwrap();
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("a header that promises 300 kB", 4 * MIB, |server| {
        let mut wire = logged_in(server);
        wire.bytes(&header(FIN | TEXT, 300_000)).unwrap();
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("300 kB, all of it", 4 * MIB, |server| {
        let mut wire = logged_in(server);
        wire.text(&message("alice@localhost", &"a".repeat(300_000)));
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("256 KiB and a byte", 4 * MIB, |server| {
        let mut wire = logged_in(server);
        let around = message("alice@localhost", "").len();
        wire.text(&message("alice@localhost", &"a".repeat(256 * 1024 + 1 - around)));
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("20 kB before the login", 4 * MIB, |server| {
        let mut wire = until(server, Stage::Opened, "", "");
        wire.text(&message("alice@localhost", &"a".repeat(20_000)));
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("12 MB, all of it, while it hears no", 4 * MIB, |server| {
        let wire = logged_in(server);
        let mut writing = wire.stream();
        let all = frame(FIN | TEXT, "a".repeat(12 * 1000 * 1000).as_bytes());
        let writer = thread::spawn(move || writing.write_all(&all));
        // The whole of it is written before anything is read.
        writer.join().unwrap().expect("the server goes on to read, up to its bound");
        too_long(wire.last_words(AT_ONCE))
    });
    trials.run("1 GB in fragments of 60 kB", 4 * MIB, |server| {
        let mut wire = logged_in(server);
        let mut writing = wire.stream();
        let part = "a".repeat(60_000);
        let first = frame(TEXT, part.as_bytes());
        let more = frame(CONTINUATION, part.as_bytes());
        let writer = thread::spawn(move || {
            let _ = writing.write_all(&first);
            // It is not to be written to the end: the server hangs up.
            (1..1_000_000_000 / 60_000).take_while(|_| writing.write_all(&more).is_ok()).count()
        });
        let why = reason(&mut wire);
        drop(wire);
        let fragments = writer.join().unwrap();
        assert!(fragments < 1000, "the server read on for {fragments} fragments");
        why
    });
    trials.run_costly("a message of a million one-byte fragments", 4 * MIB, WORK, |server| {
        let wire = logged_in(server);
        let mut writing = wire.stream();
        let some = frame(CONTINUATION, b"a").repeat(10_000);
        let writer = thread::spawn(move || {
            let _ = writing.write_all(&frame(TEXT, b"a"));
            (0..100).take_while(|_| writing.write_all(&some).is_ok()).count()
        });
        let words = wire.last_words(LONG);
        writer.join().unwrap();
        too_long(words)
    });
    trials.finish(8 * MIB);
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

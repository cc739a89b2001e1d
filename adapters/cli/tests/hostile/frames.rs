//! What no WebSocket may say.

use std::time::Duration;

use crate::login::{CLOSE, Stage, bound, until};
use crate::trials::Trials;
use crate::wire::{
    BINARY, CLOSE as CLOSE_FRAME, CONTINUATION, FIN, PING, PONG, Seen, TEXT, frame, header,
};

#[test]
fn each_broken_rule_of_the_websocket_ends_with_its_code() {
    let trials = Trials::start(&[]);
    let protocol = "bad-format, close, 1002";
    for (attack, bytes, told) in [
        ("binary", frame(FIN | BINARY, b"<presence/>"), "bad-format, close, 1003"),
        ("empty binary", frame(FIN | BINARY, b""), "bad-format, close, 1003"),
        ("invalid UTF-8", frame(FIN | TEXT, b"<a>\xFF</a>"), "unsupported-encoding, close, 1007"),
        ("an overlong form", frame(FIN | TEXT, b"\xC0\xBC"), "unsupported-encoding, close, 1007"),
        ("a surrogate", frame(FIN | TEXT, b"\xED\xA0\x80"), "unsupported-encoding, close, 1007"),
        ("half a character", frame(FIN | TEXT, b"<a>\xC3"), "unsupported-encoding, close, 1007"),
        ("RSV1", frame(FIN | 0x40 | TEXT, b"<presence/>"), protocol),
        ("RSV2", frame(FIN | 0x20 | TEXT, b"<presence/>"), protocol),
        ("RSV3", frame(FIN | 0x10 | TEXT, b"<presence/>"), protocol),
        ("the reserved opcode 3", frame(FIN | 0x3, b""), protocol),
        ("the reserved opcode 7", frame(FIN | 0x7, b"abc"), protocol),
        ("the reserved opcode 11", frame(FIN | 0xB, b""), protocol),
        ("the reserved opcode 15", frame(FIN | 0xF, b"abc"), protocol),
        ("a frame without a mask", [&[FIN | TEXT, 11], &b"<presence/>"[..]].concat(), protocol),
        ("a ping in fragments", frame(PING, b"a"), protocol),
        ("a pong in fragments", frame(PONG, b"a"), protocol),
        ("a close frame in fragments", frame(CLOSE_FRAME, &[3, 232]), protocol),
        ("a ping of 126 bytes", frame(FIN | PING, &[b'a'; 126]), protocol),
        ("a close frame of one byte", frame(FIN | CLOSE_FRAME, b"\x03"), protocol),
        ("a continuation of nothing", frame(CONTINUATION, b"a"), protocol),
        ("the last of nothing", frame(FIN | CONTINUATION, b"a"), protocol),
        (
            "a text within a text",
            [frame(TEXT, b"<a>"), frame(FIN | TEXT, b"<presence/>")].concat(),
            protocol,
        ),
        (
            "binary within a text",
            [frame(TEXT, b"<a>"), frame(FIN | BINARY, b"")].concat(),
            protocol,
        ),
    ] {
        trials.run(attack, 4096, |server| {
            let mut wire = bound(server, "mallory", "frames");
            wire.bytes(&bytes).unwrap();
            let words = wire.last_words(AT_ONCE);
            assert_eq!(words.told(), told, "{attack}");
            words.told()
        });
        let mut wire = until(&trials.server, Stage::Upgraded, "", "");
        wire.bytes(&bytes).unwrap();
        assert_eq!(wire.last_words(AT_ONCE).told(), told, "{attack}, before the login");
    }
    trials.run("a ping whose header promises 10 GB", 4096, |server| {
        let mut wire = bound(server, "mallory", "frames");
        wire.bytes(&header(FIN | PING, 10_000_000_000)).unwrap();
        let words = wire.last_words(AT_ONCE);
        assert_eq!(words.told(), "policy-violation, close, 1009");
        words.told()
    });
    trials.finish(8 * 1024);
}

#[test]
fn odd_but_legal_frames_are_taken() {
    let trials = Trials::start(&[]);
    trials.run("a stanza in 1-byte fragments, with pings", 4096, |server| {
        let mut wire = bound(server, "mallory", "odd");
        let ping =
            b"<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";
        let mut bytes = frame(TEXT, b"");
        for byte in ping {
            bytes.extend(frame(CONTINUATION, &[*byte]));
            bytes.extend(frame(FIN | PING, b"?"));
        }
        bytes.extend(frame(FIN | CONTINUATION, b""));
        wire.bytes(&bytes).unwrap();
        let answer = wire.next_text();
        assert!(answer.contains("type=\"result\"") || answer.contains("type='result'"), "{answer}");
        wire.text(CLOSE);
        let words = wire.last_words(AT_ONCE);
        assert!(words.closed && words.finished);
        "answered".to_owned()
    });
    trials.run("10,000 empty fragments, then 300 kB", 4096, |server| {
        let mut wire = bound(server, "mallory", "odd");
        wire.bytes(&frame(TEXT, b"")).unwrap();
        wire.bytes(&frame(CONTINUATION, b"").repeat(10_000)).unwrap();
        wire.bytes(&frame(FIN | CONTINUATION, " ".repeat(300_000).as_bytes())).unwrap();
        let words = wire.last_words(AT_ONCE);
        assert_eq!(words.told(), "policy-violation, close, 1009");
        words.told()
    });
    trials.run("a close frame with the code 1005", 4096, |server| {
        let mut wire = bound(server, "mallory", "odd");
        wire.bytes(&frame(FIN | CLOSE_FRAME, &1005_u16.to_be_bytes())).unwrap();
        let seen = wire.next(AT_ONCE);
        assert_eq!(seen, Seen::Close(Some(1002)));
        "1002".to_owned()
    });
    trials.finish(8 * 1024);
}

const AT_ONCE: Duration = Duration::from_secs(10);

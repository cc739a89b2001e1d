//! `xmpp-ws demo`.

use std::time::{Duration, Instant};

use crate::process::run;

#[test]
fn it_shows_a_conversation_quickly() {
    let begin = Instant::now();
    let output = run(&["demo"], b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "alice --> server  opens a stream to localhost",
        "bob <-- server  a message from alice@localhost/balcony",
        "<ping xmlns='urn:xmpp:ping'/>",
        "<-- server  refuses: not-authorized",
        "closes the WebSocket, too (code 1000)",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.contains('\u{1b}'), "no colours where nobody sees them");
    }
}

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
    // What was lost on the wire is sent again, by both sides, and nothing comes twice.
    let (before, after) = text.split_once("  bob <-- server  the connection is gone").unwrap();
    let (refused, resumed) = after.split_once("<resumed ").unwrap();
    assert!(refused.contains("<resume "), "{refused}");
    for (which, body, before_it, after_it) in [
        ("bob --> server", "By a name I know not", 1, 1),
        ("alice <-- server", "By a name I know not", 0, 1),
        ("alice --> server", "How cam'st thou hither", 1, 0),
        ("bob <-- server", "How cam'st thou hither", 0, 1),
        ("bob <-- server", "The orchard walls", 0, 1),
    ] {
        assert_eq!(frames(before, which, body), before_it, "{which} {body}, before");
        assert_eq!(frames(resumed, which, body), after_it, "{which} {body}, after");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.contains('\u{1b}'), "no colours where nobody sees them");
    }
}

/// How many frames go this way and have this in them. They are broken into lines at spaces, too.
fn frames(text: &str, way: &str, content: &str) -> usize {
    let mut lines = text.lines().peekable();
    let mut found = 0;
    while let Some(line) = lines.next() {
        let mut frame = String::new();
        while let Some(part) = lines.next_if(|it| it.starts_with("          ")) {
            frame.push_str(part.trim());
        }
        let has_content = frame.replace(' ', "").contains(&content.replace(' ', ""));
        found += usize::from(line.trim_start().starts_with(way) && has_content);
    }
    found
}

//! `xmpp-ws check`.

use serde_json::{Value, json};

use crate::process::run;

fn check(more: &[&str], messages: &[&str]) -> (Vec<Value>, Option<i32>) {
    let input: String = messages.iter().map(|it| json!(it).to_string() + "\n").collect();
    let output = run(&[&["check"], more].concat(), input.as_bytes());
    let lines = String::from_utf8(output.stdout).unwrap();
    let verdicts = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (verdicts, output.status.code())
}

#[test]
fn good_messages_are_told_apart() {
    const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
    const STREAMS: &str = "http://etherx.jabber.org/streams";
    let table = [
        (
            "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='h' version='1.0'/>",
            "open",
            "open",
            FRAMING,
        ),
        ("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />", "close", "close", FRAMING),
        (
            "<s:features xmlns:s='http://etherx.jabber.org/streams'/>",
            "features",
            "features",
            STREAMS,
        ),
        ("<error xmlns='http://etherx.jabber.org/streams'/>", "error", "error", STREAMS),
        (
            "<message xmlns='jabber:client'><body>\u{1f600}</body></message>",
            "message",
            "message",
            "jabber:client",
        ),
        ("<presence xmlns='jabber:client'/>", "presence", "presence", "jabber:client"),
        ("<iq xmlns='jabber:client' type='get' id='1'/>", "iq", "iq", "jabber:client"),
        ("<r xmlns='urn:xmpp:sm:3'/>", "nonza", "r", "urn:xmpp:sm:3"),
    ];
    let messages = table.map(|(message, ..)| message);
    let (verdicts, status) = check(&["--strict"], &messages);
    assert_eq!(status, Some(0));
    for (verdict, (message, kind, name, ns)) in verdicts.iter().zip(table) {
        assert_eq!(
            *verdict,
            json!({"ok": true, "kind": kind, "name": name, "ns": ns}),
            "{message}"
        );
    }
}

#[test]
fn bad_messages_are_told_with_layer_condition_and_place() {
    let deep = ["<a>".repeat(200), "</a>".repeat(200)].concat();
    let table = [
        ("<message xmlns='jabber:client'><body>\u{fc}</message>", "xml", "not-well-formed", 41),
        ("<a/>text", "xml", "not-well-formed", 4),
        ("<a b='1' b='2'/>", "xml", "not-well-formed", 9),
        ("<a><?pi?></a>", "xml", "restricted-xml", 3),
        ("<!DOCTYPE a><a/>", "xml", "restricted-xml", 0),
        ("<a>&uuml;</a>", "xml", "restricted-xml", 3),
        ("<message xmlns='jabber:server'/>", "protocol", "invalid-namespace", 0),
        (&deep, "limit", "policy-violation", 384),
    ];
    let messages = table.map(|(message, ..)| message);
    let (verdicts, status) = check(&[], &messages);
    assert_eq!(status, Some(1));
    for (verdict, (message, layer, condition, offset)) in verdicts.iter().zip(table) {
        assert!(verdict["detail"].is_string());
        let expected = json!({
            "ok": false, "layer": layer, "condition": condition, "offset": offset,
            "detail": verdict["detail"],
        });
        assert_eq!(*verdict, expected, "{message}");
    }
}

#[test]
fn strict_puts_up_with_less() {
    let messages = [
        "<?xml version='1.0'?><open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        "<stream:error><x/></stream:error>",
        "<c:message xmlns:c='jabber:client'/>",
    ];
    for (more, expected) in [(&[][..], true), (&["--strict"], false)] {
        let (verdicts, status) = check(more, &messages);
        assert!(verdicts.iter().all(|verdict| verdict["ok"] == expected), "{verdicts:?}");
        assert_eq!(status, Some(i32::from(!expected)));
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let output = run(&["check"], b"\"<a/>\"\n<a/>\n");
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("line 2") && words.contains("--raw"), "{words}");
}

/// A line is not the message: that is empty as `""`, or as an empty line with `--raw`.
#[test]
fn an_empty_line_holds_no_message() {
    let answers = |arguments: &[&str], input: &[u8]| {
        let output = run(arguments, input);
        let lines = String::from_utf8(output.stdout).unwrap();
        (lines.matches(r#""ok":true"#).count(), lines.lines().count(), output.status.code())
    };
    assert_eq!(answers(&["check"], b"\n\"<a/>\"\n\n \t\r\n\"<b/>\"\r\n\n"), (2, 2, Some(0)));
    assert_eq!(answers(&["check"], b""), (0, 0, Some(0)));
    assert_eq!(answers(&["check"], b"\"\"\n"), (0, 1, Some(1)));
    assert_eq!(answers(&["check", "--raw"], b"<a/>\n\n"), (1, 2, Some(1)));
}

#[test]
fn raw_lines_are_taken_as_they_are() {
    let output = run(&["check", "--raw"], b"<a/>\n\"<a/>\"\n<a>\xff</a>\n");
    let lines = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<_> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    assert_eq!(verdicts[0]["ok"], true);
    assert_eq!(verdicts[1]["condition"], "not-well-formed");
    assert_eq!(verdicts[2]["condition"], "unsupported-encoding");
    assert_eq!(verdicts[2]["offset"], 3);
}

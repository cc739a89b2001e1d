//! `xmpp-ws connect` over more than one connection: nothing is lost in silence, nothing is sent twice.

use serde_json::{Value, json};
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES, REQUEST, answer, resumed, stanza};
use xmpp_ws_tests::solo::{BIND_FEATURES, SERVER_OPEN, stream_error};

use crate::peer::{Line, Peer};
use crate::process::Process;

const RESUME: &str = "<resume xmlns='urn:xmpp:sm:3' h='0' previd='s-1'/>";

fn failed(h: u32) -> String {
    format!(
        "<failed xmlns='urn:xmpp:sm:3' h='{h}'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    )
}

fn acked(client: &mut Process) -> String {
    let event = client.event();
    assert_eq!(event["event"], "acked", "{event}");
    event["xml"].as_str().unwrap().to_owned()
}

fn disconnected(client: &mut Process, reason: &str) -> Value {
    let event = client.event();
    assert_eq!((&event["event"], &event["reason"]), (&json!("disconnected"), &json!(reason)));
    event
}

/// The client leaves in good order, with this exit status.
fn leaves(mut client: Process, line: Line<'_>, status: i32) {
    line.sees_close();
    assert_eq!(client.event(), json!({"event": "closed"}));
    assert_eq!(client.status().code(), Some(status));
}

#[test]
fn a_cut_loses_nothing_and_doubles_nothing() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    client.says(&stanza("1"));
    client.says(&stanza("2"));
    assert_eq!([line.hears(), line.hears()], [stanza("1"), stanza("2")]);
    line.cut();
    let event = disconnected(&mut client, "connection-lost");
    assert_eq!(event["resumable"], true);
    assert!((0.25..=2.0).contains(&event["again_in"].as_f64().unwrap()), "{event}");
    // What is said meanwhile waits.
    client.says(&stanza("3"));

    let (mut line, request) = peer.comes_back();
    assert_eq!(request, RESUME);
    line.says(resumed(1));
    assert_eq!(line.takes(1, 2), [stanza("2"), stanza("3")]);
    assert_eq!(client.event(), json!({"event": "resumed"}));
    for id in ["1", "2", "3"] {
        assert_eq!(acked(&mut client), stanza(id));
    }
    client.ends_input();
    leaves(client, line, 0);
}

#[test]
fn the_end_of_the_input_waits_for_what_was_sent() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    for id in ["1", "2"] {
        client.says(&stanza(id));
    }
    client.ends_input();
    // It is asked for at once, and the stream is closed when all is answered for.
    assert_eq!([line.hears(), line.hears()], [stanza("1"), stanza("2")]);
    assert_eq!(line.hears(), REQUEST);
    line.says(answer(1));
    assert_eq!(acked(&mut client), stanza("1"));
    assert_eq!(line.hears(), REQUEST);
    line.says(answer(2));
    assert_eq!(acked(&mut client), stanza("2"));
    leaves(client, line, 0);
}

#[test]
fn the_end_of_the_input_waits_for_a_connection() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    client.says(&stanza("1"));
    line.hears();
    line.cut();
    disconnected(&mut client, "connection-lost");
    client.says(&stanza("2"));
    client.ends_input();

    let (line, _) = peer.comes_back();
    // And for the next one, when that breaks, too.
    line.cut();
    disconnected(&mut client, "connection-lost");
    let (mut line, request) = peer.comes_back();
    assert_eq!(request, RESUME);
    line.says(resumed(1));
    assert_eq!(line.takes(1, 1), [stanza("2")]);
    assert_eq!(client.event()["event"], "resumed");
    assert_eq!([acked(&mut client), acked(&mut client)], [stanza("1"), stanza("2")]);
    leaves(client, line, 0);
}

#[test]
fn the_input_waits_when_there_is_no_room() {
    let peer = Peer::new();
    let (mut client, line) = peer.session(&[]);
    line.cut();
    disconnected(&mut client, "connection-lost");
    // About twice as many as the client holds.
    let sent: Vec<_> = (0..2000).map(|id| stanza(&id.to_string())).collect();
    for stanza in &sent {
        client.says(stanza);
    }
    client.ends_input();
    let (mut line, _) = peer.comes_back();
    line.says(resumed(0));
    assert_eq!(line.takes(0, sent.len()), sent);
    assert_eq!(client.event()["event"], "resumed");
    for stanza in sent {
        assert_eq!(acked(&mut client), stanza);
    }
    leaves(client, line, 0);
}

#[test]
fn a_session_that_is_gone_hands_back_what_the_server_does_not_have() {
    // Whoever still writes can write it again; after the end of the input it is lost.
    for (ends_before, status) in [(false, 0), (true, 1)] {
        let peer = Peer::new();
        let (mut client, mut line) = peer.session(&[]);
        client.says(&stanza("1"));
        client.says(&stanza("2"));
        line.hears();
        line.hears();
        line.cut();
        disconnected(&mut client, "connection-lost");
        client.says(&stanza("3"));
        if ends_before {
            client.ends_input();
        }
        let (mut line, _) = peer.comes_back();
        line.says(failed(1));
        line.binds();
        line.enables();
        assert_eq!(line.takes(0, 1), [stanza("3")]);
        let lost = json!({"event": "not-resumed", "condition": "item-not-found"});
        assert_eq!(client.event(), lost);
        assert_eq!(acked(&mut client), stanza("1"));
        let undelivered = json!({"event": "undelivered", "xml": [stanza("2")], "written": [true]});
        assert_eq!(client.event(), undelivered);
        assert_eq!(client.event()["event"], "bound");
        assert_eq!(acked(&mut client), stanza("3"));
        if !ends_before {
            client.ends_input();
        }
        leaves(client, line, status);
    }
}

#[test]
fn lines_wait_while_a_new_session_is_bound() {
    let peer = Peer::new();
    let (mut client, line) = peer.session(&[]);
    line.cut();
    disconnected(&mut client, "connection-lost");
    let (mut line, _) = peer.comes_back();
    line.says(failed(0));
    assert_eq!(client.event()["event"], "not-resumed");
    let request = line.hears();
    // Between two sessions the client takes none.
    for id in ["1", "2"] {
        client.says(&stanza(id));
    }
    line.answers_bind(&request);
    line.enables();
    client.ends_input();
    assert_eq!(line.takes(0, 2), [stanza("1"), stanza("2")]);
    assert_eq!(client.event()["event"], "bound");
    assert_eq!([acked(&mut client), acked(&mut client)], [stanza("1"), stanza("2")]);
    leaves(client, line, 0);
}

#[test]
fn a_redirect_is_followed() {
    let (here, there) = (Peer::new(), Peer::new());
    let mut client = here.client(&["--json"]);
    let mut line = here.accepts();
    line.hears();
    line.says(SERVER_OPEN);
    line.says(format!(
        r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" see-other-uri="{}"/>"#,
        there.url()
    ));
    let mut line = there.accepts();
    line.logs_in(MANAGED_FEATURES);
    line.binds();
    line.enables();
    assert_eq!(
        client.event(),
        json!({"event": "redirected", "uri": there.url(), "followed": true})
    );
    let event = disconnected(&mut client, "see-other-uri");
    assert_eq!(event["again_in"], 0.0);
    assert_eq!(client.event()["event"], "bound");
    client.ends_input();
    leaves(client, line, 0);
}

#[test]
fn a_clean_close_is_the_end() {
    let peer = Peer::new();
    let (mut client, line) = peer.session(&[]);
    line.closes();
    assert_eq!(client.event(), json!({"event": "closed"}));
    assert_eq!(client.status().code(), Some(0));

    let (mut client, mut line) = peer.session(&[]);
    client.says(&stanza("1"));
    line.hears();
    line.closes();
    let undelivered = json!({"event": "undelivered", "xml": [stanza("1")], "written": [true]});
    assert_eq!(client.event(), undelivered);
    assert_eq!(client.event(), json!({"event": "closed"}));
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn only_an_error_that_passes_is_followed_by_another_connection() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    line.says(stream_error("internal-server-error"));
    line.closes();
    assert_eq!(disconnected(&mut client, "internal-server-error")["resumable"], true);

    let (mut line, _) = peer.comes_back();
    line.says(resumed(0));
    assert_eq!(client.event()["event"], "resumed");
    line.says(stream_error("conflict"));
    line.closes();
    let event = client.event();
    assert_eq!((&event["event"], &event["condition"]), (&json!("error"), &json!("conflict")));
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn it_can_be_told_to_do_with_one_connection() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&["--no-reconnect"]);
    client.says(&stanza("1"));
    line.hears();
    line.cut();
    assert_eq!(client.event()["event"], "undelivered");
    let event = disconnected(&mut client, "connection-lost");
    assert_eq!((&event["resumable"], event.get("again_in")), (&json!(false), None));
    let event = client.event();
    assert_eq!(
        (&event["event"], &event["condition"]),
        (&json!("error"), &json!("connection-lost"))
    );
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn it_can_be_told_to_do_without_stream_management() {
    let peer = Peer::new();
    let mut client = peer.client(&["--json", "--no-stream-management"]);
    let mut line = peer.accepts();
    line.logs_in(MANAGED_FEATURES);
    line.binds();
    assert_eq!(client.event()["event"], "bound");
    client.says(&stanza("1"));
    assert_eq!(line.hears(), stanza("1"));
    assert_eq!(client.event(), json!({"event": "unconfirmed", "xml": [stanza("1")]}));
    line.cut();
    assert_eq!(disconnected(&mut client, "connection-lost")["resumable"], false);
    client.says(&stanza("2"));
    client.ends_input();
    let mut line = peer.accepts();
    line.logs_in(BIND_FEATURES);
    line.binds();
    assert_eq!(line.hears(), stanza("2"));
    assert_eq!(client.event()["event"], "bound");
    assert_eq!(client.event()["event"], "unconfirmed");
    leaves(client, line, 0);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_though_there_is_no_connection() {
    let peer = Peer::new();
    let (mut client, line) = peer.session(&[]);
    line.cut();
    disconnected(&mut client, "connection-lost");
    client.says(&stanza("1"));
    // It is read, and waits.
    std::thread::sleep(std::time::Duration::from_millis(100));
    client.signal("TERM");
    let undelivered = json!({"event": "undelivered", "xml": [stanza("1")], "written": [false]});
    assert_eq!(client.event(), undelivered);
    assert_eq!(client.event()["event"], "error");
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn a_request_is_answered_though_there_was_no_room() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    // The server acknowledges nothing, so that there is no room after a while, and asks on.
    let sent: Vec<_> = (0..1200).map(|id| stanza(&id.to_string())).collect();
    for stanza in &sent {
        client.says(stanza);
    }
    let mut heard = 0;
    while heard < 1024 {
        heard += u32::from(line.hears() != REQUEST);
    }
    for id in 0..10 {
        line.says(format!(
            "<iq xmlns='jabber:client' type='get' id='q{id}' from='example.com'><query xmlns='q'/></iq>"
        ));
    }
    for _ in 0..10 {
        assert_eq!(client.event()["event"], "stanza");
    }
    line.says(answer(1024));
    let mut answers = Vec::new();
    while answers.len() < 10 {
        let heard = line.hears();
        if heard.contains("<service-unavailable") {
            answers.push(heard);
        }
    }
    for (id, answer) in answers.iter().enumerate() {
        assert!(answer.contains(&format!("id='q{id}'")), "{answer}");
    }
}

#[test]
fn people_are_told_of_it_in_words() {
    let peer = Peer::new();
    let mut client = peer.client(&[]);
    let mut line = peer.accepts();
    line.logs_in(MANAGED_FEATURES);
    line.binds();
    line.enables();
    assert_eq!(client.line(), "logged in as alice@example.com/r");
    client.says(&stanza("1"));
    assert_eq!(client.line(), format!("-> {}", stanza("1")));
    line.hears();
    line.cut();
    let words = client.line();
    let again = words.strip_prefix("disconnected: the connection was lost; trying again in ");
    assert!(again.is_some_and(|rest| rest.ends_with(" s")), "{words}");
    let (mut line, _) = peer.comes_back();
    line.says(failed(0));
    line.binds();
    assert_eq!(line.hears(), "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    line.says(ENABLED);
    assert_eq!(client.line(), "connected again: the session is lost");
    assert_eq!(client.line(), format!("not confirmed: {}", stanza("1")));
    assert_eq!(client.line(), "logged in as alice@example.com/r");
    client.says(&stanza("2"));
    client.ends_input();
    assert_eq!(line.takes(0, 1), [stanza("2")]);
    assert_eq!(client.line(), format!("-> {}", stanza("2")));
    line.sees_close();
    assert_eq!(client.line(), "closed");
}

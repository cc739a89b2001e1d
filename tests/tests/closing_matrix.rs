//! Every order in which the two `<close/>` and the two close frames can pass, and every one that never comes.

use std::time::Duration;

use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::error::WebSocketFault;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::solo::{CLOSE, SoloClient, SoloServer, stream_error};

/// What a reason is held to.
type Check<'a> = &'a dyn Fn(&Ending) -> bool;

/// What can happen to a bound stream from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Move {
    /// The application closes.
    WeClose,
    /// The application ends it with an error.
    WeFail,
    /// The peer's `<close/>`.
    TheyClose,
    /// The peer's stream error.
    TheyFail,
    /// The peer's close frame.
    Hangup,
    /// The connection breaks.
    Cut,
    /// A write fails.
    Unwritable,
    /// What is no XML.
    Garbage,
    /// What is no WebSocket.
    Unreadable,
    /// A stanza.
    Stanza,
    /// Time: more than any deadline of closing.
    Wait,
}

use Move::{
    Cut, Garbage, Hangup, Stanza, TheyClose, TheyFail, Unreadable, Unwritable, Wait, WeClose,
    WeFail,
};

const MOVES: [Move; 11] = [
    WeClose, WeFail, TheyClose, TheyFail, Hangup, Cut, Unwritable, Garbage, Unreadable, Stanza,
    Wait,
];

fn make(solo: &mut SoloServer, step: Move) {
    let input = match step {
        WeClose => return drop(solo.endpoint.close(solo.now)),
        WeFail => {
            let error = StreamError::new(Condition::SystemShutdown);
            return drop(solo.endpoint.fail(solo.now, error));
        }
        Wait => return,
        TheyClose => Input::Text(CLOSE.into()),
        TheyFail => Input::Text(stream_error("conflict").into()),
        Hangup => Input::Closed { code: Some(1000) },
        Cut => Input::Lost,
        Unwritable => Input::Unwritable,
        Garbage => Input::Text("<".into()),
        Unreadable => Input::Unreadable(WebSocketFault::Protocol),
        Stanza => Input::Text("<message xmlns='jabber:client'/>".into()),
    };
    solo.sees(input);
}

/// What is said on the whole, and why it is over in the end.
fn play(script: &[Move]) -> (Vec<String>, Ending) {
    let mut server = SoloServer::bound();
    let mut said = Vec::new();
    // Whatever happened: it ends in time, by a close frame that never comes.
    for step in script.iter().chain(&[Wait]) {
        make(&mut server, *step);
        said.extend(server.said());
        for _ in (0..9).filter(|_| *step == Wait) {
            said.extend(server.wait(Duration::from_secs(1)).said());
        }
    }
    (said, server.ended())
}

/// Whether this says that the stream ends.
fn ends(step: Move) -> bool {
    !matches!(step, Stanza | Wait)
}

#[test]
fn every_order_ends_in_time_and_says_nothing_after_its_end() {
    let mut scripts = 0;
    for first in MOVES {
        for second in MOVES {
            for third in MOVES {
                let script = [first, second, third];
                if !script.into_iter().any(ends) {
                    continue;
                }
                let (said, _) = play(&script);
                scripts += 1;
                let count = |what: &str| said.iter().filter(|it| it.starts_with(what)).count();
                assert!(count("<close") <= 1, "{script:?}: {said:#?}");
                assert!(count("close ") <= 1, "{script:?}: {said:#?}");
                assert!(count("<stream:error") <= 1, "{script:?}: {said:#?}");
                let place = |what: &str| said.iter().position(|it| it.starts_with(what));
                let after_close = place("<close").map_or(0, |at| said.len() - at - 1);
                assert_eq!(
                    after_close > 0,
                    place("close ") > place("<close"),
                    "{script:?}: {said:#?}"
                );
                assert!(after_close <= 1, "{script:?}: {said:#?}");
                assert!(place("<stream:error").is_none_or(|at| Some(at + 1) == place("<close")));
            }
        }
    }
    assert_eq!(scripts, 11 * 11 * 11 - 2 * 2 * 2);
}

#[test]
fn the_reasons() {
    let violated = |why: &Ending| matches!(why, Ending::Violated(_));
    let peer_error = |why: &Ending| matches!(why, Ending::PeerError(_));
    let own_error = |why: &Ending| matches!(why, Ending::OwnError(_));
    let clean = |why: &Ending| *why == Ending::Clean;
    let lost = |why: &Ending| matches!(why, Ending::Lost { .. });
    let no_close = |why: &Ending| *why == Ending::TimedOut(Timer::Close);
    let table: &[(&[Move], Check<'_>)] = &[
        // Both <close/>, in either order, whatever follows.
        (&[WeClose, TheyClose, Hangup], &clean),
        (&[WeClose, TheyClose, Cut], &clean),
        (&[WeClose, TheyClose, Wait], &clean),
        (&[TheyClose, WeClose, Hangup], &clean),
        (&[TheyClose, Cut], &clean),
        (&[TheyClose, Wait], &clean),
        (&[TheyClose, Unwritable, Cut], &clean),
        // Ours alone.
        (&[WeClose, Hangup], &clean),
        (&[WeClose, Cut], &clean),
        (&[WeClose, Wait], &no_close),
        (&[WeClose, Unwritable, TheyClose], &clean),
        // None.
        (&[Hangup], &lost),
        (&[Cut], &lost),
        (&[Unwritable, Cut], &lost),
        (&[Unwritable, Wait], &lost),
        (&[Unwritable, TheyClose], &clean),
        // Errors.
        (&[TheyFail, TheyClose, Hangup], &peer_error),
        (&[TheyFail, Cut], &peer_error),
        (&[TheyFail, Wait], &peer_error),
        (&[TheyFail, Garbage], &peer_error),
        (&[WeClose, TheyFail, TheyClose], &peer_error),
        (&[Unwritable, TheyFail, Cut], &peer_error),
        (&[WeFail, Hangup], &own_error),
        (&[WeFail, TheyFail, Hangup], &own_error),
        (&[WeFail, Wait], &own_error),
        (&[Garbage, Hangup], &violated),
        (&[Garbage, TheyFail, Hangup], &violated),
        (&[Unreadable, Hangup], &violated),
        (&[WeClose, Garbage, Hangup], &violated),
        (&[WeClose, Unreadable, Cut], &violated),
        (&[TheyClose, Garbage, Hangup], &clean),
        (&[Stanza, WeClose, Stanza, TheyClose], &clean),
    ];
    for (script, is_right) in table {
        let (said, why) = play(script);
        assert!(is_right(&why), "{script:?}: {why:?}\n{said:#?}");
    }
}

#[test]
fn the_words() {
    let table: &[(&[Move], &[&str])] = &[
        (&[WeClose, TheyClose, Hangup], &["<close", "close 1000"]),
        (&[WeClose, Hangup], &["<close"]),
        (&[WeClose, Wait], &["<close", "close 1000"]),
        (&[TheyClose, Hangup], &["<close"]),
        (&[TheyClose, Wait], &["<close", "close 1000"]),
        (&[TheyFail, TheyClose, Hangup], &["<close"]),
        (&[TheyFail, Wait], &["<close", "close 1000"]),
        (&[WeFail, Hangup], &["<stream:error", "<close", "close 1000"]),
        (&[Garbage, Hangup], &["<stream:error", "<close", "close 1000"]),
        (&[Unreadable, Hangup], &["<stream:error", "<close", "close 1002"]),
        (&[WeClose, Garbage, Hangup], &["<close", "close 1000"]),
        (&[WeClose, Unreadable, Hangup], &["<close", "close 1002"]),
        (&[Unwritable, TheyClose], &[]),
        (&[Unwritable, Garbage, Cut], &[]),
    ];
    for (script, words) in table {
        let (said, _) = play(script);
        assert_eq!(said.len(), words.len(), "{script:?}: {said:#?}");
        for (said, word) in said.iter().zip(*words) {
            assert!(said.starts_with(word), "{script:?}: {said}");
        }
    }
}

#[test]
fn nothing_comes_out_of_what_is_over() {
    let mut client = SoloClient::bound();
    client.sees(Input::Lost);
    client.ended();
    for input in [
        Input::Text(CLOSE.into()),
        Input::Binary,
        Input::Ping,
        Input::Unwritable,
        Input::Lost,
        Input::Closed { code: None },
        Input::Timeout,
        Input::Connected(xmpp_ws::endpoint::Connection::new(true)),
    ] {
        client.sees(input);
        assert!(client.told().is_empty());
        assert_eq!(client.said(), [""; 0]);
        assert_eq!(client.endpoint.poll_timeout(), None);
    }
}

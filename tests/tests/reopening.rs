//! A server's second `<open/>`, which some say before they say why they end the stream.

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws_tests::solo::{CLOSE, SERVER_OPEN, SoloClient, condition, stream_error};

/// RFC 7395 § 3.4: one stream a WebSocket. What may follow is the end, and it follows soon.
#[test]
fn the_end_follows_within_a_bound() {
    let states: [fn() -> SoloClient; 2] = [SoloClient::authenticating, SoloClient::bound];
    for client in states {
        let mut client = client();
        client.hears(SERVER_OPEN);
        assert_eq!(client.said(), [""; 0]);
        client.wait(Duration::from_millis(900));
        assert_eq!(client.said(), [""; 0]);
        client.wait(Duration::from_millis(100));
        let said = client.said();
        assert_eq!(condition(&said[0]), "policy-violation");
        assert_eq!(said[1..], [CLOSE, "close 1000"]);
        client.sees(Input::Lost);
        let told = client.told();
        let why = told.iter().find_map(|event| match event {
            ClientEvent::Ended(why) | ClientEvent::Disconnected { why, .. } => Some(why),
            _ => None,
        });
        assert_eq!(why, Some(&Ending::Violated(Violation::OpenedTwice)), "{told:?}");
    }
}

/// RFC 6120 § 4.7.5: no features follow the header of a server that speaks an older version, and an error may.
#[test]
fn what_is_wrong_with_a_header_is_said_where_no_reason_follows() {
    for (header, expected) in [
        (SERVER_OPEN.replace("1.0", "0.9"), Some("unsupported-version")),
        (SERVER_OPEN.replace(" version='1.0'", ""), Some("unsupported-version")),
        (SERVER_OPEN.replace("example.com", "example.org"), Some("invalid-from")),
        (SERVER_OPEN.into(), None),
    ] {
        let mut client = SoloClient::opening();
        client.hears(header.clone()).wait(Duration::from_millis(900));
        assert_eq!(client.said(), [""; 0], "{header}");
        client.wait(Duration::from_millis(100));
        let said = client.said();
        assert_eq!(said.first().map(|error| condition(error)).as_deref(), expected, "{header}");
    }
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN.replace("1.0", "0.9")).hears(stream_error("host-gone"));
    assert_eq!(client.said()[0], CLOSE, "the server's reason is the one that counts");
}

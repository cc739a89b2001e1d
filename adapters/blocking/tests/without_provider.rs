//! `wss://` where no cryptography was built in: an error in words.
#![cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]

use xmpp_ws_blocking::xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws_blocking::xmpp_ws::ending::Ending;
use xmpp_ws_blocking::xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws_blocking::{DialConfig, OsRandom, connect};

#[test]
fn a_secure_address_is_an_error_that_says_what_to_do() {
    let uri = "wss://127.0.0.1:1/".parse().unwrap();
    let config = ClientConfig::new("alice@example.com".parse().unwrap(), uri);
    let mut session =
        connect(DialConfig::default(), |now| Client::new(config, OsRandom, now)).unwrap();
    match session.wait() {
        Some(ClientEvent::Ended(Ending::NotConnected(error))) => {
            assert_eq!(error.kind, DialErrorKind::Unsupported);
            assert!(error.detail.contains("`ring` or `aws-lc-rs`"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

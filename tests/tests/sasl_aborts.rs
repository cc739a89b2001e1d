//! Data of the server's that cannot be read: RFC 6120 § 6.4.4 gives the client `<abort/>` to say so.

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws::sasl::SaslFault;
use xmpp_ws_tests::solo::{CLOSE, PLAIN_FEATURES, SERVER_OPEN, SoloClient};

const NOT_BASE64: [&str; 5] = ["%", "cj1", "cj1=", "cj 1=", "cj0x\n"];

fn authenticating(mechanism: &str) -> SoloClient {
    let mut client = SoloClient::opening();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES.replace("PLAIN", mechanism));
    assert!(client.says().starts_with("<auth "));
    client
}

fn element(name: &str, data: &str) -> String {
    format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</{name}>")
}

#[test]
fn a_challenge_that_is_not_base64_is_answered_with_abort() {
    for mechanism in ["SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"] {
        for data in NOT_BASE64 {
            let mut client = authenticating(mechanism);
            client.hears(element("challenge", data));
            let abort = "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
            assert_eq!(client.said(), [abort, CLOSE], "{mechanism} {data:?}");
            // RFC 6120 § 6.5.1: the server's answer to it changes nothing.
            client.hears(element("failure", "<aborted/>")).hears(CLOSE);
            assert_eq!(client.said(), ["close 1000"]);
            client.sees(Input::Closed { code: Some(1000) });
            let fault = SaslFault::Encoding;
            assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(fault)));
        }
    }
}

/// To the server the exchange is over, so there is nothing to abort.
#[test]
fn a_success_that_is_not_base64_ends_the_stream() {
    for data in NOT_BASE64 {
        let mut client = authenticating("SCRAM-SHA-1");
        client.hears(element("success", data));
        assert_eq!(client.said(), [CLOSE], "{data:?}");
        client.sees(Input::Lost);
        assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(SaslFault::Encoding)));
    }
}

const NOT_TEXT_ALONE: [&str; 3] = ["<x/>", "cj1hYmM=<x xmlns='urn:x'/>", "<x>cj1hYmM=</x>"];

#[test]
fn a_challenge_with_elements_in_it_is_answered_with_abort() {
    for mechanism in ["SCRAM-SHA-1", "PLAIN"] {
        for content in NOT_TEXT_ALONE {
            let mut client = authenticating(mechanism);
            client.hears(element("challenge", content));
            let abort = "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
            assert_eq!(client.said(), [abort, CLOSE], "{mechanism} {content:?}");
            client.sees(Input::Lost);
            let fault = SaslFault::NotTextAlone;
            assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(fault)));
        }
    }
}

#[test]
fn a_success_with_elements_in_it_ends_the_stream() {
    for mechanism in ["SCRAM-SHA-1", "PLAIN"] {
        for content in NOT_TEXT_ALONE {
            let mut client = authenticating(mechanism);
            client.hears(element("success", content));
            assert_eq!(client.said(), [CLOSE], "{mechanism} {content:?}");
            client.sees(Input::Lost);
            let fault = SaslFault::NotTextAlone;
            assert_eq!(client.ended(), Ending::Violated(Violation::Sasl(fault)));
        }
    }
}

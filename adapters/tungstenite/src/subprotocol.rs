//! The WebSocket subprotocol `xmpp`.

use tungstenite::http::HeaderMap;

/// RFC 7395 § 3.1: the subprotocol's name.
pub const SUBPROTOCOL: &str = "xmpp";

/// The header in which it is offered and agreed.
pub const SUBPROTOCOL_HEADER: &str = "Sec-WebSocket-Protocol";

/// Whether a request offers `xmpp`, among others perhaps, in one header or in several (RFC 6455 § 11.3.4).
///
/// The name is compared to the letter: the answer must be one of the values that were offered (RFC 6455 § 4.2.2),
/// and a client that offered `XMPP` would refuse `xmpp`.
pub fn offers_xmpp(headers: &HeaderMap) -> bool {
    headers
        .get_all(SUBPROTOCOL_HEADER)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|token| token.trim_ascii() == SUBPROTOCOL.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_picked_out_of_what_is_offered() {
        for (offer, expected) in [
            (&["xmpp"][..], true),
            (&["mqtt, xmpp"], true),
            (&["mqtt,xmpp ,soap"], true),
            (&["mqtt", "\txmpp"], true),
            (&[], false),
            (&[""], false),
            (&["XMPP"], false),
            (&["xmpp2"], false),
            (&["mqtt, soap"], false),
            (&["xmpp;q=1"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in offer {
                headers.append(SUBPROTOCOL_HEADER, value.parse().unwrap());
            }
            assert_eq!(offers_xmpp(&headers), expected, "{offer:?}");
        }
    }
}

//! What people are told of an end, and what they can do about it.

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws::sasl::{Failure, Mechanism};
use xmpp_ws::uri::Uri;

/// How the connection was that ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Circumstances {
    /// Whether there was one.
    pub(super) was_connected: bool,
    /// Whether nobody on the way could read it.
    pub(super) was_secure: bool,
    /// Whether another may be opened after it.
    pub(super) goes_on: bool,
    /// Who wants to log in.
    pub(super) who: Who,
}

/// Who logs in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Who {
    /// The user of an account.
    User,
    /// Somebody whose address has no user name.
    Guest,
}

/// What an end says, and what to do about it where that is not plain.
pub(super) fn text(ending: &Ending, here: Circumstances) -> String {
    let said = ending.to_string();
    let advice = match ending {
        Ending::Redirected(uri) => return redirect(uri, here),
        Ending::NoMechanism(_) if here.who == Who::Guest => {
            "it takes no guests: give --jid with a user name, and a password"
        }
        Ending::NoMechanism(offered) if offered.iter().any(|it| it == Mechanism::Plain.name()) => {
            "it wants the password as it is: use wss://, or --allow-plaintext-auth where nobody listens"
        }
        Ending::GivenUp => "there was no connection, and no more time to wait for one",
        Ending::NotFound(_) => "if you know the address, give --url",
        Ending::NotConnected(error) => match error.kind {
            DialErrorKind::Tls => {
                "if its certificate is of an authority of your own, give --ca FILE"
            }
            DialErrorKind::Rejected { status: 404 } => "is the path in --url right?",
            DialErrorKind::Rejected { .. } if ending.is_transient() => LATER,
            _ => return said,
        },
        Ending::NotAuthenticated(failure)
            if failure.condition() == Failure::TemporaryAuthFailure =>
        {
            LATER
        }
        Ending::NotBound(_) if ending.is_transient() => LATER,
        _ => return said,
    };
    [&said, advice].join("; ")
}

/// Why it is not gone where the server is said to be (RFC 7395 § 3.6.1).
fn redirect(to: &str, here: Circumstances) -> String {
    let is_secure = match to.parse::<Uri>() {
        Ok(uri) if uri.is_websocket() => uri.is_secure(),
        _ => {
            return format!(
                "the server says that it is to be found at {to}, which is not the address of a WebSocket: that begins \
                 with wss:// or ws://, and whoever runs the server should set it right"
            );
        }
    };
    if here.was_secure && !is_secure {
        return format!(
            "the server says that it is to be found at {to}, where everybody on the way could read along; it is not gone \
             there from a connection with TLS. If that is meant so, connect with --url {to}"
        );
    }
    if !here.goes_on {
        return format!("the server is elsewhere: connect with --url {to}");
    }
    format!(
        "the server sends in a circle, or too often; the last time to {to}. Whoever runs it should set it right; \
         meanwhile you can try --url with an address of your own choice"
    )
}

const LATER: &str = "it may pass by itself: try again later";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str, was_secure: bool, goes_on: bool) -> String {
        let here = Circumstances { was_connected: true, was_secure, goes_on, who: Who::User };
        text(&Ending::Redirected(uri.into()), here)
    }

    #[test]
    fn a_redirect_that_is_not_followed_says_why() {
        for (uri, was_secure, goes_on, expected) in [
            ("https://example.net/", true, true, "not the address of a WebSocket"),
            ("example.net", false, false, "not the address of a WebSocket"),
            ("", true, true, "not the address of a WebSocket"),
            ("ws://example.net/", true, true, "could read along"),
            ("ws://example.net/", true, false, "could read along"),
            ("ws://example.net/", false, true, "in a circle"),
            ("wss://example.net/", true, true, "in a circle"),
            ("wss://example.net/", true, false, "elsewhere: connect with --url wss://example.net/"),
            ("ws://example.net/", false, false, "elsewhere: connect with --url ws://example.net/"),
        ] {
            let said = of(uri, was_secure, goes_on);
            assert!(said.contains(expected) && said.contains(uri), "{uri}: {said}");
        }
        // Nobody is told to connect where that cannot work.
        assert!(!of("https://example.net/", true, false).contains("--url"));
    }
}

//! The GS2 header (RFC 5801 § 4), with which SCRAM begins, and the names in it.

use std::fmt::Write;

/// What a client says about binding to the channel (`gs2-cbind-flag`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ChannelBinding {
    /// `n`: the client cannot.
    Unsupported,
    /// `y`: the client can, but thinks that the server cannot.
    Unused,
}

impl ChannelBinding {
    /// What a client says that does not bind.
    // RFC 5802 § 6: a client that could bind "MUST NOT use an "n" gs2-cbind-flag"; its `y` tells a server that did
    // offer a -PLUS mechanism that someone is in between.
    pub(super) const fn without(could_bind: bool) -> Self {
        if could_bind { Self::Unused } else { Self::Unsupported }
    }
}

/// The GS2 header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Gs2 {
    pub(super) binding: ChannelBinding,
    pub(super) authzid: Option<String>,
}

impl Gs2 {
    /// Takes the header off the beginning of a message: the header, its text, the rest.
    ///
    /// `None` if it breaks the grammar, or wants to bind to the channel (`p=`), which nothing here can.
    pub(super) fn parse(message: &str) -> Option<(Self, &str, &str)> {
        let (flag, rest) = message.split_once(',')?;
        let binding = match flag {
            "n" => ChannelBinding::Unsupported,
            // RFC 5802 § 6: `y` is a downgrade only where the server did offer a -PLUS mechanism.
            "y" => ChannelBinding::Unused,
            _ => return None,
        };
        let (authzid, rest) = rest.split_once(',')?;
        let authzid = match authzid.strip_prefix("a=") {
            Some(name) => Some(unescape(name)?),
            None if authzid.is_empty() => None,
            None => return None,
        };
        let (header, rest) = message.split_at_checked(message.len() - rest.len())?;
        Some((Self { binding, authzid }, header, rest))
    }
}

impl std::fmt::Display for Gs2 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_char(match self.binding {
            ChannelBinding::Unsupported => 'n',
            ChannelBinding::Unused => 'y',
        })?;
        match &self.authzid {
            Some(authzid) => write!(formatter, ",a={},", escape(authzid)),
            None => formatter.write_str(",,"),
        }
    }
}

/// A name as a `saslname` (RFC 5802 § 7).
// RFC 5802 § 5.1: "The characters ',' or '=' in usernames are sent as '=2C' and '=3D' respectively."
pub(super) fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// The name that a `saslname` stands for; `None` if it is empty, or escapes anything else.
// RFC 5802 § 5.1: with "'=' not followed by either '2C' or '3D', then the server MUST fail the authentication".
pub(super) fn unescape(name: &str) -> Option<String> {
    if name.is_empty() || name.contains(['\0', ',']) {
        return None;
    }
    let mut pieces = name.split('=');
    let mut unescaped = pieces.next()?.to_owned();
    for piece in pieces {
        if let Some(rest) = piece.strip_prefix("2C") {
            unescaped.push(',');
            unescaped.push_str(rest);
        } else {
            unescaped.push('=');
            unescaped.push_str(piece.strip_prefix("3D")?);
        }
    }
    Some(unescaped)
}

#[cfg(test)]
mod tests {
    use super::{ChannelBinding, Gs2, escape, unescape};

    #[test]
    fn names_survive_escaping() {
        for name in ["a", "a,b", "a=b", "=2C", ",,==", "=,3D", "ü"] {
            assert_eq!(unescape(&escape(name)).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_escapes_are_refused() {
        for name in ["", "=", "a=", "=2", "=2c", "=3d", "=41", "a=b", "==3D", "a\0b"] {
            assert_eq!(unescape(name), None, "{name:?}");
        }
    }

    #[test]
    fn headers_are_read_and_written() {
        for (text, binding, authzid) in [
            ("n,,", ChannelBinding::Unsupported, None),
            ("y,,", ChannelBinding::Unused, None),
            ("n,a=juliet,", ChannelBinding::Unsupported, Some("juliet")),
            ("y,a=a=2Cb=3Dc,", ChannelBinding::Unused, Some("a,b=c")),
        ] {
            let message = format!("{text}n=user,r=abc");
            let (gs2, header, rest) = Gs2::parse(&message).expect(text);
            assert_eq!((gs2.binding, gs2.authzid.as_deref()), (binding, authzid));
            assert_eq!((header, rest), (text, "n=user,r=abc"));
            assert_eq!(gs2.to_string(), text);
        }
    }

    #[test]
    fn other_headers_are_refused() {
        for text in [
            "",
            "n",
            "n,",
            ",,",
            "p,,",
            "p=tls-exporter,,",
            "N,,",
            "n=,,",
            "nn,,",
            "n,a=,",
            "n,b=x,",
            "n, ,",
            "F,n,,",
        ] {
            assert_eq!(Gs2::parse(text), None, "{text:?}");
        }
    }
}

//! The GS2 header (RFC 5801 § 4), with which SCRAM begins, and the names in it.

use std::fmt::Write;

/// What a client says about binding to the channel (`gs2-cbind-flag`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum BindingFlag {
    /// `n`: the client cannot, or not in a way that the server can.
    Unsupported,
    /// `y`: the client can, but thinks that the server cannot.
    Unused,
    /// `p=`: it does, in the way of this name.
    Used(String),
}

/// The GS2 header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Gs2 {
    pub(super) binding: BindingFlag,
    pub(super) authzid: Option<String>,
}

impl Gs2 {
    /// Takes the header off the beginning of a message: the header, its text, the rest; `None` if it breaks the
    /// grammar.
    pub(super) fn parse(message: &str) -> Option<(Self, &str, &str)> {
        let (flag, rest) = message.split_once(',')?;
        let binding = match flag {
            "n" => BindingFlag::Unsupported,
            "y" => BindingFlag::Unused,
            _ => {
                BindingFlag::Used(flag.strip_prefix("p=").filter(|name| is_name(name))?.to_owned())
            }
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
        match &self.binding {
            BindingFlag::Unsupported => formatter.write_char('n')?,
            BindingFlag::Unused => formatter.write_char('y')?,
            BindingFlag::Used(name) => write!(formatter, "p={name}")?,
        }
        match &self.authzid {
            Some(authzid) => write!(formatter, ",a={},", escape(authzid)),
            None => formatter.write_str(",,"),
        }
    }
}

/// Whether this can be the name of a way to bind (RFC 5802 § 7, `cb-name`).
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
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
    use super::{BindingFlag, Gs2, escape, unescape};

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
            ("n,,", BindingFlag::Unsupported, None),
            ("y,,", BindingFlag::Unused, None),
            ("n,a=juliet,", BindingFlag::Unsupported, Some("juliet")),
            ("y,a=a=2Cb=3Dc,", BindingFlag::Unused, Some("a,b=c")),
            ("p=tls-exporter,,", BindingFlag::Used("tls-exporter".into()), None),
            ("p=X.9,a=juliet,", BindingFlag::Used("X.9".into()), Some("juliet")),
        ] {
            let message = format!("{text}n=user,r=abc");
            let (gs2, header, rest) = Gs2::parse(&message).expect(text);
            assert_eq!((&gs2.binding, gs2.authzid.as_deref()), (&binding, authzid));
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
            "p=,,",
            "p=tls exporter,,",
            "p=tls_exporter,,",
            "p=tls-exporter=,,",
            "P=tls-exporter,,",
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

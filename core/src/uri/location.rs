//! A host to come back to.

use std::fmt;
use std::str::FromStr;

use super::{UriError, parse_host, split_port};

/// A host, with a port or without, such as `node1.example.com:5281` (XEP-0198 § 5, `location`).
///
/// An IPv6 address is written in brackets. Hosts compare without regard to case.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Location {
    host: String,
    port: Option<u16>,
}

impl Location {
    /// The host, in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, where one is named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for Location {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (host, port) = split_port(text)?;
        Ok(Self { host: parse_host(host)?, port })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_location_is_a_host_and_perhaps_a_port() {
        for (text, expected) in [
            ("b", "b"),
            ("Node1.Example.com:5281", "node1.example.com:5281"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443"),
            ("b:", "b"),
        ] {
            assert_eq!(text.parse::<Location>().map(|it| it.to_string()), Ok(expected.into()));
        }
        for text in ["", ":1", "b:0", "b:x", "a b", "a/b", "u@b", "b\0", "wss://b", "2001:db8::1"] {
            assert!(text.parse::<Location>().is_err(), "{text:?}");
        }
    }
}

//! The addresses of WebSocket endpoints.

mod domain;
mod location;

use std::fmt;
use std::str::FromStr;

pub(crate) use domain::host_of_domain;
pub use location::Location;

/// An absolute URI with an authority (RFC 3986), such as `wss://example.com/xmpp-websocket`.
///
/// It is kept as it was written; scheme and host compare without regard to case. User information is refused, for
/// a password has no place in an address, and so is a fragment (RFC 6455 § 3).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Uri {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    path_and_query: String,
}

/// The schemes that matter here.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// WebSocket without TLS.
    Ws,
    /// WebSocket over TLS.
    Wss,
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
    /// Any other, in lower case: it can be reported, never followed.
    Other(String),
}

impl Scheme {
    fn as_str(&self) -> &str {
        match self {
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Http => "http",
            Self::Https => "https",
            Self::Other(name) => name,
        }
    }
}

/// Why a text is no [`Uri`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// No `scheme://` at the front, or not a legal scheme (RFC 3986 § 3.1).
    #[error("an address starts with its scheme, such as wss://")]
    Scheme,
    /// The host is missing or has illegal characters (RFC 3986 § 3.2.2).
    #[error("the host is missing or not a host name, IPv4 address or [IPv6 address]")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// There is user information before the host.
    #[error("user information does not belong into the address")]
    UserInformation,
    /// The path or the query has an illegal character, or there is a fragment.
    #[error(
        "the path has a space, a control character, a character beyond ASCII or a fragment (#)"
    )]
    Path,
}

impl Uri {
    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The host: a name in lower case, an IPv4 address, or an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// The port: the one that is written, else the scheme's; `None` for an unknown scheme without a port.
    pub fn port(&self) -> Option<u16> {
        self.port.or(match self.scheme {
            Scheme::Ws | Scheme::Http => Some(80),
            Scheme::Wss | Scheme::Https => Some(443),
            Scheme::Other(_) => None,
        })
    }

    /// The path with the query, `/` at least.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Whether the scheme brings TLS.
    pub fn is_secure(&self) -> bool {
        matches!(self.scheme, Scheme::Wss | Scheme::Https)
    }

    /// Whether the scheme is WebSocket's.
    pub fn is_websocket(&self) -> bool {
        matches!(self.scheme, Scheme::Ws | Scheme::Wss)
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let (scheme, rest) = text.split_once("://").ok_or(UriError::Scheme)?;
        let scheme = parse_scheme(scheme)?;
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(UriError::UserInformation);
        }
        let (host, port) = split_port(authority)?;
        if path.contains('#') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UriError::Path);
        }
        Ok(Self {
            scheme,
            host: parse_host(host)?,
            port,
            path_and_query: if path.starts_with('/') { path.into() } else { ["/", path].concat() },
        })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path_and_query)
    }
}

fn parse_scheme(scheme: &str) -> Result<Scheme, UriError> {
    let legal = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !legal {
        return Err(UriError::Scheme);
    }
    Ok(match scheme.to_ascii_lowercase().as_str() {
        "ws" => Scheme::Ws,
        "wss" => Scheme::Wss,
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.into()),
    })
}

/// Splits `host:port`; the colons inside an IPv6 address's brackets are its own.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), UriError> {
    let after_address = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority.rfind(':').filter(|colon| *colon >= after_address) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(colon);
    match port.trim_start_matches(':') {
        // RFC 3986 § 3.2.3: the colon may stand there without a port.
        "" => Ok((host, None)),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => match digits.parse() {
            Ok(port) if port > 0 => Ok((host, Some(port))),
            _ => Err(UriError::Port),
        },
        _ => Err(UriError::Port),
    }
}

fn parse_host(host: &str) -> Result<String, UriError> {
    let legal = match host.strip_prefix('[').map(|address| address.strip_suffix(']')) {
        Some(Some(address)) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        Some(None) => false,
        // RFC 3986 § 3.2.2 allows more in a name; what resolves as a host has only these.
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        }
    };
    if legal { Ok(host.to_ascii_lowercase()) } else { Err(UriError::Host) }
}

//! Whose word is taken for the client's address.

use std::net::{AddrParseError, IpAddr};
use std::num::ParseIntError;
use std::str::FromStr;

use axum::http::HeaderMap;

use crate::forwarded::hops;

/// The proxies that may say for whom they speak, and the header in which they do.
///
/// Whoever else writes such a header is not believed: the chain is walked from the nearest proxy outwards, as long as
/// each is one of these. The first address that is none of them is the client's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proxies {
    header: ForwardingHeader,
    trusted: Vec<Network>,
}

/// The header in which the proxies say for whom they speak. Only one is read: a proxy that writes the one lets the
/// other pass as the client sent it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardingHeader {
    /// `Forwarded` (RFC 7239), of which the parameter `for` is read.
    Forwarded,
    /// `X-Forwarded-For`.
    XForwardedFor,
}

/// A block of addresses, such as `10.0.0.0/8`, `2001:db8::/32` or a single address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Proxies {
    /// No proxy is trusted: the client is whoever connected.
    pub const fn none() -> Self {
        Self { header: ForwardingHeader::Forwarded, trusted: Vec::new() }
    }

    /// Those with these addresses are believed, when they write this header.
    pub fn trusted(header: ForwardingHeader, trusted: impl IntoIterator<Item = Network>) -> Self {
        Self { header, trusted: trusted.into_iter().collect() }
    }

    /// The client's address, of a request that came from `peer` with these headers.
    ///
    /// Where a trusted proxy does not tell an address (`unknown`, a name of its own, or what cannot be read), it is
    /// that proxy's.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for hop in hops(self.header, headers).into_iter().rev() {
            match hop {
                Some(hop) if self.trusts(client) => client = hop.to_canonical(),
                _ => break,
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }
}

impl Network {
    /// Whether it is one of these addresses. IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`) count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(u32::from(own).into(), u32::from(other).into(), u32::BITS - self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same(own.into(), other.into(), u128::BITS - self.prefix)
            }
            _ => false,
        }
    }
}

/// Whether two addresses differ in their last `free` bits at most.
fn same(one: u128, other: u128, free: u32) -> bool {
    (one ^ other).checked_shr(free).unwrap_or_default() == 0
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, prefix: bits(address) }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let Some((address, prefix)) = text.split_once('/') else {
            return Ok(Self::from(text.parse::<IpAddr>()?));
        };
        let (address, prefix) = (address.parse::<IpAddr>()?, prefix.parse()?);
        if prefix > bits(address) {
            return Err(NetworkError::TooLong(prefix));
        }
        Ok(Self { address, prefix })
    }
}

fn bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { u32::BITS } else { u128::BITS }
}

/// Why a text is no [`Network`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// There is no address.
    #[error(transparent)]
    Address(#[from] AddrParseError),
    /// After the slash stands no number.
    #[error("no number of bits: {0}")]
    Prefix(#[from] ParseIntError),
    /// There are not so many bits in such an address.
    #[error("an address of this kind has no {0} bits")]
    TooLong(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        for (text, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false),
            ("0.0.0.0/0", "203.0.113.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db8::1", true),
            ("::1", "::1", true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(network(text).contains(address), expected, "{text} {address}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "a/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_chain_is_walked_as_far_as_proxies_are_trusted() {
        use ForwardingHeader::{Forwarded, XForwardedFor};
        let nobody = "198.51.100.1";
        for (header, peer, sent, expected) in [
            // Only whom we trust is believed.
            (XForwardedFor, nobody, &["203.0.113.7"][..], nobody),
            (XForwardedFor, "10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            (XForwardedFor, "10.0.0.1", &[], "10.0.0.1"),
            // What stands before the first address that is not trusted, anybody may have written.
            (XForwardedFor, "10.0.0.1", &["192.0.2.66, 203.0.113.7"], "203.0.113.7"),
            (XForwardedFor, "10.0.0.1", &["192.0.2.66", "203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            // All are trusted: the outermost it is.
            (XForwardedFor, "10.0.0.1", &["10.0.0.3,10.0.0.2"], "10.0.0.3"),
            // A hop that cannot be read ends the walk.
            (XForwardedFor, "10.0.0.1", &["203.0.113.7, nonsense, 10.0.0.2"], "10.0.0.2"),
            (XForwardedFor, "10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            (XForwardedFor, "::ffff:10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            (XForwardedFor, "10.0.0.1", &["[2001:db8::7]:80"], "2001:db8::7"),
            (Forwarded, "10.0.0.1", &["for=203.0.113.7"], "203.0.113.7"),
            (
                Forwarded,
                "10.0.0.1",
                &["for=192.0.2.66, for=203.0.113.7;proto=https"],
                "203.0.113.7",
            ),
            (Forwarded, "10.0.0.1", &["For=\"[2001:db8::7]:4711\""], "2001:db8::7"),
            (Forwarded, "10.0.0.1", &["for=unknown"], "10.0.0.1"),
            (Forwarded, "10.0.0.1", &["for=_hidden, for=10.0.0.2"], "10.0.0.2"),
            (Forwarded, nobody, &["for=203.0.113.7"], nobody),
            // A client that opens a quote, so that the proxy's word stands inside, gains nothing.
            (Forwarded, "10.0.0.1", &["for=192.0.2.66;by=\"", "for=\"[2001:db8::7]\""], "10.0.0.1"),
        ] {
            let name = match header {
                Forwarded => "forwarded",
                XForwardedFor => "x-forwarded-for",
            };
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(name, value.parse().unwrap());
            }
            // Whatever the other header says does not count.
            let other = if header == Forwarded { "x-forwarded-for" } else { "forwarded" };
            headers.append(other, "for=192.0.2.99".parse().unwrap());
            let proxies = Proxies::trusted(header, [network("10.0.0.0/8")]);
            let client = proxies.client(peer.parse().unwrap(), &headers);
            assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{peer} {sent:?}");
            let alone = Proxies::none().client(peer.parse().unwrap(), &headers);
            assert_eq!(alone, peer.parse::<IpAddr>().unwrap().to_canonical());
        }
    }
}

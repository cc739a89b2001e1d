//! What proxies write into a request about for whom they speak.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;

use crate::proxies::ForwardingHeader;

/// The addresses in this header, the client's first; `None` where none is told.
///
/// A [`ForwardingHeader::Forwarded`] that is not well-formed has none at all: with its quotes a client could make what
/// its proxy adds part of a string of its own.
pub(crate) fn hops(header: ForwardingHeader, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    match header {
        ForwardingHeader::Forwarded => forwarded(&joined(headers, FORWARDED.as_str())),
        ForwardingHeader::XForwardedFor => {
            joined(headers, "x-forwarded-for").split(',').map(|hop| node(hop.trim())).collect()
        }
    }
}

/// RFC 9110 § 5.3: several lines of a list count as one, in order.
fn joined(headers: &HeaderMap, name: &str) -> String {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    lines.join(",")
}

/// RFC 7239 § 4: `forwarded-element`s with commas between them, of `token=value` pairs with semicolons between them.
fn forwarded(text: &str) -> Vec<Option<IpAddr>> {
    let mut hops = Vec::new();
    let mut element: Option<Option<IpAddr>> = None;
    let mut rest = text;
    while !rest.is_empty() {
        let Some(pair) = Pair::read(rest) else {
            return Vec::new();
        };
        if !pair.name.is_empty() {
            let hop = element.get_or_insert(None);
            if pair.name.eq_ignore_ascii_case("for") {
                *hop = node(&pair.value);
            }
        }
        rest = pair.rest;
        if pair.ends_element {
            hops.extend(element.take());
        }
    }
    hops
}

/// One `name=value`, or nothing, which RFC 7239 § 4 and RFC 9110 § 5.6.1 put up with.
struct Pair<'t> {
    name: &'t str,
    value: String,
    /// Whether it is the last of its element.
    ends_element: bool,
    rest: &'t str,
}

impl<'t> Pair<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let text = text.trim_start_matches(BLANK);
        let name_end = text.find(|c| !is_token(c)).unwrap_or(text.len());
        let (name, text) = text.split_at_checked(name_end)?;
        let (value, text) = match text.strip_prefix('=') {
            Some(text) if !name.is_empty() => value(text)?,
            None if name.is_empty() => (String::new(), text),
            _ => return None,
        };
        let text = text.trim_start_matches(BLANK);
        let (ends_element, rest) = match text.chars().next() {
            None => (true, ""),
            Some(',') => (true, text.get(1..)?),
            Some(';') => (false, text.get(1..)?),
            Some(_) => return None,
        };
        // What ends with a semicolon ends its element, too.
        let ends_element = ends_element || rest.trim_matches(BLANK).is_empty();
        Some(Self { name, value, ends_element, rest })
    }
}

/// RFC 9110 § 5.6: a token, or a quoted string with its quotes and backslashes taken off; and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end)?;
        return (!value.is_empty()).then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next()? {
            '"' => return Some((value, letters.as_str())),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

/// RFC 7239 § 6: an address with a port or without; `None` for `unknown` and for names with an underscore.
fn node(text: &str) -> Option<IpAddr> {
    let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    address.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

const BLANK: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_is_read_as_its_rfc_says() {
        let v4: Option<IpAddr> = Some([192, 0, 2, 60].into());
        let v6: Option<IpAddr> = Some("2001:db8:cafe::17".parse().unwrap());
        for (text, expected) in [
            // RFC 7239 § 4.
            ("for=\"_gazonk\"", &[None][..]),
            ("For=\"[2001:db8:cafe::17]:4711\"", &[v6]),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", &[v4]),
            ("for=192.0.2.60, for=\"[2001:db8:cafe::17]\"", &[v4, v6]),
            // RFC 7239 § 6.
            ("for=unknown", &[None]),
            ("for=\"192.0.2.60:80\"", &[v4]),
            ("proto=https", &[None]),
            ("proto=https;for=192.0.2.60", &[v4]),
            ("for=\"192.0\\.2.60\"", &[v4]),
            ("for=192.0.2.60;", &[v4]),
            ("for=192.0.2.60,,for=unknown", &[v4, None]),
            ("by=\"a, for=1.1.1.1\";for=192.0.2.60", &[v4]),
            ("", &[]),
            // Not well-formed.
            ("for", &[]),
            ("for=", &[]),
            ("for=192.0.2.60 for=unknown", &[]),
            ("for=192.0.2.60:80", &[]),
            ("for=\"192.0.2.60", &[]),
            ("for=\"192.0.2.60\\", &[]),
            ("for=192.0.2.60, for=\"", &[]),
            ("=192.0.2.60", &[]),
        ] {
            assert_eq!(forwarded(text), expected, "{text}");
        }
    }
}

//! Which web pages may connect.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

/// Which web pages may connect, by the `Origin` that their browser tells (RFC 6454).
///
/// Who is no browser can write there what it likes, or nothing; so this protects users from pages, not the server
/// from clients.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origins {
    /// All may. XMPP has its own login, and a browser sends no password by itself; so other pages gain nothing here,
    /// unless the application goes by cookies or by the network that a request came from.
    #[default]
    Any,
    /// These may, such as `https://example.com`; and requests without an origin, which come from no page.
    ///
    /// The letters' case does not count. `null`, which is the origin of files and of sandboxed frames, has to be
    /// listed as such to be let in.
    Only(Vec<String>),
}

impl Origins {
    /// These origins alone, such as `https://example.com` or `http://localhost:8080`: no path, and no port where it
    /// is the scheme's own.
    pub fn only<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Self {
        Self::Only(origins.into_iter().map(Into::into).collect())
    }

    /// Whether a request with these headers may be accepted.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let Self::Only(allowed) = self else {
            return true;
        };
        // A browser sends one; of several, whoever put them there, each has to pass.
        headers.get_all(ORIGIN).iter().all(|origin| {
            allowed.iter().any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_as_a_whole() {
        let origins = Origins::only(["https://example.com", "http://localhost:8080"]);
        for (sent, expected) in [
            (&["https://example.com"][..], true),
            (&["HTTPS://Example.com"], true),
            (&["http://localhost:8080"], true),
            (&[], true),
            (&["http://example.com"], false),
            (&["https://example.com:8443"], false),
            (&["https://example.com.evil.test"], false),
            (&["https://example.com/"], false),
            (&["https://example.com https://evil.test"], false),
            (&["https://example.com", "https://evil.test"], false),
            (&["http://localhost"], false),
            (&["null"], false),
            (&[""], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(ORIGIN, value.parse().unwrap());
            }
            assert_eq!(origins.allow(&headers), expected, "{sent:?}");
            assert!(Origins::Any.allow(&headers), "{sent:?}");
        }
    }
}

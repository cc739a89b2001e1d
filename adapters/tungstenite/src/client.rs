//! The client's half of the upgrade.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tungstenite::Error;
use tungstenite::client::IntoClientRequest;
use tungstenite::error::ProtocolError;
use tungstenite::handshake::client::Request;
use tungstenite::http::{HeaderMap, HeaderValue};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Target};
use xmpp_ws::uri::Uri;

#[cfg(feature = "tls")]
use crate::get::FetchLimits;
use crate::limits::WebSocketLimits;
use crate::subprotocol::{SUBPROTOCOL, SUBPROTOCOL_HEADER};

/// How a client's WebSockets are opened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DialConfig {
    /// Whom to trust with `wss://`. Default: `None`, whom the operating system trusts.
    #[cfg(feature = "tls")]
    pub tls: Option<crate::tls::ClientTls>,
    /// What the server may make the WebSocket hold.
    pub limits: WebSocketLimits,
    /// Further headers of the request, such as `Origin`. Default: none.
    pub headers: HeaderMap,
    /// Where to open the WebSocket, one after the other, instead of where the host's name resolves to; TLS and HTTP
    /// still go by the name. Default: empty, the name is resolved.
    pub addresses: Vec<SocketAddr>,
    /// The same for single hosts by their names in lower case, wherever they are met: as the host of an endpoint, as
    /// the domain that is asked for its endpoint, as the place to which that redirects. Default: empty.
    pub resolve: BTreeMap<String, Vec<SocketAddr>>,
    /// What a server may make a client do that asks for a domain's endpoint.
    #[cfg(feature = "tls")]
    pub fetch: FetchLimits,
    /// How long to try one address before the next has its turn. Default: 10 s.
    ///
    /// (How long it all may take is the client's business, which gives up in the end.)
    pub time_per_address: Duration,
}

impl Default for DialConfig {
    fn default() -> Self {
        Self {
            #[cfg(feature = "tls")]
            tls: None,
            limits: WebSocketLimits::default(),
            headers: HeaderMap::new(),
            addresses: Vec::new(),
            resolve: BTreeMap::new(),
            #[cfg(feature = "tls")]
            fetch: FetchLimits::default(),
            time_per_address: DEFAULT_TIME_PER_ADDRESS,
        }
    }
}

#[cfg(feature = "tls")]
impl DialConfig {
    /// Whom to trust; finding out whom the system trusts takes long, and is done once.
    pub fn client_tls(&mut self) -> Result<crate::tls::ClientTls, DialError> {
        if let Some(tls) = &self.tls {
            return Ok(tls.clone());
        }
        let tls = crate::tls::ClientTls::system()
            .map_err(|error| DialError::new(DialErrorKind::Unsupported, error.to_string()))?;
        self.tls = Some(tls.clone());
        Ok(tls)
    }
}

/// Why an adapter that was built without TLS does not dial a secure address.
pub fn no_tls() -> DialError {
    DialError::new(DialErrorKind::Unsupported, NO_TLS)
}

impl DialConfig {
    /// The addresses that are given for a host; where there are none, its name is to be resolved.
    pub fn addresses_of(&self, uri: &Uri) -> Option<&[SocketAddr]> {
        let of_all = uri.is_websocket().then_some(&self.addresses);
        let of_all = of_all.filter(|addresses| !addresses.is_empty());
        of_all.or_else(|| self.resolve.get(uri.host())).map(Vec::as_slice)
    }
}

/// The request that asks for a WebSocket with the subprotocol `xmpp`.
pub fn request(target: &Target, config: &DialConfig) -> Result<Request, DialError> {
    if !target.uri.is_websocket() {
        let detail = format!("{} is not an address of a WebSocket", target.uri);
        return Err(DialError::new(DialErrorKind::Unsupported, detail));
    }
    let request = target.uri.to_string().into_client_request();
    let mut request = request.map_err(|error| {
        DialError::new(DialErrorKind::Unsupported, format!("{}: {error}", target.uri))
    })?;
    for (name, value) in &config.headers {
        request.headers_mut().append(name, value.clone());
    }
    // RFC 7395 § 3.1: "the client MUST include the value 'xmpp' in the list of protocols".
    request.headers_mut().insert(SUBPROTOCOL_HEADER, HeaderValue::from_static(SUBPROTOCOL));
    Ok(request)
}

/// Why the upgrade failed.
pub fn dial_error(error: &Error) -> DialError {
    let kind = match error {
        Error::Http(response) => DialErrorKind::Rejected { status: response.status().as_u16() },
        // RFC 7395 § 3.1: without 'xmpp' in the answer "the client MUST close the WebSocket connection".
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
            DialErrorKind::Subprotocol
        }
        Error::Tls(_) => DialErrorKind::Tls,
        Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed => DialErrorKind::Unreachable,
        Error::Url(_) => DialErrorKind::Unsupported,
        Error::Capacity(_)
        | Error::Protocol(_)
        | Error::WriteBufferFull(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::HttpFormat(_) => DialErrorKind::Handshake,
    };
    DialError::new(kind, error.to_string())
}

const NO_TLS: &str =
    "it was built without TLS: enable the feature `ring` or `aws-lc-rs` of the adapter's crate";
// Precedents: curl and Chromium go on to the next address after 200 to 300 ms, but try several at once; the
// kernel alone gives one up after two minutes.
const DEFAULT_TIME_PER_ADDRESS: Duration = Duration::from_secs(10);

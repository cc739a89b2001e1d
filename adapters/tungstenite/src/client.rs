//! The client's half of the upgrade.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tungstenite::Error;
use tungstenite::client::IntoClientRequest;
use tungstenite::error::{ProtocolError, SubProtocolError};
use tungstenite::handshake::client::{Request, Response, generate_request};
use tungstenite::handshake::derive_accept_key;
use tungstenite::http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL,
    UPGRADE,
};
use tungstenite::http::{HeaderMap, HeaderValue, StatusCode};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Target};
use xmpp_ws::uri::Uri;

#[cfg(feature = "tls")]
use crate::get::FetchLimits;
use crate::head::{Head, elements};
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

/// The client's half of the upgrade, without a socket: there is a request to write, and then the answer to read.
#[derive(Debug)]
pub struct ClientHandshake {
    request: Vec<u8>,
    /// What proves that the answer is one to this request.
    accept: String,
    head: Head,
}

impl ClientHandshake {
    /// Asks `target` for a WebSocket with the subprotocol `xmpp`.
    pub fn new(target: &Target, config: &DialConfig) -> Result<Self, DialError> {
        let request = request(target, config)?;
        let (request, key) = generate_request(request).map_err(|error| dial_error(&error))?;
        Ok(Self { request, accept: derive_accept_key(key.as_bytes()), head: Head::default() })
    }

    /// What to write.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes what was read; nothing is the end of the stream. When the WebSocket is open it gives what came of that
    /// already; `None`: there is more to read.
    pub fn received(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, DialError> {
        let answer = self.head.received(bytes).and_then(|answered| {
            let Some((response, rest)) = answered else { return Ok(None) };
            validate(response, &self.accept)?;
            Ok(Some(rest))
        });
        answer.map_err(|error| dial_error(&error))
    }

    /// What is to be told when reading or writing fails on the way.
    pub fn broken_off(error: io::Error) -> DialError {
        dial_error(&Error::Io(error))
    }
}

/// Holds an answer to RFC 6455 § 4.1, "the client MUST validate the server's response".
fn validate(response: Response, accept: &str) -> Result<(), Error> {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::Http(Box::new(response)));
    }
    let headers = response.headers();
    let list = |name| elements(headers, name);
    // RFC 6455 § 11.3.3, § 11.3.4: "MUST NOT appear more than once in an HTTP response".
    let is_once = |name: HeaderName, value: &str| {
        headers.get_all(name).iter().map(HeaderValue::as_bytes).eq([value.as_bytes()])
    };
    let has_subprotocol = headers.contains_key(SEC_WEBSOCKET_PROTOCOL);
    let rules = [
        // Nothing may be there that is "not an ASCII case-insensitive match for the value "websocket"".
        (
            list(&UPGRADE).next().is_some()
                && list(&UPGRADE).all(|it| it.eq_ignore_ascii_case(b"websocket")),
            ProtocolError::MissingUpgradeWebSocketHeader,
        ),
        (
            list(&CONNECTION).any(|it| it.eq_ignore_ascii_case(b"Upgrade")),
            ProtocolError::MissingConnectionUpgradeHeader,
        ),
        (is_once(SEC_WEBSOCKET_ACCEPT, accept), ProtocolError::SecWebSocketAcceptKeyMismatch),
        (
            has_subprotocol,
            ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol),
        ),
        (
            is_once(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL),
            ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::InvalidSubProtocol),
        ),
        // None is asked for.
        (
            list(&SEC_WEBSOCKET_EXTENSIONS).next().is_none(),
            ProtocolError::InvalidHeader(Box::new(SEC_WEBSOCKET_EXTENSIONS)),
        ),
    ];
    let broken = rules.into_iter().find(|(holds, _)| !holds);
    broken.map_or(Ok(()), |(_, error)| Err(error.into()))
}

/// The request that asks for a WebSocket with the subprotocol `xmpp`.
fn request(target: &Target, config: &DialConfig) -> Result<Request, DialError> {
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
fn dial_error(error: &Error) -> DialError {
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

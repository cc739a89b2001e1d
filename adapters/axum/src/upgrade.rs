//! A request for a WebSocket.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use xmpp_ws_tungstenite::tungstenite::Error;
use xmpp_ws_tungstenite::tungstenite::error::ProtocolError;
use xmpp_ws_tungstenite::upgrade_response;

/// A request for a WebSocket, taken out of a handler's request; [`Xmpp::accept`](crate::Xmpp::accept) answers it.
///
/// As an extractor it refuses what is no such request: with HTTP status 405 another method than GET, with 426 what
/// does not want a WebSocket (of version 13) or comes by a connection that cannot become one, with 400 what is
/// malformed.
///
/// It is HTTP/1.1's upgrade (RFC 6455 § 4). A server that speaks HTTP/2, too, must not offer `CONNECT` for WebSockets
/// (RFC 8441), which hyper does not by itself: then browsers open a connection of HTTP/1.1 for it.
#[derive(Debug)]
pub struct XmppUpgrade {
    pub(crate) request: Request<()>,
    /// The answer, without a subprotocol.
    pub(crate) response: axum::http::Response<()>,
    pub(crate) on_upgrade: OnUpgrade,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) secure: Option<bool>,
}

impl XmppUpgrade {
    /// Whether nobody on the way can read or change what is sent; goes before
    /// [`XmppConfig::secure`](crate::XmppConfig::secure).
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// The request's path and query.
    pub fn uri(&self) -> &Uri {
        self.request.uri()
    }

    /// Whence the connection came, which may be a proxy. `None` where the application is not made with
    /// `into_make_service_with_connect_info::<SocketAddr>()`.
    pub fn peer(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip())
    }
}

impl<S: Sync> FromRequestParts<S> for XmppUpgrade {
    type Rejection = NotUpgradable;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotUpgradable> {
        let mut request = Request::new(());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers.clone();
        // RFC 6455 § 4.2.1: what the request must have.
        let response = upgrade_response(&request)?;
        let on_upgrade =
            parts.extensions.remove::<OnUpgrade>().ok_or(NotUpgradable::NotAWebSocket)?;
        let address = parts.extensions.get().map(|ConnectInfo(address)| *address);
        Ok(Self { request, response, on_upgrade, address, secure: None })
    }
}

/// Why a request is none for a WebSocket. As a response it tells the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotUpgradable {
    /// Its method is not GET.
    #[error("a WebSocket is asked for with GET")]
    NotGet,
    /// It does not ask for a WebSocket, or by a connection that cannot become one.
    #[error("here is a WebSocket, and nothing else")]
    NotAWebSocket,
    /// It asks for another version of the protocol.
    #[error("this WebSocket is of version 13")]
    OtherVersion,
    /// It is malformed.
    #[error("not a WebSocket's request: {0}")]
    Malformed(Error),
}

impl From<Error> for NotUpgradable {
    fn from(error: Error) -> Self {
        match error {
            Error::Protocol(ProtocolError::WrongHttpMethod) => Self::NotGet,
            Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => Self::OtherVersion,
            Error::Protocol(
                ProtocolError::MissingConnectionUpgradeHeader
                | ProtocolError::MissingUpgradeWebSocketHeader
                | ProtocolError::WrongHttpVersion,
            ) => Self::NotAWebSocket,
            error => Self::Malformed(error),
        }
    }
}

impl IntoResponse for NotUpgradable {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotGet => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAWebSocket | Self::OtherVersion => StatusCode::UPGRADE_REQUIRED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
        };
        let mut response = words(status, &self.to_string());
        let headers = response.headers_mut();
        match self {
            Self::NotGet => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            Self::NotAWebSocket | Self::OtherVersion => {
                // RFC 9110 § 15.5.22: what to upgrade to is told; RFC 6455 § 4.4: and the version that would do.
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
                headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            Self::Malformed(_) => {}
        }
        response
    }
}

/// An answer in plain words.
pub(crate) fn words(status: StatusCode, words: &str) -> Response {
    (status, format!("{words}\n")).into_response()
}

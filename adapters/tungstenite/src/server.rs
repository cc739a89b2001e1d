//! The server's half of the upgrade.

use tungstenite::Error;
use tungstenite::error::ProtocolError;
use tungstenite::handshake::server::{
    ErrorResponse, Request, Response, create_response, write_response,
};
use tungstenite::http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use tungstenite::http::{HeaderValue, StatusCode};

use crate::accept::AcceptError;
use crate::head::{Head, elements};
use crate::subprotocol::{SUBPROTOCOL, SUBPROTOCOL_HEADER, offers_xmpp};

/// The server's half of the upgrade, without a socket: takes what is read, until there is an answer to write.
#[derive(Debug)]
pub struct ServerHandshake<'a> {
    path: Option<&'a str>,
    head: Head,
}

/// What comes of a handshake.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered {
    /// What to write, whatever the outcome. Empty where no answer makes sense.
    pub answer: Vec<u8>,
    /// The request, and the WebSocket begins when the answer has left; or why there is none.
    pub outcome: Result<Request, AcceptError>,
}

impl<'a> ServerHandshake<'a> {
    /// Waits for a request for this path, or for any.
    pub fn new(path: Option<&'a str>) -> Self {
        Self { path, head: Head::default() }
    }

    /// Takes what was read; nothing is the end of the stream. `None`: there is more to read.
    pub fn received(&mut self, bytes: &[u8]) -> Option<Answered> {
        match self.asked(bytes) {
            Ok(answered) => answered,
            Err(error) => {
                let answer = answer_to_failure(&error).unwrap_or_default().to_vec();
                Some(Answered { answer, outcome: Err(AcceptError::NotWebSocket(error)) })
            }
        }
    }

    /// What is no WebSocket's request is an error; what asks for another WebSocket than this has an answer.
    fn asked(&mut self, bytes: &[u8]) -> Result<Option<Answered>, Error> {
        let Some((request, rest)) = self.head.received::<Request>(bytes)? else { return Ok(None) };
        // RFC 6455 § 4.1: "the client MUST wait for a response from the server before sending any further data."
        if !rest.is_empty() {
            return Err(ProtocolError::JunkAfterRequest.into());
        }
        let response = upgrade_response(&request)?;
        let mut written = Vec::new();
        let outcome = match answer(self.path, &request, response) {
            Ok(response) => {
                write_response(&mut written, &response)?;
                Ok(request)
            }
            Err(refusal) => {
                write_response(&mut written, &refusal)?;
                let (status, reason) = (refusal.status().as_u16(), refusal.into_body());
                let reason = reason.unwrap_or_default();
                written.extend_from_slice(reason.as_bytes());
                Err(AcceptError::Refused { status, reason: reason.trim_end().to_owned() })
            }
        };
        Ok(Some(Answered { answer: written, outcome }))
    }
}

/// Judges whether a request is a WebSocket's: answers it, without a subprotocol, or tells what it lacks.
pub fn upgrade_response(request: &Request) -> Result<Response, Error> {
    let mut plain = request.clone();
    // RFC 6455 § 4.2.1: an `Upgrade` "containing the value "websocket"", a `Connection` "that includes the token
    // "Upgrade"". tungstenite looks at the first line of each, and wants nothing else in the one.
    for (name, value) in [(UPGRADE, "websocket"), (CONNECTION, "Upgrade")] {
        let mut values = elements(request.headers(), &name);
        if values.any(|it| it.eq_ignore_ascii_case(value.as_bytes())) {
            plain.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    create_response(&plain)
}

/// Judges a request, which is a WebSocket's already: answers with the subprotocol `xmpp`, or refuses.
///
/// - No `Host`, or more than one, or more than one key or version: status 400.
/// - A body: status 400. It would be read as frames here, and as a body by a proxy on the way.
/// - Another path than `path`, where one is given: status 404. A query does not count.
/// - `xmpp` is not offered: status 400. RFC 7395 § 3.1 lets a server agree on no other; to agree on none would
///   leave a client that speaks something else to find out by itself.
#[expect(clippy::result_large_err, reason = "a response is as large as the other")]
pub fn answer(
    path: Option<&str>,
    request: &Request,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    if !ONCE.iter().all(|name| request.headers().get_all(name).iter().count() == 1) {
        return Err(refusal(StatusCode::BAD_REQUEST, NOT_ONCE));
    }
    if has_body(request) {
        return Err(refusal(StatusCode::BAD_REQUEST, BODY));
    }
    if path.is_some_and(|path| path != request.uri().path()) {
        return Err(refusal(StatusCode::NOT_FOUND, WRONG_PATH));
    }
    if !offers_xmpp(request.headers()) {
        return Err(refusal(StatusCode::BAD_REQUEST, NO_SUBPROTOCOL));
    }
    // RFC 7395 § 3.1: "The reply from the server MUST also contain 'xmpp'".
    response.headers_mut().insert(SUBPROTOCOL_HEADER, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// RFC 9110 § 7.8: the client "cannot begin using an upgraded protocol on the connection until it has completely sent the
/// request message"; so what follows would not be a WebSocket's yet.
fn has_body(request: &Request) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get_all(CONTENT_LENGTH).iter().any(|length| length != "0")
}

/// The whole HTTP answer to what is no WebSocket's request; `None` where no answer makes sense.
fn answer_to_failure(error: &Error) -> Option<&'static [u8]> {
    match error {
        Error::Protocol(ProtocolError::WrongHttpMethod) => Some(NOT_GET),
        // RFC 6455 § 4.4: the versions that would do are told.
        Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => Some(OTHER_VERSION),
        Error::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader
            | ProtocolError::MissingUpgradeWebSocketHeader,
        ) => Some(NO_UPGRADE),
        Error::Protocol(ProtocolError::HandshakeIncomplete) => None,
        // RFC 6455 § 4.2.1: the answer is one "with an appropriate error code (such as 400 Bad Request)".
        Error::Protocol(_) | Error::Capacity(_) | Error::HttpFormat(_) | Error::AttackAttempt => {
            Some(BAD_REQUEST)
        }
        _ => None,
    }
}

fn refusal(status: StatusCode, why: &'static str) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(why.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(why.len()));
    response
}

// RFC 6455 § 4.2.1, § 11.3.1, § 11.3.5; RFC 9112 § 3.2.
const ONCE: [HeaderName; 3] = [HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION];
const NOT_ONCE: &str = "One Host, one Sec-WebSocket-Key and one Sec-WebSocket-Version are due.\n";
const BODY: &str = "A WebSocket's request has no body.\n";
const WRONG_PATH: &str = "There is no WebSocket here.\n";
const NO_SUBPROTOCOL: &str = "This WebSocket speaks the subprotocol xmpp (RFC 7395) only.\n";

const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const NOT_GET: &[u8] =
    b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const NO_UPGRADE: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\
    Connection: Upgrade, close\r\nContent-Length: 0\r\n\r\n";
const OTHER_VERSION: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\nContent-Length: 0\r\n\r\n";

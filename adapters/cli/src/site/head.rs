//! What a request asks for.

use std::io;

use httparse::{EMPTY_HEADER, Error, Header, Status};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The first bytes of a connection, up to the end of a request's head or to the bound.
#[derive(Debug)]
pub(super) struct Head(Vec<u8>);

/// A request that is none for a WebSocket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Request {
    Get { path: String, head_only: bool },
    OtherMethod,
    OtherHosts,
    TooLong,
}

impl Head {
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut head = Self(Vec::new());
        let mut space = [0; 2048];
        while head.is_part() && head.0.len() < MAX_HEAD_BYTES {
            let read = stream.read(&mut space).await?;
            if read == 0 {
                break;
            }
            head.0.extend(space.iter().take(read));
        }
        Ok(head)
    }

    /// Whether more is to come that belongs to it.
    fn is_part(&self) -> bool {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        matches!(httparse::Request::new(&mut headers).parse(&self.0), Ok(Status::Partial))
    }

    /// What is asked for; `None` where somebody else is to answer: a WebSocket is asked for, or it is no HTTP.
    pub(super) fn request(&self) -> Option<Request> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&self.0) {
            Ok(Status::Complete(_)) => judge(&request),
            Ok(Status::Partial) if self.0.len() >= MAX_HEAD_BYTES => Some(Request::TooLong),
            Err(Error::TooManyHeaders) => Some(Request::TooLong),
            Ok(Status::Partial) | Err(_) => None,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn judge(request: &httparse::Request<'_, '_>) -> Option<Request> {
    if request.headers.iter().any(asks_for_a_websocket) {
        return None;
    }
    let is_host = |header: &&Header<'_>| header.name.eq_ignore_ascii_case("host");
    let hosts = request.headers.iter().filter(is_host).count();
    // RFC 9112 § 3.2: "a 400 (Bad Request) status code [..] to any HTTP/1.1 request message that lacks a Host header
    // field and to any request message that contains more than one".
    if hosts > 1 || (hosts == 0 && request.version? == 1) {
        return Some(Request::OtherHosts);
    }
    let path = || path(request.path.unwrap_or_default()).to_owned();
    Some(match request.method? {
        "GET" => Request::Get { path: path(), head_only: false },
        "HEAD" => Request::Get { path: path(), head_only: true },
        _ => Request::OtherMethod,
    })
}

/// RFC 9110 § 7.8: what else a client would upgrade to, HTTP/2 for one, may be ignored.
fn asks_for_a_websocket(header: &Header<'_>) -> bool {
    let mut protocols = header.value.split(|byte| *byte == b',');
    header.name.eq_ignore_ascii_case("upgrade")
        && protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

fn path(target: &str) -> &str {
    let target = target.split(['?', '#']).next().unwrap_or_default();
    // RFC 9112 § 3.2.2: "a server MUST accept the absolute-form in requests".
    match target.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
        }
        _ => target,
    }
}

// Precedents: Node.js takes heads of 16 KiB by default, nginx of 32 KiB. A browser sends the cookies of every server on
// the same host.
const MAX_HEAD_BYTES: usize = 16 * 1024;
// Precedents: Apache takes 100 by default.
const MAX_HEADERS: usize = 100;

//! What a request asks for.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The first bytes of a connection, up to the end of a request's head or to the bound.
#[derive(Debug)]
pub(super) struct Head(Vec<u8>);

/// A request that is none for a WebSocket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Request {
    Get { path: String, head_only: bool },
    Other,
}

impl Head {
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut space = [0; 2048];
        while !is_whole(&bytes) && bytes.len() < MAX_HEAD_BYTES {
            let read = stream.read(&mut space).await?;
            if read == 0 {
                break;
            }
            bytes.extend(space.iter().take(read));
        }
        Ok(Self(bytes))
    }

    /// What is asked for; `None` where somebody else is to answer: a WebSocket is asked for, or it is no HTTP, or more
    /// than anybody asks with.
    pub(super) fn request(&self) -> Option<Request> {
        let text = str::from_utf8(&self.0).ok().filter(|_| is_whole(&self.0))?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        let names = lines.filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim());
        if names.into_iter().any(|name| name.eq_ignore_ascii_case("upgrade")) {
            return None;
        }
        let path = target.split(['?', '#']).next()?.to_owned();
        Some(match method {
            "GET" => Request::Get { path, head_only: false },
            "HEAD" => Request::Get { path, head_only: true },
            _ => Request::Other,
        })
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    bytes.windows(END.len()).any(|window| window == END)
}

const END: &[u8] = b"\r\n\r\n";
// Precedents: nginx takes heads of 8 KiB by default.
const MAX_HEAD_BYTES: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Request> {
        Head(text.into()).request()
    }

    #[test]
    fn a_file_is_told_from_a_websocket() {
        let get = |path: &str| Some(Request::Get { path: path.into(), head_only: false });
        assert_eq!(asked("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), get("/"));
        assert_eq!(asked("GET /a.js?v=1 HTTP/1.0\r\n\r\n"), get("/a.js"));
        assert_eq!(
            asked("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"),
            Some(Request::Get { path: "/a".into(), head_only: true })
        );
        assert_eq!(asked("POST / HTTP/1.1\r\n\r\n"), Some(Request::Other));
        for other in [
            "GET / HTTP/1.1\r\nuPGRADE: websocket\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n",
            "GET / SPDY/3\r\n\r\n",
            "<stream:stream>\r\n\r\n",
            "",
        ] {
            assert_eq!(asked(other), None, "{other}");
        }
    }
}

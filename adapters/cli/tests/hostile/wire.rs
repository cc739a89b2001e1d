//! A WebSocket client that says what it is told to, whether that is legal or not.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::stream::Stream;

/// A connection on which the WebSocket is open.
pub(crate) struct Wire {
    stream: Stream,
    /// What was read, of which so much was looked at.
    ahead: Vec<u8>,
    at: usize,
}

/// What came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    Text(String),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>),
    /// The server ended the stream in good order (FIN).
    End,
    /// The connection was reset.
    Reset,
    /// Nothing, in the time there was.
    Nothing,
}

/// How a connection ended, as its client sees it.
#[derive(Debug, Default)]
pub(crate) struct LastWords {
    /// The condition of the stream error.
    pub(crate) condition: Option<String>,
    /// Whether `<close/>` came.
    pub(crate) closed: bool,
    /// The code of the close frame.
    pub(crate) code: Option<u16>,
    /// Whether the end was a clean one.
    pub(crate) finished: bool,
    /// Every text that came before.
    pub(crate) texts: Vec<String>,
}

impl Wire {
    pub(crate) fn open(server: &Server) -> Self {
        Self::try_open(server).expect("the server accepts")
    }

    pub(crate) fn try_open(server: &Server) -> io::Result<Self> {
        let mut stream = server.connect()?;
        stream.write_all(request().as_bytes())?;
        let mut wire = Self { stream, ahead: Vec::new(), at: 0 };
        let head = wire.read_head()?;
        if head.starts_with("HTTP/1.1 101 ") { Ok(wire) } else { Err(io::Error::other(head)) }
    }

    /// A handle on the same connection, to write while another thread reads. Not where TLS is between.
    pub(crate) fn stream(&self) -> TcpStream {
        assert!(matches!(self.stream, Stream::Plain(_)), "bytes would get into TLS");
        self.stream.socket().try_clone().expect("there are handles left")
    }

    /// The connection, for whoever goes on without WebSockets.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    /// Says that nothing more comes, and leaves the WebSocket as it is.
    pub(crate) fn finish(&mut self) {
        self.stream.finish();
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.try_text(text).expect("the server reads");
    }

    pub(crate) fn try_text(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(&frame(FIN | TEXT, text.as_bytes()))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Writes all of this in a thread of its own, until the server hangs up; tells how many parts of it that was.
    pub(crate) fn flood(
        &self,
        parts: impl Iterator<Item = Vec<u8>> + Send + 'static,
    ) -> JoinHandle<usize> {
        let mut writing = self.stream();
        thread::spawn(move || parts.take_while(|part| writing.write_all(part).is_ok()).count())
    }

    /// The next frame, within this time.
    pub(crate) fn next(&mut self, within: Duration) -> Seen {
        let until = Instant::now() + within;
        loop {
            if let Some(seen) = self.parse() {
                return seen;
            }
            match self.fill(until) {
                Ok(0) => return Seen::End,
                Ok(_) => {}
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Seen::Nothing,
                    _ => return Seen::Reset,
                },
            }
        }
    }

    /// The next text; pings are answered.
    pub(crate) fn next_text(&mut self) -> String {
        loop {
            match self.next(PATIENCE) {
                Seen::Text(text) => return text,
                Seen::Ping(data) => self.bytes(&frame(FIN | PONG, &data)).expect("it reads"),
                Seen::Pong(_) => {}
                other => panic!("{other:?} where a text is due"),
            }
        }
    }

    /// Says nothing more, but for the answer to a close frame, and listens to the end.
    pub(crate) fn last_words(mut self, within: Duration) -> LastWords {
        let until = Instant::now() + within;
        let mut words = LastWords::default();
        loop {
            match self.next(until.saturating_duration_since(Instant::now())) {
                Seen::Text(text) if text.starts_with("<close") => {
                    words.closed = true;
                    if words.condition.is_none() {
                        // RFC 7395 § 3.6: who closed first, which was not the server, closes the WebSocket, too.
                        let _ = self.bytes(&frame(FIN | CLOSE, &1000_u16.to_be_bytes()));
                    }
                }
                Seen::Text(text) => {
                    words.condition = condition(&text).or(words.condition);
                    words.texts.push(text);
                }
                Seen::Ping(_) | Seen::Pong(_) => {}
                Seen::Close(code) => {
                    words.code = code;
                    // Whether it can still be said does not matter.
                    let code = code.unwrap_or(1000).to_be_bytes();
                    let _ = self.bytes(&frame(FIN | CLOSE, &code));
                    self.stream.finish();
                }
                Seen::End => {
                    words.finished = true;
                    return words;
                }
                Seen::Reset => return words,
                Seen::Nothing => panic!("the server does not end it: {words:?}"),
            }
        }
    }

    /// The head of an HTTP response.
    fn read_head(&mut self) -> io::Result<String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let end = self.ahead.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.ahead.drain(..end + 4).collect();
                return String::from_utf8(head).map_err(io::Error::other);
            }
            if self.fill(until)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn fill(&mut self, until: Instant) -> io::Result<usize> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.socket().set_read_timeout(Some(left))?;
        self.ahead.drain(..self.at);
        self.at = 0;
        let mut space = [0; 16 * 1024];
        let read = self.stream.read(&mut space)?;
        self.ahead.extend_from_slice(space.get(..read).expect("it read no more"));
        Ok(read)
    }

    /// Takes a frame from what was read; a server's are whole messages, and not masked.
    fn parse(&mut self) -> Option<Seen> {
        let unseen = self.ahead.get(self.at..)?;
        let (&[first, second], rest) = unseen.split_first_chunk::<2>()?;
        let (length, rest) = match second {
            126 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            127 => {
                let (length, rest) = rest.split_first_chunk::<8>()?;
                (usize::try_from(u64::from_be_bytes(*length)).expect("it fits"), rest)
            }
            short => (usize::from(short), rest),
        };
        let payload = rest.get(..length)?.to_vec();
        self.at += unseen.len() - rest.len() + length;
        Some(match first {
            0x81 => Seen::Text(String::from_utf8(payload).expect("a server's text is UTF-8")),
            0x88 => Seen::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            0x89 => Seen::Ping(payload),
            0x8A => Seen::Pong(payload),
            other => panic!("the server sent a frame that begins with {other:#x}"),
        })
    }
}

impl LastWords {
    /// In a few words: the condition, `<close/>`, the close code, and how the connection ended.
    pub(crate) fn told(&self) -> String {
        let condition = self.condition.as_deref().unwrap_or("no error");
        let closed = if self.closed { ", close" } else { "" };
        let code = self.code.map_or_else(|| ", no code".to_owned(), |code| format!(", {code}"));
        let reset = if self.finished { "" } else { ", RESET" };
        format!("{condition}{closed}{code}{reset}")
    }
}

/// The condition in a stream error, or in a SASL failure.
pub(crate) fn condition(text: &str) -> Option<String> {
    if !text.contains("urn:ietf:params:xml:ns:xmpp-streams") {
        return None;
    }
    let (before, _) = text
        .split_once("xmlns=\"urn:ietf:params:xml:ns:xmpp-streams\"")
        .or_else(|| text.split_once("xmlns='urn:ietf:params:xml:ns:xmpp-streams'"))?;
    Some(before.rsplit('<').next()?.trim().to_owned())
}

/// One frame, masked, with a header that tells the truth.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, payload.len() as u64);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The header of a masked frame that promises so many bytes.
pub(crate) fn header(first: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => header.push(MASKED | short),
        (_, Ok(middle)) => {
            header.push(MASKED | 0x7E);
            header.extend(middle.to_be_bytes());
        }
        _ => {
            header.push(MASKED | 0x7F);
            header.extend(length.to_be_bytes());
        }
    }
    header.extend(MASK);
    header
}

/// A good request for the upgrade.
pub(crate) fn request() -> String {
    request_with("")
}

/// The same with more headers.
pub(crate) fn request_with(more: &str) -> String {
    format!(
        "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n{more}\r\n"
    )
}

/// How long an answer may take where one is due at once; others use the machine, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const FIN: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x21, 0x43, 0x65, 0x87];

//! A client by hand: a socket, frames, and nothing that comes back by itself.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::process::{Server, TIME};

/// One WebSocket to the server.
pub(crate) struct Raw(TcpStream);

impl Raw {
    /// A WebSocket through which nothing was said.
    pub(crate) fn silent(server: &Server) -> Self {
        let authority = server.url.split('/').nth(2).unwrap();
        let stream = TcpStream::connect(authority).unwrap();
        stream.set_read_timeout(Some(TIME)).unwrap();
        let mut raw = Self(stream);
        let request = "GET /xmpp-websocket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\
            Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
        raw.0.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(raw.bytes(1));
        }
        raw
    }

    /// A client that has logged in as this user with PLAIN, which the server must allow, and may bind or resume.
    pub(crate) fn login(server: &Server, user: &str) -> Self {
        let mut raw = Self::opened(server);
        raw.logs_in(user);
        raw
    }

    /// A stream on which nobody has logged in yet.
    pub(crate) fn opened(server: &Server) -> Self {
        let mut raw = Self::silent(server);
        raw.opens();
        raw
    }

    pub(crate) fn opens(&mut self) {
        self.says(OPEN);
        self.until("<stream:features");
    }

    /// Logs in on an open stream.
    pub(crate) fn logs_in(&mut self, user: &str) {
        let data = BASE64_STANDARD.encode(format!("\0{user}\0secret"));
        self.says(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{data}</auth>"
        ));
        self.until("<success");
        self.says(OPEN);
        let features = self.until("<stream:features");
        assert!(features.contains("<sm xmlns='urn:xmpp:sm:3'/>"), "{features}");
    }

    /// The same, with this resource.
    pub(crate) fn bound(server: &Server, user: &str, resource: &str) -> Self {
        let mut raw = Self::login(server, user);
        raw.says(&format!(
            "<iq xmlns='jabber:client' type='set' id='b'><bind \
             xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>"
        ));
        assert!(raw.hears().contains("type='result'"));
        raw
    }

    /// The same, with a session that can be resumed by this name.
    pub(crate) fn managed(server: &Server, user: &str, resource: &str) -> (Self, String) {
        let mut raw = Self::bound(server, user, resource);
        raw.says("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        let enabled = raw.hears();
        let (_, rest) = enabled.split_once("id='").unwrap_or_else(|| panic!("{enabled}"));
        let (id, _) = rest.split_once('\'').unwrap();
        (raw, id.to_owned())
    }

    /// Asks to go on with this session, of which it has so many of the server's stanzas; says the answer.
    pub(crate) fn resumes(&mut self, id: &str, h: u32) -> String {
        self.says(&format!("<resume xmlns='urn:xmpp:sm:3' h='{h}' previd='{id}'/>"));
        self.hears()
    }

    pub(crate) fn says(&mut self, text: &str) {
        // One text frame, masked with zeros (RFC 6455 § 5.2).
        let mut frame = vec![0x81];
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(length @ ..126), _) => frame.push(0x80 | length),
            (_, Ok(length)) => {
                frame.push(0x80 | 0x7e);
                frame.extend(length.to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 0x7f);
                frame.extend(u64::try_from(text.len()).unwrap().to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }

    /// The next text.
    pub(crate) fn hears(&mut self) -> String {
        loop {
            let header = self.bytes(2);
            let length = match header[1] {
                126 => {
                    let length = self.bytes(2);
                    usize::from(u16::from_be_bytes([length[0], length[1]]))
                }
                127 => {
                    let length = self.bytes(8).try_into().unwrap();
                    usize::try_from(u64::from_be_bytes(length)).unwrap()
                }
                short => usize::from(short),
            };
            let content = self.bytes(length);
            match header[0] & 15 {
                1 => return String::from_utf8(content).unwrap(),
                8 => panic!("closed: {content:?}"),
                // Nobody waits so long here that a ping had to be answered.
                _ => {}
            }
        }
    }

    /// The next text that begins so, or has this in it; what comes before is of no interest.
    pub(crate) fn until(&mut self, wanted: &str) -> String {
        loop {
            let text = self.hears();
            if text.contains(wanted) {
                return text;
            }
        }
    }

    /// The next stanza; acknowledgements and requests for one are of no interest.
    pub(crate) fn stanza(&mut self) -> String {
        loop {
            let text = self.hears();
            if ["<message", "<presence", "<iq"].iter().any(|name| text.starts_with(name)) {
                return text;
            }
        }
    }

    /// Everything until the server ends the connection, as it came.
    pub(crate) fn rest(mut self) -> String {
        let mut rest = Vec::new();
        // It may be reset, too.
        let _ = self.0.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }
}

const OPEN: &str =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";

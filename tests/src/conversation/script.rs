//! Peers that follow a script, over plain sockets: a server for a client's scenarios, and a guest for a server's.

use std::io::ErrorKind::WouldBlock;
use std::net::{TcpListener, TcpStream};
use std::thread;

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::{WebSocketConfig, frame::CloseFrame};
use tungstenite::{Message, WebSocket, accept_hdr_with_config, client::client_with_config};

use super::{Cut, PATIENCE, Place};

/// One end of a WebSocket that says what it is told to.
#[derive(Debug)]
pub struct Peer {
    socket: WebSocket<TcpStream>,
    /// How many pongs came while it waited for something else.
    pub pongs: usize,
}

/// Listens for one client, with whom `part` is played, and then for no other.
pub fn listen(part: impl FnOnce(TcpStream) + Send + 'static) -> Place {
    listen_with(|_| {}, part)
}

/// The same, with a socket that was prepared.
pub fn listen_with(
    prepare: impl FnOnce(&TcpListener),
    part: impl FnOnce(TcpStream) + Send + 'static,
) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    prepare(&listener);
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        drop(listener);
        part(patient(stream));
    });
    Place {
        name: "a script".into(),
        uri: format!("ws://{address}/"),
        account: "alice@localhost".into(),
        password: "secret".into(),
        trust: None,
        max_message_bytes: None,
        leaves: false,
        cut: Cut::Told,
    }
}

/// A script that waits for what never comes fails, instead of waiting on.
fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).expect("some time");
    stream.set_write_timeout(Some(PATIENCE)).expect("some time");
    stream.set_nodelay(true).expect("TCP");
    stream
}

impl Peer {
    /// Answers a client's request.
    pub fn accept(stream: TcpStream) -> Self {
        #[expect(clippy::result_large_err, reason = "tungstenite's callback wants it so")]
        let agree = |_: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            response.headers_mut().insert(PROTOCOL, HeaderValue::from_static("xmpp"));
            Ok(response)
        };
        let socket = accept_hdr_with_config(stream, agree, Some(config())).expect("a good request");
        Self { socket, pongs: 0 }
    }

    /// Asks a server.
    pub fn connect(stream: TcpStream, uri: &str) -> Self {
        let mut request = uri.into_client_request().expect("a URI");
        request.headers_mut().insert(PROTOCOL, HeaderValue::from_static("xmpp"));
        let (socket, _) =
            client_with_config(request, patient(stream), Some(config())).expect("it agrees");
        Self { socket, pongs: 0 }
    }

    /// Plays a server until its client is bound.
    pub fn lets_in(&mut self) {
        for phase in LOGIN {
            self.plays(phase);
        }
    }

    /// One step of a login, as a server.
    pub fn plays(&mut self, step: &Step) {
        match step {
            Step::Hears(word) => {
                let said = self.hears();
                assert!(said.contains(word), "{said}");
            }
            Step::Says(xml) => self.says(xml),
            Step::Binds => {
                let asked = self.hears();
                let (_, id) = asked.split_once("id='").expect("a request has an id");
                let (id, _) = id.split_once('\'').expect("it ends");
                let bound = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@localhost/x</jid></bind>";
                self.says(&format!(
                    "<iq xmlns='jabber:client' type='result' id='{id}'>{bound}</iq>"
                ));
            }
        }
    }

    /// Plays a client until it is bound to its server.
    pub fn logs_in(&mut self) {
        for phase in VISIT {
            self.plays(phase);
        }
    }

    /// Says this.
    pub fn says(&mut self, xml: &str) {
        self.socket.send(Message::text(xml)).expect("it is taken");
    }

    /// Says this, in three frames, with a ping after each of the first two.
    pub fn says_in_pieces(&mut self, xml: &str) {
        let third = xml.len() / 3;
        let bytes = xml.as_bytes();
        let pieces = [&bytes[..third], &bytes[third..2 * third], &bytes[2 * third..]];
        for (number, piece) in pieces.into_iter().enumerate() {
            let kind = if number == 0 { Data::Text } else { Data::Continue };
            let frame = Frame::message(piece.to_vec(), OpCode::Data(kind), number == 2);
            self.socket.send(Message::Frame(frame)).expect("it is taken");
            if number < 2 {
                self.socket.send(Message::Ping("between".into())).expect("it is taken");
            }
        }
    }

    /// The next message.
    pub fn hears(&mut self) -> String {
        loop {
            match self.socket.read().expect("it goes on") {
                Message::Text(text) => return text.as_str().to_owned(),
                Message::Pong(_) => self.pongs += 1,
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next message with this in it; what comes before is of no interest.
    pub fn awaits(&mut self, word: &str) -> String {
        loop {
            let said = self.hears();
            if said.contains(word) {
                return said;
            }
        }
    }

    /// Leaves first, in good order: says `<close/>`, hears it, closes the WebSocket.
    pub fn leaves(mut self) {
        self.says(CLOSE);
        self.awaits("<close");
        self.hangs_up();
    }

    /// Closes the WebSocket, and waits for the other side.
    pub fn hangs_up(mut self) {
        let frame = CloseFrame { code: 1000.into(), reason: "".into() };
        let _ = self.socket.close(Some(frame));
        while self.socket.read().is_ok() {}
    }

    /// Waits for the other side to go without a word.
    pub fn is_left(mut self) {
        let error = self.socket.read().expect_err("it is left");
        assert!(!matches!(error, tungstenite::Error::Io(ref error) if error.kind() == WouldBlock));
    }

    /// The code with which the other side closes; what comes before is of no interest.
    pub fn hears_close_code(&mut self) -> Option<u16> {
        loop {
            if let Message::Close(frame) = self.socket.read().expect("it goes on") {
                return frame.map(|frame| frame.code.into());
            }
        }
    }

    /// The socket below.
    pub fn stream(&self) -> &TcpStream {
        self.socket.get_ref()
    }
}

/// A step of a login.
#[derive(Debug)]
pub enum Step {
    /// The other side says something with this in it.
    Hears(&'static str),
    /// This is said.
    Says(&'static str),
    /// The request for a resource is heard, and granted.
    Binds,
}

/// A login by PLAIN, as a server plays it.
pub const LOGIN: &[Step] = &[
    Step::Hears("<open"),
    Step::Says(OPEN_FROM_SERVER),
    Step::Says(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms \
         xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    ),
    Step::Hears("<auth"),
    Step::Says("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
    Step::Hears("<open"),
    Step::Says(OPEN_FROM_SERVER),
    Step::Says(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind \
         xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    ),
    Step::Binds,
];

/// The same login, as a client plays it.
pub const VISIT: &[Step] = &[
    Step::Says(OPEN_FROM_CLIENT),
    Step::Hears("<open"),
    Step::Hears("PLAIN"),
    Step::Says(
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>",
    ),
    Step::Hears("<success"),
    Step::Says(OPEN_FROM_CLIENT),
    Step::Hears("<open"),
    Step::Hears("bind"),
    Step::Says(
        "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    ),
    Step::Hears("<jid>"),
];

const OPEN_FROM_SERVER: &str =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='localhost' id='s' version='1.0'/>";
const OPEN_FROM_CLIENT: &str =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
const CLOSE: &str = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";

fn config() -> WebSocketConfig {
    // What is said leaves at once.
    WebSocketConfig::default().write_buffer_size(0)
}

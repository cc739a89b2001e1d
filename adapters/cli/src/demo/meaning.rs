//! What a frame means, in a few words.

use bytestring::ByteString;
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::frame::{Decoder, Frame, Nonza};
use xmpp_ws::ns;
use xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws::xml::Element;

/// Puts one client's frames into words. It remembers what was there before, as far as words depend on it.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    decoder: Decoder,
    client: Half,
    server: Half,
}

/// What was said in one direction.
#[derive(Debug, Default)]
struct Half {
    has_opened: bool,
    has_closed: bool,
}

impl Meaning {
    /// What the client saw; `None` where there is nothing to tell.
    pub(super) fn of_input(&mut self, input: &Input) -> Option<String> {
        Some(match input {
            Input::Connected(_) => {
                "agrees: the WebSocket is open, with the subprotocol xmpp".into()
            }
            Input::ConnectFailed(error) => format!("no WebSocket: {error}"),
            Input::Text(text) => self.of_text(text, Sender::Server),
            Input::Ping => "WebSocket ping".into(),
            Input::Pong => "WebSocket pong".into(),
            Input::Closed { code } => {
                format!("closes the WebSocket, too{}", code.map_or_else(String::new, with_code))
            }
            Input::Lost => "the connection is gone".into(),
            Input::Binary | Input::Unreadable(_) | Input::Unwritable => "what it should not".into(),
            Input::Fetched(_) | Input::Timeout => return None,
        })
    }

    /// What the client does.
    pub(super) fn of_transmit(&mut self, transmit: &Transmit) -> Option<String> {
        Some(match transmit {
            Transmit::Dial(target) => {
                (self.client, self.server) = (Half::default(), Half::default());
                format!("opens a WebSocket to {}", target.uri)
            }
            Transmit::Text(text) => self.of_text(text, Sender::Client),
            Transmit::Ping => "WebSocket ping".into(),
            Transmit::Close { code } => format!("closes the WebSocket{}", with_code(*code)),
            Transmit::Drop => "drops the connection".into(),
            Transmit::Fetch(_) => return None,
        })
    }

    fn of_text(&mut self, text: &ByteString, sender: Sender) -> String {
        let frame = match self.decoder.decode(text) {
            Ok(frame) => frame,
            Err(violation) => return violation.to_string(),
        };
        let other_has_closed = match sender {
            Sender::Client => self.server.has_closed,
            Sender::Server => self.client.has_closed,
        };
        let half = match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        };
        match frame {
            Frame::Open(open) => match (std::mem::replace(&mut half.has_opened, true), sender) {
                (false, Sender::Client) => {
                    format!("opens a stream to {}", open.to.unwrap_or_default())
                }
                (false, Sender::Server) => "opens its own".into(),
                (true, Sender::Client) => "logged in: opens the stream anew".into(),
                (true, Sender::Server) => "opens its own anew".into(),
            },
            Frame::Close(_) => {
                half.has_closed = true;
                let too = if other_has_closed { ", too" } else { "" };
                format!("closes the stream{too}")
            }
            Frame::Features(features) => of_features(&features),
            Frame::Error(error) | Frame::ErrorAndClose(error, _) => {
                format!("stream error: {error}")
            }
            Frame::Stanza(stanza) => of_stanza(&stanza, sender),
            Frame::Nonza(nonza) if nonza.read().root().namespace() == ns::SM => {
                of_management(&nonza)
            }
            Frame::Nonza(nonza) => of_sasl(&nonza),
        }
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sender {
    Client,
    Server,
}

fn with_code(code: u16) -> String {
    format!(" (code {code})")
}

fn of_features(features: &Nonza) -> String {
    let document = features.read();
    match document.root().child("mechanisms", ns::SASL) {
        Some(mechanisms) => {
            let names: Vec<_> = mechanisms.children().map(|it| it.text()).collect();
            format!("offers to log in by {}", names.join(", "))
        }
        None if document.root().child("sm", ns::SM).is_some() => {
            "offers to bind a resource, and to resume a session".into()
        }
        None => "offers to bind a resource".into(),
    }
}

fn of_sasl(nonza: &Nonza) -> String {
    let document = nonza.read();
    let root = document.root();
    match root.name() {
        "auth" => {
            format!(
                "logs in by {}, without the password",
                root.attribute("mechanism").unwrap_or_default()
            )
        }
        "challenge" => "challenges: a nonce, the salt, the number of iterations".into(),
        "response" => "proves that it knows the password".into(),
        "success" => "agrees, and proves that it knows the user's key".into(),
        "failure" => {
            let condition = root.children().next();
            format!("refuses: {}", condition.map_or("no reason", |it| it.name()))
        }
        other => format!("<{other}/>"),
    }
}

/// XEP-0198.
fn of_management(nonza: &Nonza) -> String {
    let document = nonza.read();
    let root = document.root();
    let so_many = || format!("{} stanzas", root.attribute("h").unwrap_or_default());
    match root.name() {
        "enable" => "asks for acknowledgements, and a session that can be resumed".into(),
        "enabled" => "grants both".into(),
        "r" => "asks how many stanzas have arrived".into(),
        "a" => format!("has {}", so_many()),
        "resume" => format!("asks for the session of before, in which it has {}", so_many()),
        "resumed" => format!("goes on with it; for its part it has {}", so_many()),
        "failed" => "refuses".into(),
        other => format!("<{other}/>"),
    }
}

fn of_stanza(stanza: &Stanza, sender: Sender) -> String {
    let whom = match sender {
        Sender::Client => stanza.to().map_or_else(String::new, |to| format!(" to {to}")),
        Sender::Server => stanza.from().map_or_else(String::new, |from| format!(" from {from}")),
    };
    match stanza.kind() {
        StanzaKind::Message => format!("a message{whom}"),
        StanzaKind::Presence => format!("presence{whom}"),
        StanzaKind::Iq => of_iq(stanza, &whom),
    }
}

fn of_iq(stanza: &Stanza, whom: &str) -> String {
    let document = stanza.read();
    let content = document.root().children().next();
    let namespace = content.map_or("", |content: Element<'_>| content.namespace());
    let kind = stanza.type_attribute();
    match (kind.as_deref().unwrap_or_default(), namespace) {
        ("set", ns::BIND) => "asks for a resource".into(),
        ("result", ns::BIND) => "gives the client its address".into(),
        ("get", ns::PING) => format!("a ping{whom}"),
        ("get" | "set", _) => format!("a request{whom}"),
        ("result", _) => format!("the answer{whom}"),
        ("error", _) => format!("an error{whom}"),
        (other, _) => format!("an iq of type {other}"),
    }
}

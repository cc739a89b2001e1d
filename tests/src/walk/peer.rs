//! The other side of a walk: what it says when it behaves, and what it has said elsewhere.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{Exchange as ClientExchange, Start, Step as ClientStep};
use xmpp_ws::sasl::server::{Exchange as ServerExchange, Step as ServerStep};
use xmpp_ws::sasl::{DecoySecret, Hash, Mechanism, Password, StoredKeys};

use crate::solo::{self, attribute};
use crate::{managed, managed_server};

/// What the peer remembers of a login.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that is known")]
pub(super) struct Peer {
    as_server: Option<ServerExchange>,
    as_client: Option<ClientExchange>,
    /// Whether the login is through.
    is_authenticated: bool,
    /// How many `<open/>` were answered with features.
    has_opened: bool,
    /// Whether it has stream management, as a server.
    pub(super) manages: bool,
    /// What comes of going on with a session.
    pub(super) resumes: Resumes,
    /// Whether it sends who comes from outside to one of its nodes.
    pub(super) has_front_end: bool,
    /// Whether this connection leads to the front end.
    is_front_end: bool,
    /// How many stanzas came in the session.
    heard: u32,
}

/// What a server says to a client that asks for its session of before.
#[derive(Clone, Copy, Default)]
pub(super) enum Resumes {
    /// It goes on.
    #[default]
    Well,
    /// It has no such session.
    Not,
    /// It has more stanzas of the client's than it was sent.
    Wrongly,
    /// Nothing.
    Never,
}

/// Keys that cost nothing to derive.
pub(super) fn cheap_keys() -> StoredKeys {
    StoredKeys::derive(Hash::Sha1, &Password::new("secret"), b"salt".to_vec(), 1)
        .expect("the password can be prepared")
}

impl Peer {
    /// Another connection begins.
    pub(super) fn begin(&mut self) {
        let Self { manages, resumes, has_front_end, heard, .. } = *self;
        *self = Self { manages, resumes, has_front_end, heard, ..Self::default() };
    }

    /// The connection leads to this host.
    pub(super) fn is_at(&mut self, host: &str) {
        self.is_front_end = self.has_front_end && host != NODE;
    }

    /// Counts what is said (XEP-0198).
    pub(super) fn note(&mut self, said: &str) {
        match split(said) {
            Some(("enable", _)) => self.heard = 0,
            Some(("message" | "presence" | "iq", _)) => self.heard = self.heard.wrapping_add(1),
            _ => {}
        }
    }

    /// What a server says to this.
    pub(super) fn as_server(&mut self, said: &str) -> Option<String> {
        let (name, content) = split(said)?;
        Some(match name {
            "open" if self.is_front_end => format!("{CLOSE_TO}='wss://{NODE}/'/>"),
            "open" if !self.has_opened => {
                self.has_opened = true;
                solo::SERVER_OPEN.into()
            }
            "open" if self.is_authenticated && self.manages => managed::MANAGED_FEATURES.into(),
            "enable" => managed::ENABLED.into(),
            "resume" => match self.resumes {
                Resumes::Well => managed::resumed(self.heard),
                Resumes::Not => managed_server::failed("item-not-found"),
                Resumes::Wrongly => managed::resumed(self.heard.wrapping_add(9)),
                Resumes::Never => return None,
            },
            "r" => managed::answer(self.heard),
            "open" if self.is_authenticated => FEATURES_BIND.into(),
            "open" => FEATURES_LOGIN.into(),
            "auth" => return self.challenge(&BASE64_STANDARD.decode(content).ok()?),
            "response" => {
                let response = BASE64_STANDARD.decode(content).ok()?;
                match self.as_server.take()?.response(&response).ok()? {
                    ServerStep::Success { data, .. } => {
                        self.is_authenticated = true;
                        self.has_opened = false;
                        sasl("success", &data.unwrap_or_default())
                    }
                    _ => return None,
                }
            }
            "iq" if said.contains("<bind ") => solo::bound(&attribute(said, "id")),
            "iq" if attribute(said, "type") == "get" || said.contains("<session ") => {
                let id = attribute(said, "id");
                format!("<iq xmlns='jabber:client' type='result' id='{id}'/>")
            }
            "close" => solo::CLOSE.into(),
            _ => return None,
        })
    }

    fn challenge(&mut self, initial: &[u8]) -> Option<String> {
        let nonce = "servernonce".to_owned();
        let step = ServerExchange::start(Mechanism::ScramSha1, Some(initial), nonce, None);
        let Ok(ServerStep::Lookup(exchange, _)) = step else {
            self.is_authenticated = true;
            self.has_opened = false;
            return Some(solo::SUCCESS.into());
        };
        let step = exchange.credentials(Some(&cheap_keys()), &DecoySecret::new([0; 32]));
        let Ok(ServerStep::Challenge(exchange, challenge)) = step else { return None };
        self.as_server = Some(exchange);
        Some(sasl("challenge", &challenge))
    }

    /// What a client says to this.
    pub(super) fn as_client(&mut self, said: &str) -> Option<String> {
        if said.is_empty() {
            return Some(solo::CLIENT_OPEN.into());
        }
        let (name, content) = split(said)?;
        Some(match name {
            "stream:features" if said.contains("<bind ") => solo::BIND.into(),
            "stream:features" if said.contains("PLAIN") => solo::PLAIN_AUTH.into(),
            "stream:features" => {
                let password = Password::new("secret");
                let mut start = Start::new("alice", "clientnonce".into());
                start.password = Some(&password);
                let (exchange, initial) =
                    ClientExchange::start(Mechanism::ScramSha1, start).ok()?;
                self.as_client = Some(exchange);
                sasl("auth", &initial?).replace("<auth", "<auth mechanism='SCRAM-SHA-1'")
            }
            "challenge" => {
                let challenge = BASE64_STANDARD.decode(content).ok()?;
                let mut limits = ScramLimits::default();
                limits.min_iterations = 1;
                match self.as_client.take()?.challenge(&challenge, &limits).ok()? {
                    ClientStep::Derive(exchange, derivation) => {
                        let (_, response) = exchange.derived(&derivation.run()).ok()?;
                        sasl("response", &response)
                    }
                    ClientStep::Respond(_, data) => sasl("response", &data),
                }
            }
            "success" => solo::CLIENT_OPEN.into(),
            "close" => solo::CLOSE.into(),
            _ => return None,
        })
    }
}

/// The name of an element as it is written, and what stands in it.
fn split(said: &str) -> Option<(&str, &str)> {
    let (name, _) = said.strip_prefix('<')?.split_once([' ', '>', '/'])?;
    let (_, rest) = said.split_once('>')?;
    Some((name, rest.split_once("</").map_or("", |(content, _)| content)))
}

fn sasl(name: &str, data: &[u8]) -> String {
    let data = BASE64_STANDARD.encode(data);
    format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</{name}>")
}

pub(super) const MESSAGE: &str = "<message xmlns='jabber:client'/>";
pub(super) const CLOSE_TO: &str =
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri";
const NODE: &str = "node.example";

const FEATURES_LOGIN: &str = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms \
     xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>\
     <mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const FEATURES_BIND: &str = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
     <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
     <session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></stream:features>";

/// What an application sends; the empty one stands for anything.
pub(super) const STANZAS: &[&str] = &[
    "<message/>",
    "<message xmlns='jabber:client' to='bob@example.com'><body>&lt;é</body></message>",
    "<presence/>",
    "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq/>",
    "<c:message xmlns:c='jabber:client'/>",
    "<a/>",
    "<message xmlns=''/>",
    "",
];

/// Frames of either side, in place and out of it.
pub const FRAMES: &[&str] = &[
    MESSAGE,
    solo::CLIENT_OPEN,
    solo::SERVER_OPEN,
    solo::CLOSE,
    solo::PLAIN_FEATURES,
    solo::BIND_FEATURES,
    solo::PLAIN_AUTH,
    solo::SUCCESS,
    solo::BIND,
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://a.example/'/>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='eve@example.com/e'/>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "<error xmlns='http://etherx.jabber.org/streams' from='eve@example.com'/>",
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'/><close \
     xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    "<iq id='1' type='get' from='example.com'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq xmlns='jabber:client' type='set' id='b'><bind \
     xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<iq xmlns='jabber:client' type='set' id='s'><session \
     xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
    "<iq xmlns='jabber:client' type='get' id='1' to='bob@example.com'/>",
    "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</challenge>",
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    crate::managed_server::ENABLE,
    "<a xmlns='urn:xmpp:sm:3' h='1'/>",
    "<a xmlns='urn:xmpp:sm:3' h='0'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>",
    "<inactive xmlns='urn:xmpp:csi:0'/>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<c:presence xmlns:c='jabber:client' xml:lang='de'/>",
    "<message xmlns='jabber:client' from='eve@example.com'/>",
    "<?xml version='1.0'?><message xmlns='jabber:client'/>",
    managed::ENABLED,
    "<enabled xmlns='urn:xmpp:sm:3'/>",
    "<resumed xmlns='urn:xmpp:sm:3' h='0' previd='s-1'/>",
    "<failed xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
    "<features xmlns='http://etherx.jabber.org/streams'/>",
];

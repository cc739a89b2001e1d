//! The requests that the server answers itself, for the host and for accounts. (The core answers pings, the session
//! request and a second request to bind.)

use bytestring::ByteString;
use xmpp_ws::jid::Jid;
use xmpp_ws::ns::{CLIENT, PING};
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::xml::{Element, Unwritable, Writer};

use super::Router;
use super::delivery::Fate;

impl Router {
    /// A request to the sender's own account.
    pub(super) fn answer_for_account(&self, own: &Jid, stanza: &Stanza) -> Fate {
        answer(stanza, |request| match request {
            Request::Get(DISCO_INFO) => {
                Some(info(stanza, "account", "registered", &[DISCO_INFO, DISCO_ITEMS, ROSTER]))
            }
            Request::Get(DISCO_ITEMS) => Some(items(stanza, self.resource_addresses(own))),
            // RFC 6121 § 2.1.3: a user who has no contacts, which is all that there is here, has an empty roster.
            Request::Get(ROSTER) => Some(result(stanza, |writer| {
                writer.start("query", ROSTER);
            })),
            _ => None,
        })
    }

    fn resource_addresses(&self, own: &Jid) -> Vec<&str> {
        let sessions = self.resources(own.bare_str()).iter().filter_map(|id| self.sessions.get(id));
        sessions.map(|session| session.jid.as_str()).collect()
    }
}

/// A request to the host.
pub(super) fn answer_for_host(stanza: &Stanza) -> Fate {
    answer(stanza, |request| match request {
        Request::Get(DISCO_INFO) => {
            Some(info(stanza, "server", "im", &[DISCO_INFO, DISCO_ITEMS, VERSION, PING]))
        }
        Request::Get(DISCO_ITEMS) => Some(items(stanza, Vec::new())),
        Request::Get(VERSION) => Some(result(stanza, |writer| {
            writer.start("query", VERSION);
            writer.start("name", VERSION).text(env!("CARGO_BIN_NAME")).end();
            writer.start("version", VERSION).text(env!("CARGO_PKG_VERSION"));
        })),
        _ => None,
    })
}

/// What is asked for, by the namespace of the `<query/>`.
#[derive(Clone, Copy, Debug)]
enum Request<'a> {
    Get(&'a str),
    Set(&'a str),
}

/// Answers what `known` knows, and refuses everything else.
fn answer(
    stanza: &Stanza,
    known: impl FnOnce(Request<'_>) -> Option<Result<ByteString, Unwritable>>,
) -> Fate {
    let document = stanza.read();
    let mut children = document.root().children();
    let (Some(query), None) = (children.next(), children.next()) else {
        // RFC 6120 § 8.2.3: a request has exactly one child.
        return Fate::Refuse(StanzaCondition::BadRequest);
    };
    let is_get = stanza.type_attribute().as_deref() == Some("get");
    let request =
        if is_get { Request::Get(query.namespace()) } else { Request::Set(query.namespace()) };
    if let Some(condition) = refusal(request, query) {
        return Fate::Refuse(condition);
    }
    match known(request) {
        Some(Ok(answer)) => Fate::Answer(answer),
        // Checked text is always writable.
        Some(Err(_)) => Fate::Refuse(StanzaCondition::InternalServerError),
        None => Fate::Refuse(StanzaCondition::ServiceUnavailable),
    }
}

/// Why a request for something that is known here is refused all the same.
fn refusal(request: Request<'_>, query: Element<'_>) -> Option<StanzaCondition> {
    match request {
        _ if query.name() != "query" => Some(StanzaCondition::ServiceUnavailable),
        // XEP-0030 § 3.2: there are no nodes.
        Request::Get(DISCO_INFO | DISCO_ITEMS) if query.attribute("node").is_some() => {
            Some(StanzaCondition::ItemNotFound)
        }
        // Rosters are not kept.
        Request::Set(ROSTER) => Some(StanzaCondition::NotAllowed),
        Request::Get(_) | Request::Set(_) => None,
    }
}

/// XEP-0030 § 3.1.
fn info(
    stanza: &Stanza,
    category: &str,
    kind: &str,
    features: &[&str],
) -> Result<ByteString, Unwritable> {
    result(stanza, |writer| {
        writer.start("query", DISCO_INFO);
        writer.start("identity", DISCO_INFO).attribute("category", category);
        writer.attribute("type", kind).attribute("name", env!("CARGO_BIN_NAME")).end();
        for feature in features {
            writer.start("feature", DISCO_INFO).attribute("var", feature).end();
        }
    })
}

/// XEP-0030 § 4.1.
fn items(stanza: &Stanza, addresses: Vec<&str>) -> Result<ByteString, Unwritable> {
    result(stanza, |writer| {
        writer.start("query", DISCO_ITEMS);
        for address in addresses {
            writer.start("item", DISCO_ITEMS).attribute("jid", address).end();
        }
    })
}

fn result(
    stanza: &Stanza,
    content: impl FnOnce(&mut Writer<'_>),
) -> Result<ByteString, Unwritable> {
    let mut writer = Writer::new();
    writer
        .start("iq", CLIENT)
        .attribute("type", "result")
        .optional_attribute("id", stanza.id().as_deref())
        .optional_attribute("to", stanza.from().as_deref())
        .optional_attribute("from", stanza.to().as_deref());
    content(&mut writer);
    writer.finish()
}

const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
const ROSTER: &str = "jabber:iq:roster";
const VERSION: &str = "jabber:iq:version";

//! Resource binding (RFC 6120 § 7), and the session request that once followed it (RFC 3921 § 3).

use bytestring::ByteString;

use crate::jid::Jid;
use crate::ns;
use crate::stanza::{Stanza, StanzaKind};
use crate::xml::{Element, Writer};

/// A client's request for a resource, this one or any.
pub(crate) fn request(id: &str, resource: Option<&str>) -> ByteString {
    let mut writer = Writer::new();
    start_set(&mut writer, id).start("bind", ns::BIND);
    if let Some(resource) = resource {
        writer.start("resource", ns::BIND).text(resource);
    }
    writer.finish_checked()
}

/// A client's request for a session.
pub(crate) fn session_request(id: &str) -> ByteString {
    let mut writer = Writer::new();
    start_set(&mut writer, id).start("session", ns::SESSION);
    writer.finish_checked()
}

/// The full address in a server's answer.
pub(crate) fn read_result(result: &Stanza) -> Option<Jid> {
    let document = result.read();
    let jid = document.root().child("bind", ns::BIND)?.child("jid", ns::BIND)?.text();
    jid.parse().ok().filter(|jid: &Jid| jid.local().is_some() && !jid.is_bare())
}

/// What a client asks for when it binds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// This resource.
    Resource(String),
    /// Whichever.
    Any,
}

/// What a client asks for, if this is a request to bind.
pub(crate) fn read_request(stanza: &Stanza) -> Option<Wish> {
    if !is_set_of(stanza, "bind") {
        return None;
    }
    let document = stanza.read();
    let bind = document.root().child("bind", ns::BIND)?;
    let resource = bind.child("resource", ns::BIND).map(|it| it.text().into_owned());
    // RFC 6120 § 7.6: an empty resource asks for none in particular.
    Some(resource.filter(|it| !it.is_empty()).map_or(Wish::Any, Wish::Resource))
}

/// Whether this asks for a session.
pub(crate) fn is_session_request(stanza: &Stanza) -> bool {
    is_set_of(stanza, "session") && stanza.read().root().child("session", ns::SESSION).is_some()
}

/// A server's answer to a request to bind.
pub(crate) fn result(request: &Stanza, jid: &Jid) -> ByteString {
    Writer::new()
        .start("iq", ns::CLIENT)
        .attribute("type", "result")
        .optional_attribute("id", request.id().as_deref())
        .start("bind", ns::BIND)
        .start("jid", ns::BIND)
        .text(jid.as_str())
        .finish_checked()
}

/// Whether a server still insists on the session request: it is offered, and not as optional.
pub(crate) fn wants_session(features: Element<'_>) -> bool {
    features
        .child("session", ns::SESSION)
        .is_some_and(|session| session.child("optional", ns::SESSION).is_none())
}

fn start_set<'w, 'n>(writer: &'w mut Writer<'n>, id: &str) -> &'w mut Writer<'n> {
    writer.start("iq", ns::CLIENT).attribute("type", "set").attribute("id", id)
}

fn is_set_of(stanza: &Stanza, name: &str) -> bool {
    stanza.kind() == StanzaKind::Iq
        && stanza.type_attribute().as_deref() == Some("set")
        && stanza.may_hold(name)
}

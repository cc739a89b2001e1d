//! XMPP ping (XEP-0199): answered by the library, for it shows that this end is alive; and sent where the transport
//! has no pings of its own.

use bytestring::ByteString;

use crate::ns;
use crate::stanza::{Stanza, StanzaKind};
use crate::xml::Writer;

/// Asks whether somebody is still there.
pub(crate) fn request(id: &str, to: &str) -> ByteString {
    Writer::new()
        .start("iq", ns::CLIENT)
        .attribute("type", "get")
        .attribute("id", id)
        .attribute("to", to)
        .start("ping", ns::PING)
        .finish_checked()
}

/// The answer, if this is a ping.
pub(crate) fn answer(stanza: &Stanza) -> Option<ByteString> {
    let may_be = stanza.kind() == StanzaKind::Iq
        && stanza.type_attribute().as_deref() == Some("get")
        && stanza.id().is_some()
        && stanza.may_hold("ping");
    if !may_be {
        return None;
    }
    let document = stanza.read();
    let mut children = document.root().children();
    let is_ping = children.next().is_some_and(|child| child.is("ping", ns::PING));
    // RFC 6120 § 8.2.3: a request has exactly one child; what has more is no ping.
    (is_ping && children.next().is_none()).then(|| stanza.result(None))
}

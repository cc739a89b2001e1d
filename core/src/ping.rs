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
    document.root().child("ping", ns::PING).is_some().then(|| stanza.result(None))
}

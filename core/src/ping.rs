//! XMPP ping (XEP-0199): answered by the library, for it shows that this end is alive.

use bytestring::ByteString;

use crate::ns;
use crate::stanza::{Stanza, StanzaKind};

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

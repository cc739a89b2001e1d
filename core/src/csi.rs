//! Client state indication (XEP-0352): whether somebody looks at the client.

use bytestring::ByteString;

use crate::frame::Nonza;
use crate::ns;
use crate::xml::{Element, Writer};

/// Whether a server takes the indication.
pub(crate) fn is_offered(features: Element<'_>) -> bool {
    features.child("csi", ns::CSI).is_some()
}

/// Adds the offer to a server's features.
pub(crate) fn offer(writer: &mut Writer<'_>) {
    writer.start("csi", ns::CSI).end();
}

/// The indication.
pub(crate) fn indication(active: bool) -> ByteString {
    Writer::new().start(if active { "active" } else { "inactive" }, ns::CSI).finish_checked()
}

/// What a client indicates, if this is an indication.
pub(crate) fn read(nonza: &Nonza) -> Option<bool> {
    let document = nonza.read();
    let root = document.root();
    match (root.namespace(), root.name()) {
        (ns::CSI, "active") => Some(true),
        (ns::CSI, "inactive") => Some(false),
        _ => None,
    }
}

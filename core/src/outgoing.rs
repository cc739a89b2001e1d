//! What an application hands in, checked before anything goes out.

use bytestring::ByteString;
use memchr::memmem;

use crate::error::Misuse;
use crate::limits::XmlLimits;
use crate::ns;
use crate::stanza::StanzaKind;
use crate::xml::{Root, Scanner};

/// Checks one stanza and gives it the namespace that it lacks. What is complete is not copied.
pub(crate) fn check(
    scanner: &mut Scanner,
    text: &ByteString,
    limits: &XmlLimits,
    max_bytes: usize,
) -> Result<ByteString, Misuse> {
    let root = scanner.scan(text, limits)?;
    check_root(&root)?;
    // RFC 7395 § 3.3.3: one element, neither a declaration nor white space beside it.
    let stanza = if root.namespace().is_empty() {
        let qualified = qualified(text, &root);
        // Where there were declarations, one more may contradict them, or be one too many.
        if memmem::find(root.xml().as_bytes(), b"xmlns").is_some() || limits.max_declarations == 0 {
            scanner.scan(&qualified, limits)?;
        }
        qualified
    } else {
        text.slice_ref(root.xml())
    };
    if stanza.len() > max_bytes {
        return Err(Misuse::TooLong { length: stanza.len(), limit: max_bytes });
    }
    Ok(stanza)
}

fn check_root(root: &Root<'_, '_>) -> Result<(), Misuse> {
    let kind = StanzaKind::from_name(root.local_name()).ok_or(Misuse::NotAStanza)?;
    // RFC 6120 § 4.8.5: the content namespace takes no prefix.
    if root.prefix().is_some() || !matches!(root.namespace(), "" | ns::CLIENT) {
        return Err(Misuse::NotAStanza);
    }
    if kind == StanzaKind::Iq {
        let kind = root.attribute("", "type").map(|it| it.value());
        let has_id = root.attribute("", "id").is_some();
        match kind.as_deref() {
            Some("get" | "set" | "result") if has_id => {}
            // RFC 6120 § 8.3.1: it has the id of what it answers, which may have had none.
            Some("error") => {}
            _ => return Err(Misuse::BadIq),
        }
    }
    Ok(())
}

/// RFC 7395 § 3.3.3: a stanza carries its namespace itself.
fn qualified(text: &str, root: &Root<'_, '_>) -> ByteString {
    let name = text.get(root.start()..root.name_end()).unwrap_or_default();
    let rest = text.get(root.name_end()..root.end()).unwrap_or_default();
    ByteString::from([name, CLIENT_DECLARATION, rest].concat())
}

const CLIENT_DECLARATION: &str = " xmlns='jabber:client'";

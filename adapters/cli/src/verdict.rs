//! One message judged by itself, for either direction.

use std::str;

use bytestring::ByteString;
use serde::Serialize;
use xmpp_ws::condition::Condition;
use xmpp_ws::error::{Violation, WebSocketFault};
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::limits::{Limits, XmlLimits};
use xmpp_ws::ns;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws::xml::{Document, Scanner};

/// What is to be said of one message.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Verdict {
    Good(Good),
    Bad(Bad),
}

/// What a good message is.
#[derive(Debug, Serialize)]
pub(crate) struct Good {
    ok: bool,
    kind: &'static str,
    name: String,
    ns: String,
}

/// What is wrong with a bad one.
#[derive(Debug, Serialize)]
pub(crate) struct Bad {
    ok: bool,
    layer: Layer,
    /// The stream error to answer with.
    condition: &'static str,
    /// In bytes of the message's UTF-8.
    offset: usize,
    detail: String,
}

/// Whose rule was broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Layer {
    /// XML, its namespaces, or XMPP's restriction of both.
    Xml,
    /// RFC 7395 or RFC 6120, by an element that is fine as XML.
    Protocol,
    /// A bound of this implementation's.
    Limit,
}

/// Judges messages.
pub(crate) struct Judge {
    decoder: Decoder,
    scanner: Scanner,
    max_message_bytes: usize,
}

impl Judge {
    pub(crate) fn new(limits: &Limits, tolerance: Tolerance) -> Self {
        Self {
            decoder: Decoder::new(limits.xml, tolerance),
            scanner: Scanner::new(),
            max_message_bytes: limits.max_message_bytes,
        }
    }

    /// Judges what should be UTF-8.
    pub(crate) fn judge_bytes(&mut self, message: &[u8]) -> Verdict {
        match str::from_utf8(message) {
            Ok(text) => self.judge(&ByteString::from(text)),
            Err(error) => {
                let violation = Violation::WebSocket(WebSocketFault::NotUtf8);
                let detail = error.to_string();
                Verdict::bad(Layer::Xml, &violation, error.valid_up_to(), detail)
            }
        }
    }

    pub(crate) fn judge(&mut self, message: &ByteString) -> Verdict {
        let (length, limit) = (message.len(), self.max_message_bytes);
        if length > limit {
            let violation = Violation::TooLong { length, limit };
            return Verdict::bad(Layer::Limit, &violation, limit, violation.to_string());
        }
        match self.decoder.decode(message) {
            Ok(frame) => Verdict::Good(Good::from(&frame)),
            Err(violation) => {
                let layer = Layer::of(&violation);
                let offset = self.place(message, &violation);
                let detail = match &violation {
                    // The offset has a field of its own.
                    Violation::Xml(fault) => fault.rule.to_string(),
                    other => other.to_string(),
                };
                Verdict::bad(layer, &violation, offset, detail)
            }
        }
    }

    /// Where it is: the byte that XML stumbles over, or the element that has no place here.
    fn place(&mut self, message: &ByteString, violation: &Violation) -> usize {
        match violation {
            Violation::Xml(fault) => fault.offset,
            // The declaration itself, which can only be at the beginning.
            Violation::Declaration => 0,
            _ => self.scanner.scan(message, &XmlLimits::default()).map_or(0, |root| root.start()),
        }
    }
}

impl Verdict {
    fn bad(layer: Layer, violation: &Violation, offset: usize, detail: String) -> Self {
        let condition = Condition::from(violation).name();
        Self::Bad(Bad { ok: false, layer, condition, offset, detail })
    }
}

impl Layer {
    fn of(violation: &Violation) -> Self {
        match violation {
            // RFC 6120 § 13.12: no rule of XML itself is answered so.
            Violation::Xml(fault) if fault.condition() == Condition::PolicyViolation => Self::Limit,
            Violation::Xml(_) => Self::Xml,
            _ => Self::Protocol,
        }
    }
}

impl From<&Frame> for Good {
    fn from(frame: &Frame) -> Self {
        let known = |kind: &'static str, ns: &str| (kind, kind.to_owned(), ns.to_owned());
        let read = |kind: &'static str, document: Document<'_>| {
            let root = document.root();
            (kind, root.name().to_owned(), root.namespace().to_owned())
        };
        let (kind, name, ns) = match frame {
            Frame::Open(_) => known("open", ns::FRAMING),
            Frame::Close(_) => known("close", ns::FRAMING),
            Frame::Error(_) | Frame::ErrorAndClose(..) => known("error", ns::STREAMS),
            Frame::Features(features) => read("features", features.read()),
            Frame::Stanza(stanza) => read(stanza.kind().name(), stanza.read()),
            Frame::Nonza(nonza) => read("nonza", nonza.read()),
        };
        Self { ok: true, kind, name, ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(tolerance: Tolerance, message: &str) -> String {
        let mut judge = Judge::new(&Limits::default(), tolerance);
        serde_json::to_string(&judge.judge(&ByteString::from(message))).unwrap()
    }

    #[test]
    fn a_message_is_what_its_element_is() {
        for (message, kind, name, ns) in [
            (
                "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='h'/>",
                "open",
                "open",
                ns::FRAMING,
            ),
            ("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", "close", "close", ns::FRAMING),
            (
                "<s:features xmlns:s='http://etherx.jabber.org/streams'/>",
                "features",
                "features",
                ns::STREAMS,
            ),
            (
                "<s:error xmlns:s='http://etherx.jabber.org/streams'/>",
                "error",
                "error",
                ns::STREAMS,
            ),
            ("<message xmlns='jabber:client'/>", "message", "message", ns::CLIENT),
            ("<iq xmlns='jabber:client'/>", "iq", "iq", ns::CLIENT),
            ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</auth>", "nonza", "auth", ns::SASL),
            ("<a/>", "nonza", "a", ""),
        ] {
            let expected = serde_json::json!({"ok": true, "kind": kind, "name": name, "ns": ns});
            let judged: serde_json::Value =
                serde_json::from_str(&judged(Tolerance::strict(), message)).unwrap();
            assert_eq!(judged, expected, "{message}");
        }
    }

    #[test]
    fn a_fault_says_where_it_is() {
        for (message, layer, condition, offset) in [
            ("", "xml", "not-well-formed", 0),
            (" <a/>", "xml", "not-well-formed", 0),
            ("<ä b=c/>", "xml", "not-well-formed", 6),
            ("<a/><b/>", "xml", "not-well-formed", 4),
            ("<a><!-- --></a>", "xml", "restricted-xml", 3),
            ("<?xml version='1.0'?><a/>", "protocol", "restricted-xml", 0),
            ("<message xmlns='jabber:server'/>", "protocol", "invalid-namespace", 0),
            ("<c:iq xmlns:c='jabber:client'/>", "protocol", "bad-namespace-prefix", 0),
        ] {
            let judged: serde_json::Value =
                serde_json::from_str(&judged(Tolerance::strict(), message)).unwrap();
            let expected = serde_json::json!({
                "ok": false, "layer": layer, "condition": condition, "offset": offset,
                "detail": judged["detail"],
            });
            assert_eq!(judged, expected, "{message}");
        }
    }

    #[test]
    fn the_limits_have_a_layer_of_their_own() {
        let deep = ["<a>".repeat(129), "</a>".repeat(129)].concat();
        let judged_deep = judged(Tolerance::default(), &deep);
        assert!(judged_deep.contains(r#""layer":"limit","condition":"policy-violation""#));
        let long = format!("<a>{}</a>", " ".repeat(Limits::default().max_message_bytes));
        let judged_long = judged(Tolerance::default(), &long);
        assert!(judged_long.contains(r#""layer":"limit","condition":"policy-violation""#));
    }

    #[test]
    fn what_is_put_up_with_is_an_element_like_any_other() {
        let tolerant = judged(Tolerance::default(), "<?xml version='1.0'?><message/>");
        assert_eq!(tolerant, r#"{"ok":true,"kind":"message","name":"message","ns":""}"#);
        let tolerant = judged(Tolerance::default(), "<stream:error/>");
        assert!(tolerant.starts_with(r#"{"ok":true,"kind":"error""#));
    }
}

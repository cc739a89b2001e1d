//! One text message and what it is: a frame of the framed stream (RFC 7395 § 3.3).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use bytestring::ByteString;

use crate::error::{Misuse, Violation};
use crate::language;
use crate::limits::XmlLimits;
use crate::ns;
use crate::outgoing;
use crate::stanza::{Stanza, StanzaKind};
use crate::stream_error::StreamError;
use crate::tolerance::Tolerance;
use crate::uri::Uri;
use crate::xml::{Document, Root, Rule, Scanner, Writer};

/// One message, by the namespace and name of its element. Exhaustive on purpose: what is not known is a
/// [`Nonza`](Self::Nonza).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Frame {
    /// `<open/>`: the stream's header (RFC 7395 § 3.4).
    Open(Open),
    /// `<close/>` (RFC 7395 § 3.6).
    Close(Close),
    /// `<stream:features/>` (RFC 6120 § 4.3.2).
    Features(Nonza),
    /// `<stream:error/>` (RFC 6120 § 4.9).
    Error(StreamError),
    /// A stream error and `<close/>` in one message, where
    /// [`Tolerance::close_after_error`] allows it.
    ErrorAndClose(StreamError, Close),
    /// `message`, `presence` or `iq`.
    Stanza(Stanza),
    /// Any other element, such as those of SASL.
    Nonza(Nonza),
}

impl Frame {
    /// The element's name, where that is known beforehand.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Close(_) => "close",
            Self::Features(_) => "features",
            Self::Error(_) | Self::ErrorAndClose(..) => "error",
            Self::Stanza(stanza) => stanza.kind().name(),
            Self::Nonza(_) => "element",
        }
    }
}

/// The header of a framed stream: what `<stream:stream>` says over TCP (RFC 6120 § 4.7).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Open {
    /// Whom it is for, as written.
    pub to: Option<String>,
    /// Whom it is from, as written.
    pub from: Option<String>,
    /// The stream's identifier; only a server gives one.
    pub id: Option<String>,
    /// The version of XMPP; `None` when it is missing or not two numbers.
    pub version: Option<Version>,
    /// `xml:lang`: the language of text for people, unless a stanza says otherwise.
    pub language: Option<String>,
}

/// A version of XMPP: two numbers, each compared as a number (RFC 6120 § 4.7.5).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version {
    /// The part before the dot.
    pub major: u32,
    /// The part after it.
    pub minor: u32,
}

impl Version {
    /// The version of RFC 6120.
    pub const ONE: Self = Self { major: 1, minor: 0 };
}

/// The end of a framed stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Close {
    /// RFC 7395 § 3.6.1: where the client shall go instead, as written.
    pub see_other_uri: Option<String>,
    /// In whose name it comes, as written. RFC 7395 § 3.3.1 gives it no meaning; a server that lets its users send
    /// such elements to each other puts theirs here.
    pub from: Option<String>,
}

/// A checked element that is neither framing nor a stanza.
#[derive(Clone, Eq, PartialEq)]
pub struct Nonza {
    xml: ByteString,
    is_addressed: bool,
}

/// Judges text messages, one at a time; it keeps its scratch memory from one to the next.
#[derive(Debug, Default)]
pub struct Decoder {
    scanner: Scanner,
    limits: XmlLimits,
    tolerance: Tolerance,
}

impl Decoder {
    /// A decoder that judges by these.
    pub fn new(limits: XmlLimits, tolerance: Tolerance) -> Self {
        Self { scanner: Scanner::new(), limits, tolerance }
    }

    pub(crate) fn tolerance(&self) -> Tolerance {
        self.tolerance
    }

    /// Checks one stanza of the application's, and gives it the namespace that it lacks.
    pub(crate) fn check_outgoing(
        &mut self,
        text: &ByteString,
        max_bytes: usize,
    ) -> Result<ByteString, Misuse> {
        outgoing::check(&mut self.scanner, text, &self.limits, max_bytes)
    }

    /// Looks at a nonza's root once more, which costs less than to read its content.
    pub(crate) fn root<'s, 't: 's>(&'s mut self, nonza: &'t Nonza) -> Option<Root<'s, 't>> {
        self.scanner.scan(nonza.xml(), &self.limits).ok()
    }

    /// Says what a message is, or which rule it breaks.
    pub fn decode(&mut self, text: &ByteString) -> Result<Frame, Violation> {
        match self.scanner.scan(text, &self.limits) {
            Ok(root) => classify(text, &root, self.tolerance),
            Err(fault) => match fault.rule {
                Rule::AfterRoot if self.tolerance.close_after_error => {
                    self.decode_error_and_close(text, fault.offset)
                }
                Rule::UnboundPrefix if self.tolerance.unbound_stream_prefix => {
                    self.decode_unbound_error(text)
                }
                _ => None,
            }
            .ok_or(Violation::Xml(fault)),
        }
    }

    /// [`Tolerance::close_after_error`]: nothing else may share a message.
    fn decode_error_and_close(&mut self, text: &ByteString, boundary: usize) -> Option<Frame> {
        let mut part = |part: Option<&str>| {
            let part = text.slice_ref(part?);
            let root = self.scanner.scan(&part, &self.limits).ok()?;
            classify(&part, &root, self.tolerance).ok()
        };
        match (part(text.get(..boundary))?, part(text.get(boundary..))?) {
            (Frame::Error(error), Frame::Close(close)) => Some(Frame::ErrorAndClose(error, close)),
            _ => None,
        }
    }

    /// [`Tolerance::unbound_stream_prefix`]: only on a stream error.
    fn decode_unbound_error(&mut self, text: &ByteString) -> Option<Frame> {
        let rest = text.strip_prefix(UNBOUND_ERROR)?;
        if !rest.starts_with([' ', '\t', '\r', '\n', '/', '>']) {
            return None;
        }
        let bound = ByteString::from([UNBOUND_ERROR, STREAM_DECLARATION, rest].concat());
        let root = self.scanner.scan(&bound, &self.limits).ok()?;
        classify(&bound, &root, self.tolerance).ok().filter(|it| matches!(it, Frame::Error(_)))
    }
}

fn classify(
    text: &ByteString,
    root: &Root<'_, '_>,
    tolerance: Tolerance,
) -> Result<Frame, Violation> {
    if root.has_declaration() && !tolerance.xml_declaration {
        return Err(Violation::Declaration);
    }
    let is_addressed =
        || root.attribute("", "to").is_some() || root.attribute("", "from").is_some();
    let nonza = || Nonza { xml: text.slice_ref(root.xml()), is_addressed: is_addressed() };
    // RFC 7395 § 3.3.3: an element is what its namespace and its name say, whatever the prefix.
    match (root.namespace(), root.local_name()) {
        (ns::CLIENT, "message" | "presence" | "iq") => {
            // RFC 6120 § 4.8.5: the content namespace takes no prefix.
            if root.prefix().is_some() && !tolerance.prefixed_stanzas {
                return Err(Violation::PrefixedStanza);
            }
            Stanza::from_scan(text, root).map(Frame::Stanza).ok_or(Violation::UnknownElement)
        }
        // What says of itself that it has no namespace lacks nothing.
        ("", "message" | "presence" | "iq")
            if tolerance.unqualified_stanzas && !root.declares_default() =>
        {
            Stanza::from_scan(text, root).map(Frame::Stanza).ok_or(Violation::UnknownElement)
        }
        // RFC 6120 § 4.8.2: there is one content namespace between a client and its server.
        (_, name) if StanzaKind::from_name(name).is_some() => Err(Violation::StanzaNamespace),
        (ns::FRAMING, name) => decode_framing(name, &root.read()),
        // A stream's own element is not addressed: this one is another user's, relayed by a lenient server.
        (ns::STREAMS, _) if is_addressed() => Ok(Frame::Nonza(nonza())),
        (ns::STREAMS, "features") => Ok(Frame::Features(nonza())),
        (ns::STREAMS, "error") => Ok(Frame::Error(StreamError::read(root.read().root()))),
        _ => Ok(Frame::Nonza(nonza())),
    }
}

fn decode_framing(name: &str, document: &Document<'_>) -> Result<Frame, Violation> {
    let element = document.root();
    // RFC 7395 § 3.3.1, and its schema: both are empty.
    if element.children().next().is_some() || !element.text().is_empty() {
        return Err(Violation::NotFraming);
    }
    let attribute = |name| element.attribute(name).map(Cow::into_owned);
    match name {
        "open" => Ok(Frame::Open(Open {
            to: attribute("to"),
            from: attribute("from"),
            id: attribute("id"),
            version: attribute("version").and_then(|version| version.parse().ok()),
            language: element.attribute_ns(ns::XML, "lang").map(Cow::into_owned),
        })),
        "close" => Ok(Frame::Close(Close {
            see_other_uri: attribute("see-other-uri"),
            from: attribute("from"),
        })),
        _ => Err(Violation::NotFraming),
    }
}

impl Open {
    /// Whether its sender speaks a version before that of RFC 6120; § 4.7.5: no version means 0.9.
    pub(crate) fn is_outdated(&self) -> bool {
        self.version.is_none_or(|version| version < Version::ONE)
    }

    /// The message.
    ///
    /// It begins with `<open ` and the namespace, for some peers compare text.
    pub(crate) fn encode(&self) -> ByteString {
        let language = self.language.as_deref().filter(|it| language::is_tag(it));
        Writer::new()
            .start("open", ns::FRAMING)
            .optional_attribute("to", self.to.as_deref())
            .optional_attribute("from", self.from.as_deref())
            .optional_attribute("id", self.id.as_deref())
            .optional_attribute("version", self.version.map(|it| it.to_string()).as_deref())
            .optional_attribute("xml:lang", language)
            .finish_checked()
    }
}

impl Close {
    /// An end that sends the client elsewhere.
    pub(crate) fn to(uri: &Uri) -> Self {
        Self { see_other_uri: Some(uri.to_string()), ..Self::default() }
    }

    /// The message.
    ///
    /// Byte for byte what strophe.js looks for, which knows a close by nothing else.
    pub(crate) fn encode(&self) -> ByteString {
        match &self.see_other_uri {
            None => ByteString::from_static(PLAIN_CLOSE),
            Some(uri) => Writer::new()
                .start("close", ns::FRAMING)
                .attribute("see-other-uri", uri)
                .finish_checked(),
        }
    }
}

impl Nonza {
    /// The element as it came.
    pub fn xml(&self) -> &ByteString {
        &self.xml
    }

    /// Its content, for reading.
    pub fn read(&self) -> Document<'_> {
        Document::of_checked(&self.xml)
    }

    /// Whether it is addressed as a stanza is.
    ///
    /// No such element of a stream is. One that is was another user's, relayed by a lenient server, and must never
    /// be obeyed.
    pub fn is_addressed(&self) -> bool {
        self.is_addressed
    }
}

impl fmt::Debug for Nonza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nonza").field(&&*self.xml).finish()
    }
}

impl FromStr for Version {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        let number = |digits: &str| {
            let legal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            // RFC 6120 § 4.7.5: leading zeros count for nothing, and no number is too large to be newer.
            legal.then(|| digits.parse().unwrap_or(u32::MAX)).ok_or(Violation::UnsupportedVersion)
        };
        let (major, minor) = text.split_once('.').ok_or(Violation::UnsupportedVersion)?;
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

const PLAIN_CLOSE: &str = r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />"#;
const UNBOUND_ERROR: &str = "<stream:error";
const STREAM_DECLARATION: &str = " xmlns:stream='http://etherx.jabber.org/streams'";

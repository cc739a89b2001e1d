//! One `message`, `presence` or `iq` (RFC 6120 § 8): as it came, and to be sent.

mod build;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytestring::ByteString;
use memchr::memmem;

pub use self::build::{Message, MessageKind, Presence, PresenceKind};
use crate::jid::Jid;
use crate::language;
use crate::ns;
use crate::stanza_error::{ErrorKind, StanzaCondition, StanzaError};
use crate::stream_error::Text;
use crate::xml::{self, Attribute, Document, Element, Root, Writer};

/// One checked stanza: its text as it came, shared and never copied, and where its five common attributes stand.
///
/// It is well-formed, namespace-well-formed and within the limits, so that reading it cannot fail. Its name and
/// namespace are checked, too: it is unprefixed or prefixed, in `jabber:client` or, where
/// [`Tolerance::unqualified_stanzas`](crate::tolerance::Tolerance::unqualified_stanzas) allows it, in none.
#[derive(Clone, Eq, PartialEq)]
pub struct Stanza {
    xml: ByteString,
    kind: StanzaKind,
    /// Where the element's name ends.
    name_end: u32,
    /// Whether it is in `jabber:client`, and not in no namespace.
    is_qualified: bool,
    /// Whether there is exactly one element in it.
    has_one_child: bool,
    places: Places,
}

/// Which of the three it is. Exhaustive on purpose: RFC 6120 has no others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StanzaKind {
    /// RFC 6120 § 8.2.1: pushed to another entity.
    Message,
    /// RFC 6120 § 8.2.2: broadcast to those who subscribed.
    Presence,
    /// RFC 6120 § 8.2.3: a request or its answer.
    Iq,
}

impl StanzaKind {
    /// The element's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Presence => "presence",
            Self::Iq => "iq",
        }
    }

    /// The kind with this element name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "message" => Some(Self::Message),
            "presence" => Some(Self::Presence),
            "iq" => Some(Self::Iq),
            _ => None,
        }
    }
}

impl Stanza {
    /// Keeps what the scanner found; `None` when the root has no stanza's name.
    pub(crate) fn from_scan(text: &ByteString, root: &Root<'_, '_>) -> Option<Self> {
        let kind = StanzaKind::from_name(root.local_name())?;
        // What stands beside the element, such as an XML declaration, is nobody's business any more.
        let xml = text.slice_ref(root.xml());
        Some(Self {
            xml,
            kind,
            name_end: u32::try_from(root.name_end() - root.start()).ok()?,
            is_qualified: !root.namespace().is_empty(),
            has_one_child: root.child_count() == 1,
            places: Places::of(root),
        })
    }

    /// Which of the three it is.
    pub const fn kind(&self) -> StanzaKind {
        self.kind
    }

    /// `id` (RFC 6120 § 8.1.3).
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.value(self.places.id)
    }

    /// `to` (RFC 6120 § 8.1.1), as it was written.
    pub fn to(&self) -> Option<Cow<'_, str>> {
        self.value(self.places.to)
    }

    /// `from` (RFC 6120 § 8.1.2), as it was written.
    pub fn from(&self) -> Option<Cow<'_, str>> {
        self.value(self.places.from)
    }

    /// `type` (RFC 6120 § 8.1.4).
    pub fn type_attribute(&self) -> Option<Cow<'_, str>> {
        self.value(self.places.type_attribute)
    }

    /// `xml:lang` of the stanza itself (RFC 6120 § 8.1.5).
    pub fn language(&self) -> Option<Cow<'_, str>> {
        self.value(self.places.language)
    }

    /// Whether it is an `iq` that must be answered (RFC 6120 § 8.2.3).
    pub fn is_request(&self) -> bool {
        self.kind == StanzaKind::Iq
            && matches!(self.type_attribute().as_deref(), Some("get" | "set"))
    }

    /// Whether it is an `iq` that is to be answered with
    /// [`StanzaCondition::BadRequest`]: of no known type, or a request without an `id` (RFC 6120 § 8.1.3) or without
    /// exactly one child (§ 8.2.3). Both roles answer such a one by themselves.
    pub fn is_bad_request(&self) -> bool {
        if self.kind != StanzaKind::Iq {
            return false;
        }
        match self.type_attribute().as_deref() {
            Some("get" | "set") => self.id().is_none() || !self.has_one_child,
            Some("result" | "error") => false,
            _ => true,
        }
    }

    /// The answer to a [bad request](Self::is_bad_request).
    pub(crate) fn refusal_of_bad_request(&self) -> Option<ByteString> {
        self.is_bad_request().then(|| self.error_reply(StanzaCondition::BadRequest))
    }

    /// Whether an element of this name can be in it: names are written as they are, so their letters are there. A
    /// quick no spares the reading.
    pub(crate) fn may_hold(&self, name: &str) -> bool {
        memmem::find(self.xml.as_bytes(), name.as_bytes()).is_some()
    }

    /// The whole element as it came.
    pub fn xml(&self) -> &ByteString {
        &self.xml
    }

    /// The whole element as it came.
    pub fn into_xml(self) -> ByteString {
        self.xml
    }

    /// Its content, for reading.
    pub fn read(&self) -> Document<'_> {
        Document::of_checked(&self.xml)
    }

    /// The error in a stanza of type `error` (RFC 6120 § 8.3).
    pub fn error(&self) -> Option<StanzaError> {
        if self.type_attribute()? != "error" {
            return None;
        }
        let document = self.read();
        let error = document.root().children().find(|child| child.name() == "error");
        Some(error.map_or_else(
            || StanzaError { name: UNKNOWN_CONDITION.into(), kind: None, text: None },
            read_error,
        ))
    }

    /// The answer `result` to this request (RFC 6120 § 8.2.3), with this content, if any.
    pub fn result(&self, content: Option<Element<'_>>) -> ByteString {
        let mut writer = Writer::new();
        self.start_reply(&mut writer, "result");
        if let Some(content) = content {
            writer.element(content);
        }
        writer.finish_checked()
    }

    /// The answer `error` to this stanza (RFC 6120 § 8.3.1), addressed to its sender.
    pub fn error_reply(&self, condition: StanzaCondition) -> ByteString {
        let mut writer = Writer::new();
        self.start_reply(&mut writer, "error");
        writer.start("error", ns::CLIENT).attribute("type", condition.kind().name());
        writer.start(condition.name(), ns::STANZA_ERRORS);
        writer.finish_checked()
    }

    /// The stanza as a server delivers it: with this `from` in place of what the sender wrote (RFC 6120 § 8.1.2.1),
    /// with this `xml:lang` where it has none (RFC 6120 § 8.1.5), without a prefix and with its namespace declared. What
    /// is no language (RFC 5646), or has more than 64 bytes, is not written.
    pub fn relayed(&self, from: &Jid, language: Option<&str>) -> ByteString {
        let language = language.filter(|it| self.places.language.is_none() && language::is_tag(it));
        if self.name_end as usize > "<".len() + self.kind.name().len() {
            return self.relayed_without_prefix(from, language);
        }
        let at = |place: Place| place.range().unwrap_or_else(|| self.xml.len()..self.xml.len());
        let piece = |range: Range<usize>| self.xml.get(range).unwrap_or_default();
        let (name_end, old_from) = (self.name_end as usize, at(self.places.from));
        let mut relayed = String::with_capacity(self.xml.len() + from.as_str().len() + SPARE);
        relayed.push_str(piece(0..name_end));
        let mut add = |before: &str, value: &str| {
            relayed.extend([before, &xml::quotable(value), "'"]);
        };
        if !self.is_qualified {
            add(" xmlns='", ns::CLIENT);
        }
        if self.places.from.is_none() {
            add(" from='", from.as_str());
        }
        if let Some(language) = language {
            add(" xml:lang='", language);
        }
        relayed.push_str(piece(name_end..old_from.start));
        if !self.places.from.is_none() {
            relayed.push_str(&xml::quotable(from.as_str()));
        }
        relayed.push_str(piece(old_from.end..self.xml.len()));
        relayed.into()
    }

    /// RFC 6120 § 4.8.5: a stanza goes out without a prefix, however it came.
    fn relayed_without_prefix(&self, from: &Jid, language: Option<&str>) -> ByteString {
        let document = self.read();
        let mut writer = Writer::new();
        writer.start(self.kind.name(), ns::CLIENT).attribute("from", from.as_str());
        writer.optional_attribute("xml:lang", language);
        // RFC 6120 § 8.1: text beside the children of a stanza means nothing, and is left behind.
        writer.adopt(document.root(), |it| (it.namespace(), it.local_name()) != ("", "from"));
        writer.finish_checked()
    }

    /// Begins an answer: same name and id, the addresses turned round (RFC 6120 § 8.3.1).
    fn start_reply(&self, writer: &mut Writer<'_>, type_attribute: &str) {
        writer
            .start(self.kind.name(), ns::CLIENT)
            .attribute("type", type_attribute)
            .optional_attribute("id", self.id().as_deref())
            .optional_attribute("to", self.from().as_deref())
            .optional_attribute("from", self.to().as_deref());
    }

    fn value(&self, place: Place) -> Option<Cow<'_, str>> {
        place.range().and_then(|range| self.xml.get(range)).map(xml::unescape_attribute)
    }
}

impl fmt::Debug for Stanza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stanza").field(&&*self.xml).finish()
    }
}

/// Where the raw values of the common attributes stand in the element's text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Places {
    id: Place,
    to: Place,
    from: Place,
    type_attribute: Place,
    language: Place,
}

impl Places {
    fn of(root: &Root<'_, '_>) -> Self {
        let mut places = Self {
            id: Place::NONE,
            to: Place::NONE,
            from: Place::NONE,
            type_attribute: Place::NONE,
            language: Place::NONE,
        };
        for attribute in root.attributes() {
            let place = match (attribute.namespace(), attribute.local_name()) {
                ("", "id") => &mut places.id,
                ("", "to") => &mut places.to,
                ("", "from") => &mut places.from,
                ("", "type") => &mut places.type_attribute,
                (ns::XML, "lang") => &mut places.language,
                _ => continue,
            };
            *place = Place::of(&attribute, root.start());
        }
        places
    }
}

/// A range of the element's text, or none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    start: u32,
    end: u32,
}

impl Place {
    /// No value can stand at the very front of an element.
    const NONE: Self = Self { start: 0, end: 0 };

    fn of(attribute: &Attribute<'_>, origin: usize) -> Self {
        let range = attribute.value_range();
        match (u32::try_from(range.start - origin), u32::try_from(range.end - origin)) {
            (Ok(start), Ok(end)) => Self { start, end },
            // Past 4 GiB there is no attribute that anybody asks for.
            _ => Self::NONE,
        }
    }

    fn is_none(self) -> bool {
        self == Self::NONE
    }

    fn range(self) -> Option<Range<usize>> {
        (!self.is_none()).then_some(self.start as usize..self.end as usize)
    }
}

fn read_error(error: Element<'_>) -> StanzaError {
    let is_condition =
        |child: &Element<'_>| child.namespace() == ns::STANZA_ERRORS && child.name() != "text";
    StanzaError {
        name: error
            .children()
            .find(is_condition)
            .map_or(UNKNOWN_CONDITION, |condition| condition.name())
            .into(),
        kind: error.attribute("type").and_then(|kind| ErrorKind::from_name(&kind)),
        text: error.child("text", ns::STANZA_ERRORS).map(Text::read),
    }
}

/// What a namespace, a language and three attribute names take.
const SPARE: usize = 64;
const UNKNOWN_CONDITION: &str = StanzaCondition::UndefinedCondition.name();

//! The elements of stream management on the wire (XEP-0198 § 3 to § 6).

use std::time::Duration;

use bytestring::ByteString;

use crate::error::{Incomplete, Violation};
use crate::frame::Nonza;
use crate::ns;
use crate::stanza_error::StanzaCondition;
use crate::xml::{self, Writer};

/// One element of stream management.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Element {
    /// A client asks for stream management.
    Enable(Enable),
    /// A server grants it.
    Enabled(Enabled),
    /// A client asks to go on with a session.
    Resume(Position),
    /// A server goes on with it.
    Resumed(Position),
    /// A server refuses one or the other.
    Failed(Failed),
    /// Asks for an acknowledgement.
    Request,
    /// Acknowledges.
    Answer(Handled),
}

/// `<enable/>`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Enable {
    /// Whether the session shall be resumable.
    pub(crate) resume: bool,
    /// For how long, if the client has a preference.
    pub(crate) max: Option<Duration>,
}

/// `<enabled/>`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Enabled {
    /// The identifier to resume with; `None`: the session cannot be resumed.
    pub(crate) id: Option<String>,
    /// For how long after a cut it can be resumed, if the server says so.
    pub(crate) max: Option<Duration>,
    /// Where the server would like the client to come back, as written.
    pub(crate) location: Option<String>,
}

/// `<resume/>` and `<resumed/>`: a session, and how many stanzas its sender has handled in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Position {
    pub(crate) previd: String,
    pub(crate) h: u32,
}

/// `<failed/>`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Failed {
    pub(crate) condition: Option<StanzaCondition>,
    /// How many stanzas the server had handled, where it still knows.
    pub(crate) h: Option<u32>,
}

/// `<a/>`: how many stanzas its sender has handled, modulo 2^32 (XEP-0198 § 4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Handled(pub(crate) u32);

impl Element {
    /// What a nonza says; `None` when it is not about stream management.
    ///
    /// An element that lacks what it must have is a violation; one whose name is not known is no more than unknown.
    pub(crate) fn read(nonza: &Nonza) -> Option<Result<Self, Violation>> {
        let document = nonza.read();
        let root = document.root();
        if root.namespace() != ns::SM {
            return None;
        }
        Some(match root.name() {
            "enable" => {
                Ok(Self::Enable(Enable { resume: is_true(root, "resume"), max: max(root) }))
            }
            "enabled" => Ok(Self::Enabled(Enabled::read(root))),
            "resume" => Position::read(root)
                .map(Self::Resume)
                .ok_or(Violation::Incomplete(Incomplete::Resume)),
            "resumed" => Position::read(root)
                .map(Self::Resumed)
                .ok_or(Violation::Incomplete(Incomplete::Resumed)),
            "failed" => Ok(Self::Failed(Failed::read(root))),
            "r" => Ok(Self::Request),
            "a" => h(root)
                .map(Handled)
                .map(Self::Answer)
                .ok_or(Violation::Incomplete(Incomplete::Acknowledgement)),
            _ => Err(Violation::UnknownElement),
        })
    }

    /// The same for `<r/>` and `<a/>`, which come often: from the root alone, without an allocation. `None` for all
    /// else.
    pub(crate) fn read_ack(root: &xml::Root<'_, '_>) -> Option<Result<Self, Violation>> {
        if root.namespace() != ns::SM {
            return None;
        }
        match root.local_name() {
            "r" => Some(Ok(Self::Request)),
            "a" => {
                let h = root.attribute("", "h").and_then(|h| number(&h.value()));
                Some(
                    h.map(Handled)
                        .map(Self::Answer)
                        .ok_or(Violation::Incomplete(Incomplete::Acknowledgement)),
                )
            }
            _ => None,
        }
    }

    /// Whether an element of this namespace is offered in a server's features.
    pub(crate) fn is_offered(features: xml::Element<'_>) -> bool {
        features.child("sm", ns::SM).is_some()
    }
}

impl Enabled {
    fn read(element: xml::Element<'_>) -> Self {
        // XEP-0198 § 5: only a server that says so resumes.
        let id = element.attribute("id").filter(|_| is_true(element, "resume"));
        let id = id.filter(|id| !id.is_empty()).map(Into::into);
        let location = element.attribute("location").map(Into::into);
        Self { id, max: max(element), location }
    }

    pub(crate) fn encode(&self) -> ByteString {
        let max = self.max.map(|max| max.as_secs().to_string());
        Writer::new()
            .start("enabled", ns::SM)
            .optional_attribute("id", self.id.as_deref())
            .optional_attribute("resume", self.id.as_ref().map(|_| "true"))
            .optional_attribute("max", max.as_deref())
            .optional_attribute("location", self.location.as_deref())
            .finish_checked()
    }
}

impl Enable {
    pub(crate) fn encode(&self) -> ByteString {
        let max = self.max.map(|max| max.as_secs().to_string());
        Writer::new()
            .start("enable", ns::SM)
            .optional_attribute("resume", self.resume.then_some("true"))
            .optional_attribute("max", max.as_deref())
            .finish_checked()
    }
}

impl Position {
    fn read(element: xml::Element<'_>) -> Option<Self> {
        Some(Self { previd: element.attribute("previd")?.into(), h: h(element)? })
    }

    /// `<resume/>`.
    pub(crate) fn encode_resume(&self) -> ByteString {
        self.encode("resume")
    }

    /// `<resumed/>`.
    pub(crate) fn encode_resumed(&self) -> ByteString {
        self.encode("resumed")
    }

    fn encode(&self, name: &'static str) -> ByteString {
        Writer::new()
            .start(name, ns::SM)
            .attribute("h", &self.h.to_string())
            .attribute("previd", &self.previd)
            .finish_checked()
    }
}

impl Failed {
    pub(crate) fn new(condition: StanzaCondition) -> Self {
        Self { condition: Some(condition), h: None }
    }

    fn read(element: xml::Element<'_>) -> Self {
        let mut children = element.children().filter(|it| it.namespace() == ns::STANZA_ERRORS);
        let condition = children.find_map(|child| StanzaCondition::from_name(child.name()));
        Self { condition, h: h(element) }
    }

    pub(crate) fn encode(&self) -> ByteString {
        let mut writer = Writer::new();
        let h = self.h.map(|h| h.to_string());
        writer.start("failed", ns::SM).optional_attribute("h", h.as_deref());
        if let Some(condition) = self.condition {
            writer.start(condition.name(), ns::STANZA_ERRORS);
        }
        writer.finish_checked()
    }
}

impl Handled {
    pub(crate) fn encode(self) -> ByteString {
        Writer::new().start("a", ns::SM).attribute("h", &self.0.to_string()).finish_checked()
    }
}

/// `<r/>`.
pub(crate) fn request() -> ByteString {
    ByteString::from_static(REQUEST)
}

/// The application condition of the stream error that answers a count of stanzas that were never sent (XEP-0198 § 4).
pub(crate) fn handled_count_too_high(h: u32, sent: u32) -> String {
    Writer::new()
        .start("handled-count-too-high", ns::SM)
        .attribute("h", &h.to_string())
        .attribute("send-count", &sent.to_string())
        .finish_checked()
        .to_string()
}

/// An `xs:unsignedInt` (XEP-0198 § 4).
fn h(element: xml::Element<'_>) -> Option<u32> {
    number(&element.attribute("h")?)
}

/// An `xs:positiveInteger` of seconds; one that is not is no preference.
fn max(element: xml::Element<'_>) -> Option<Duration> {
    let seconds = number(&element.attribute("max")?)?;
    Some(Duration::from_secs(u64::from(seconds)))
}

fn number(value: &str) -> Option<u32> {
    let digits = value.trim_matches([' ', '\t', '\r', '\n']);
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// An `xs:boolean`, false where there is none.
fn is_true(element: xml::Element<'_>, name: &str) -> bool {
    element.attribute(name).is_some_and(|value| matches!(value.trim(), "true" | "1"))
}

const REQUEST: &str = "<r xmlns='urn:xmpp:sm:3'/>";

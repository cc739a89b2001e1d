//! A stream error as it is told and as it is received (RFC 6120 § 4.9).

use std::borrow::Cow;
use std::fmt;

use bytestring::ByteString;

use crate::condition::Condition;
use crate::error::Misuse;
use crate::limits::XmlLimits;
use crate::ns;
use crate::xml::{Element, Scanner, Writer};

/// Why a stream is ended by an error: a condition, and what its sender chose to add.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StreamError {
    /// The element's name on the wire. A peer may use one that RFC 6120 does not have.
    pub name: String,
    /// A description for people.
    pub text: Option<Text>,
    /// The application-specific condition (RFC 6120 § 4.9.4): one element that stands alone, as XML.
    pub application: Option<String>,
}

/// Text for people, with its language if that is known.
///
/// ```
/// use xmpp_ws::condition::Condition;
/// use xmpp_ws::stream_error::{StreamError, Text};
///
/// let mut text = Text::new("Bis morgen!");
/// text.language = Some("de".into());
/// let mut error = StreamError::new(Condition::SystemShutdown);
/// error.text = Some(text);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// The text.
    pub content: String,
    /// Its `xml:lang`.
    pub language: Option<String>,
}

impl Text {
    /// A text whose language is not said.
    pub fn new(content: impl Into<String>) -> Self {
        Self { content: content.into(), language: None }
    }

    /// Reads a text and the language that it names itself.
    pub(crate) fn read(element: Element<'_>) -> Self {
        Self {
            content: element.text().into_owned(),
            language: element.attribute_ns(ns::XML, "lang").map(Cow::into_owned),
        }
    }
}

impl StreamError {
    /// An error with this condition and nothing else.
    pub fn new(condition: Condition) -> Self {
        Self { name: condition.name().into(), text: None, application: None }
    }

    /// The same with a description in English.
    #[must_use]
    pub fn with_text(mut self, content: impl Into<String>) -> Self {
        self.text = Some(Text { content: content.into(), language: Some("en".into()) });
        self
    }

    /// The condition. RFC 6120 § 4.9.2: one that is not known counts as `undefined-condition`.
    pub fn condition(&self) -> Condition {
        Condition::from_name(&self.name).unwrap_or(Condition::UndefinedCondition)
    }
}

impl StreamError {
    /// Reads `<stream:error/>`.
    ///
    /// RFC 6120 § 4.9.1.1 has the condition first; some servers put the application's element there, so the
    /// namespace decides.
    pub(crate) fn read(error: Element<'_>) -> Self {
        let mut read = Self::new(Condition::UndefinedCondition);
        let mut named = false;
        for child in error.children() {
            if child.is("text", ns::STREAM_ERRORS) {
                let inherited = || error.attribute_ns(ns::XML, "lang").map(Cow::into_owned);
                let Text { content, language } = Text::read(child);
                read.text = Some(Text { content, language: language.or_else(inherited) });
            } else if child.namespace() == ns::STREAM_ERRORS && !named {
                named = true;
                child.name().clone_into(&mut read.name);
            } else if read.application.is_none() {
                read.application = Some(child.to_xml());
            }
        }
        read
    }

    /// The message: condition, text, application condition, in this order (RFC 6120 § 4.9.1.1).
    pub(crate) fn encode(&self) -> Result<ByteString, Misuse> {
        // RFC 7395 § 3.3.3: the prefix is declared on the element itself.
        let mut writer = Writer::new();
        writer.start_prefixed("stream", "error", ns::STREAMS);
        writer.start(self.condition().name(), ns::STREAM_ERRORS).end();
        if let Some(text) = &self.text {
            writer
                .start("text", ns::STREAM_ERRORS)
                .optional_attribute("xml:lang", text.language.as_deref())
                .text(&text.content)
                .end();
        }
        if let Some(application) = &self.application {
            writer.raw(&Scanner::new().scan(application, &XmlLimits::default())?);
        }
        Ok(writer.finish()?)
    }
}

impl std::error::Error for StreamError {}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.text {
            Some(text) => write!(f, " ({})", text.content),
            None => Ok(()),
        }
    }
}

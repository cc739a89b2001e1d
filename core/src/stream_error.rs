//! A stream error as it is told and as it is received (RFC 6120 § 4.9).

use std::fmt;

use crate::condition::Condition;

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
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// The text.
    pub content: String,
    /// Its `xml:lang`.
    pub language: Option<String>,
}

impl StreamError {
    /// An error with this condition and nothing else.
    pub fn new(condition: Condition) -> Self {
        Self {
            name: condition.name().into(),
            text: None,
            application: None,
        }
    }

    /// The same with a description in English.
    pub fn with_text(mut self, content: impl Into<String>) -> Self {
        self.text = Some(Text {
            content: content.into(),
            language: Some("en".into()),
        });
        self
    }

    /// The condition. RFC 6120 § 4.9.2: one that is not known counts as `undefined-condition`.
    pub fn condition(&self) -> Condition {
        Condition::from_name(&self.name).unwrap_or(Condition::UndefinedCondition)
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.text {
            Some(text) => write!(f, " ({})", text.content),
            None => Ok(()),
        }
    }
}

//! The elements that carry SASL over XMPP (RFC 6120 § 6.4), for both roles.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytestring::ByteString;

use crate::ending::AuthenticationFailure;
use crate::frame::Nonza;
use crate::ns;
use crate::sasl::ChannelBinding;
use crate::sasl::{Failure, Mechanism};
use crate::stream_error::Text;
use crate::xml::{Document, Element, Writer};

/// One element of the exchange.
#[derive(Debug)]
pub(crate) enum SaslElement {
    /// `<auth/>`: a client begins, with data or without.
    Auth { mechanism: String, data: Option<Vec<u8>> },
    /// `<challenge/>`.
    Challenge(Vec<u8>),
    /// `<response/>`.
    Response(Vec<u8>),
    /// `<abort/>`.
    Abort,
    /// `<success/>`, with data or without.
    Success(Option<Vec<u8>>),
    /// `<failure/>`.
    Failure(AuthenticationFailure),
}

/// Why an element is none of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotSasl {
    /// Not an element of SASL, or none that is known.
    Unknown,
    /// RFC 6120 § 6.5.5: the data in this element is not base64.
    Encoding(&'static str),
    /// RFC 6120 appendix A.4: this element has data, which is text, and there are elements in it.
    Elements(&'static str),
}

impl SaslElement {
    pub(crate) fn read(nonza: &Nonza) -> Result<Self, NotSasl> {
        let document = nonza.read();
        let element = document.root();
        if element.namespace() != ns::SASL {
            return Err(NotSasl::Unknown);
        }
        Ok(match element.name() {
            "auth" => Self::Auth {
                mechanism: element.attribute("mechanism").unwrap_or_default().into_owned(),
                data: read_data(element, "auth")?,
            },
            "challenge" => Self::Challenge(read_data(element, "challenge")?.unwrap_or_default()),
            "response" => Self::Response(read_data(element, "response")?.unwrap_or_default()),
            "abort" => Self::Abort,
            "success" => Self::Success(read_data(element, "success")?),
            "failure" => Self::Failure(read_failure(element)),
            _ => return Err(NotSasl::Unknown),
        })
    }

    /// The element's name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Auth { .. } => "auth",
            Self::Challenge(_) => "challenge",
            Self::Response(_) => "response",
            Self::Abort => "abort",
            Self::Success(_) => "success",
            Self::Failure(_) => "failure",
        }
    }
}

/// The names in a server's `<mechanisms/>`, in its order, which means nothing.
pub(crate) fn read_mechanisms(features: &Document<'_>) -> Vec<String> {
    let Some(mechanisms) = features.root().child("mechanisms", ns::SASL) else {
        return Vec::new();
    };
    mechanisms
        .children()
        .filter(|child| child.is("mechanism", ns::SASL))
        .map(|child| child.text().trim().to_owned())
        .collect()
}

/// The names in a server's `<sasl-channel-binding/>` (XEP-0440 § 2), if it says what it can bind to.
pub(crate) fn read_channel_bindings(features: &Document<'_>) -> Option<Vec<String>> {
    let bindings = features.root().child("sasl-channel-binding", ns::SASL_CHANNEL_BINDING)?;
    let names = bindings
        .children()
        .filter(|child| child.is("channel-binding", ns::SASL_CHANNEL_BINDING))
        .filter_map(|child| child.attribute("type").map(Cow::into_owned));
    Some(names.collect())
}

/// Says what can be bound to (XEP-0440 § 2).
pub(crate) fn write_channel_binding(writer: &mut Writer<'_>, binding: &ChannelBinding) {
    writer.start("sasl-channel-binding", ns::SASL_CHANNEL_BINDING);
    writer.start("channel-binding", ns::SASL_CHANNEL_BINDING).attribute("type", binding.name());
    writer.end().end();
}

pub(crate) fn auth(mechanism: Mechanism, initial: Option<&[u8]>) -> ByteString {
    let mut writer = Writer::new();
    writer.start("auth", ns::SASL).attribute("mechanism", mechanism.name());
    finish(&mut writer, initial)
}

pub(crate) fn challenge(data: &[u8]) -> ByteString {
    carry("challenge", data)
}

pub(crate) fn response(data: &[u8]) -> ByteString {
    carry("response", data)
}

pub(crate) fn success(data: Option<&[u8]>) -> ByteString {
    finish(Writer::new().start("success", ns::SASL), data)
}

pub(crate) fn abort() -> ByteString {
    finish(Writer::new().start("abort", ns::SASL), None)
}

pub(crate) fn failure(failure: Failure) -> ByteString {
    finish(Writer::new().start("failure", ns::SASL).start(failure.name(), ns::SASL), None)
}

/// A challenge or response, in which no data is empty data.
fn carry(name: &'static str, data: &[u8]) -> ByteString {
    finish(Writer::new().start(name, ns::SASL), Some(data).filter(|data| !data.is_empty()))
}

/// RFC 6120 § 6.4.2: data that is there and empty is `=`.
fn finish(writer: &mut Writer<'_>, data: Option<&[u8]>) -> ByteString {
    match data {
        None => writer,
        Some([]) => writer.text("="),
        Some(data) => writer.text(&BASE64_STANDARD.encode(data)),
    }
    .finish_checked()
}

fn read_data(element: Element<'_>, name: &'static str) -> Result<Option<Vec<u8>>, NotSasl> {
    if element.children().next().is_some() {
        return Err(NotSasl::Elements(name));
    }
    match &*element.text() {
        "" => Ok(None),
        "=" => Ok(Some(Vec::new())),
        // RFC 6120 § 13.9.1, RFC 4648 § 3.5: strictly, to the last padding bit.
        data => BASE64_STANDARD.decode(data).map(Some).map_err(|_| NotSasl::Encoding(name)),
    }
}

fn read_failure(element: Element<'_>) -> AuthenticationFailure {
    let is_condition = |child: &Element<'_>| child.name() != "text";
    let name = element.children().find(is_condition).map_or(
        // RFC 6120 § 6.5: one that says nothing is read as this.
        Failure::NotAuthorized.name(),
        |condition| condition.name(),
    );
    let text = element.children().find(|child| child.name() == "text").map(Text::read);
    AuthenticationFailure::new(name, text)
}

//! The messages of SCRAM (RFC 5802 § 7), read strictly.
//!
//! What is written is written where it is sent: each message is one `format!` of checked parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::sasl::gs2::{Gs2, unescape};

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sasl) enum Unreadable {
    /// It breaks the grammar.
    Grammar,
    /// It has an attribute `m`.
    MandatoryExtension,
}

/// `client-first-message`.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::sasl) struct ClientFirst<'a> {
    pub(in crate::sasl) gs2: Gs2,
    /// The header as it was written.
    pub(in crate::sasl) header: &'a str,
    /// `client-first-message-bare`, as it was written.
    pub(in crate::sasl) bare: &'a str,
    pub(in crate::sasl) username: String,
    pub(in crate::sasl) nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    pub(in crate::sasl) fn parse(data: &'a [u8]) -> Result<Self, Unreadable> {
        let (gs2, header, bare) = Gs2::parse(text(data)?).ok_or(Unreadable::Grammar)?;
        let mut attributes = Attributes::of(bare);
        let username = unescape(attributes.take('n')?).ok_or(Unreadable::Grammar)?;
        let nonce = nonce(attributes.take('r')?)?;
        attributes.only_extensions()?;
        Ok(Self { gs2, header, bare, username, nonce })
    }
}

/// `server-first-message`, or the error that takes its place.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::sasl) enum ServerFirst<'a> {
    /// The server goes on.
    Challenge {
        nonce: &'a str,
        salt: Vec<u8>,
        /// `None`: more than an `u32` can hold.
        iterations: Option<u32>,
    },
    /// The server ends the exchange. Not in the grammar of RFC 5802 § 7, but meant (erratum 5271).
    Error(&'a str),
}

impl<'a> ServerFirst<'a> {
    pub(in crate::sasl) fn parse(text: &'a str) -> Result<Self, Unreadable> {
        let mut attributes = Attributes::of(text);
        if let Some(error) = attributes.take_if('e') {
            attributes.only_extensions()?;
            return Ok(Self::Error(error));
        }
        let nonce = nonce(attributes.take('r')?)?;
        let salt = decode(attributes.take('s')?)?;
        let iterations = positive(attributes.take('i')?)?;
        attributes.only_extensions()?;
        Ok(Self::Challenge { nonce, salt, iterations })
    }
}

/// `client-final-message`.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::sasl) struct ClientFinal<'a> {
    /// `client-final-message-without-proof`, as it was written.
    pub(in crate::sasl) without_proof: &'a str,
    pub(in crate::sasl) channel_binding: Vec<u8>,
    pub(in crate::sasl) nonce: &'a str,
    pub(in crate::sasl) proof: Vec<u8>,
}

impl<'a> ClientFinal<'a> {
    pub(in crate::sasl) fn parse(data: &'a [u8]) -> Result<Self, Unreadable> {
        // RFC 5802 § 7: the proof is the last attribute; extensions come before it.
        let (without_proof, proof) = text(data)?.rsplit_once(",p=").ok_or(Unreadable::Grammar)?;
        let mut attributes = Attributes::of(without_proof);
        let channel_binding = decode(attributes.take('c')?)?;
        let nonce = nonce(attributes.take('r')?)?;
        attributes.only_extensions()?;
        Ok(Self { without_proof, channel_binding, nonce, proof: decode(proof)? })
    }
}

/// `server-final-message`.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::sasl) enum ServerFinal<'a> {
    Verifier(Vec<u8>),
    Error(&'a str),
}

impl<'a> ServerFinal<'a> {
    pub(in crate::sasl) fn parse(data: &'a [u8]) -> Result<Self, Unreadable> {
        let mut attributes = Attributes::of(text(data)?);
        let message = match attributes.take_if('e') {
            Some(error) => Self::Error(error),
            None => Self::Verifier(decode(attributes.take('v')?)?),
        };
        attributes.only_extensions()?;
        Ok(message)
    }
}

/// Whether this can be a nonce: `printable` of RFC 5802 § 7, which is ASCII without space and comma.
pub(in crate::sasl) fn is_nonce(nonce: &str) -> bool {
    !nonce.is_empty() && nonce.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

pub(in crate::sasl) fn encode(data: &[u8]) -> String {
    STANDARD.encode(data)
}

pub(in crate::sasl) fn text(data: &[u8]) -> Result<&str, Unreadable> {
    str::from_utf8(data).map_err(|_| Unreadable::Grammar)
}

fn nonce(value: &str) -> Result<&str, Unreadable> {
    if is_nonce(value) { Ok(value) } else { Err(Unreadable::Grammar) }
}

// RFC 5802 § 7: base64 in its canonical form only: no whitespace, full padding, whose bits are zero.
fn decode(value: &str) -> Result<Vec<u8>, Unreadable> {
    STANDARD.decode(value).map_err(|_| Unreadable::Grammar)
}

// RFC 5802 § 7: posit-number = %x31-39 *DIGIT.
fn positive(value: &str) -> Result<Option<u32>, Unreadable> {
    if !value.bytes().all(|byte| byte.is_ascii_digit())
        || value.is_empty()
        || value.starts_with('0')
    {
        return Err(Unreadable::Grammar);
    }
    Ok(value.parse().ok())
}

/// The attributes of a message, in their fixed order.
struct Attributes<'a> {
    rest: Option<&'a str>,
}

impl<'a> Attributes<'a> {
    const fn of(text: &'a str) -> Self {
        Self { rest: Some(text) }
    }

    /// The value of the next attribute, which has to be this one.
    fn take(&mut self, name: char) -> Result<&'a str, Unreadable> {
        if let Some(value) = self.take_if(name) {
            return Ok(value);
        }
        // RFC 5802 § 5.1: the presence of `m` "in a client or a server message MUST cause authentication
        // failure when the attribute is parsed by the other end".
        Err(match self.take_if('m') {
            Some(_) => Unreadable::MandatoryExtension,
            None => Unreadable::Grammar,
        })
    }

    /// The value of the next attribute, if it is this one.
    fn take_if(&mut self, name: char) -> Option<&'a str> {
        let rest = self.rest?;
        let (attribute, after) = match rest.split_once(',') {
            Some((attribute, after)) => (attribute, Some(after)),
            None => (rest, None),
        };
        let value = attribute.strip_prefix(name)?.strip_prefix('=')?;
        self.rest = after;
        Some(value)
    }

    /// Ends the message: extensions may follow, and are ignored.
    // RFC 5802 § 5.1: "Unknown optional extensions MUST be ignored upon receipt." An attribute of SCRAM's own in
    // the wrong place is none of them.
    fn only_extensions(self) -> Result<(), Unreadable> {
        for attribute in self.rest.into_iter().flat_map(|rest| rest.split(',')) {
            let (name, value) = attribute.split_once('=').ok_or(Unreadable::Grammar)?;
            match name.as_bytes() {
                b"m" => return Err(Unreadable::MandatoryExtension),
                [name] if name.is_ascii_alphabetic() && !KNOWN.contains(name) => {}
                _ => return Err(Unreadable::Grammar),
            }
            if value.is_empty() || value.contains('\0') {
                return Err(Unreadable::Grammar);
            }
        }
        Ok(())
    }
}

/// The attributes of RFC 5802 § 5.1, but `m`.
const KNOWN: &[u8] = b"anrcsipve";

//! Addresses (RFC 7622).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use stringprep::tables::unassigned_code_point;

/// An XMPP address, `localpart@domainpart/resourcepart`, prepared so that equal addresses are equal strings.
///
/// The parts are prepared by stringprep's profiles (RFC 6122), which nearly all servers still use. Characters newer than
/// Unicode 3.2, which those do not know, are refused but in the resource: there they stay as they are, as with PRECIS
/// (RFC 7622 § 3.4), since people call themselves by them in rooms.
///
/// ```
/// use xmpp_ws::jid::Jid;
///
/// let jid: Jid = "Juliet@Example.COM/balcony".parse()?;
/// assert_eq!(jid.as_str(), "juliet@example.com/balcony");
/// assert_eq!(jid.bare().as_str(), "juliet@example.com");
/// assert_eq!(jid.resource(), Some("balcony"));
/// # Ok::<(), xmpp_ws::jid::JidError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Jid {
    text: String,
    /// How long the localpart is, when there is one: the `@` stands there.
    local: Option<usize>,
    /// Where the bare address ends.
    bare: usize,
}

/// Why a text is no [`Jid`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JidError {
    /// The part before the `@` is empty, longer than 1,023 bytes or has a forbidden character (RFC 7622 § 3.3).
    #[error("the part before the @ is empty, too long or has a forbidden character")]
    Local,
    /// The domain is empty, longer than 1,023 bytes or has a forbidden character (RFC 7622 § 3.2).
    #[error("the domain is empty, too long or has a forbidden character")]
    Domain,
    /// The part after the `/` is empty, longer than 1,023 bytes or has a forbidden character (RFC 7622 § 3.4).
    #[error("the part after the / is empty, too long or has a forbidden character")]
    Resource,
}

impl Jid {
    /// Puts an address together from its parts, each prepared.
    pub fn from_parts(
        local: Option<&str>,
        domain: &str,
        resource: Option<&str>,
    ) -> Result<Self, JidError> {
        let mut text = String::new();
        let local = match local {
            Some(local) => {
                let local = stringprep::nodeprep(local).map_err(|_| JidError::Local)?;
                text.push_str(bounded(&local).ok_or(JidError::Local)?);
                text.push('@');
                Some(local.len())
            }
            None => None,
        };
        text.push_str(bounded(&prepare_domain(domain)?).ok_or(JidError::Domain)?);
        let bare = text.len();
        if let Some(resource) = resource {
            let resource = prepare_resource(resource)?;
            text.push('/');
            text.push_str(bounded(&resource).ok_or(JidError::Resource)?);
        }
        Ok(Self { text, local, bare })
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the `@`.
    pub fn local(&self) -> Option<&str> {
        self.text.get(..self.local?)
    }

    /// The domain.
    pub fn domain(&self) -> &str {
        let start = self.local.map_or(0, |local| local + 1);
        self.text.get(start..self.bare).unwrap_or_default()
    }

    /// The part after the first `/`.
    pub fn resource(&self) -> Option<&str> {
        self.text.get(self.bare + 1..)
    }

    /// The text without the resource.
    pub fn bare_str(&self) -> &str {
        self.text.get(..self.bare).unwrap_or_default()
    }

    /// The address without its resource.
    pub fn bare(&self) -> Self {
        Self { text: self.bare_str().into(), local: self.local, bare: self.bare }
    }

    /// The address with another resource.
    pub fn with_resource(&self, resource: &str) -> Result<Self, JidError> {
        Self::from_parts(self.local(), self.domain(), Some(resource))
    }

    /// Whether this text is an address without a resource that equals the bare one or the domain of this.
    pub(crate) fn is_account_or_domain(&self, text: &str) -> bool {
        let is_one = |text: &str| text == self.bare_str() || text == self.domain();
        if text.is_ascii() {
            // Of ASCII, preparing changes nothing but the case, and a final dot.
            let text = text.strip_suffix('.').unwrap_or(text);
            return text.eq_ignore_ascii_case(self.bare_str())
                || text.eq_ignore_ascii_case(self.domain());
        }
        text.parse::<Self>().is_ok_and(|jid| is_one(jid.as_str()))
    }

    /// Whether there is no resource.
    pub fn is_bare(&self) -> bool {
        self.resource().is_none()
    }
}

impl FromStr for Jid {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        // RFC 7622 § 3.1: the first slash first, for a resource may hold an @.
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(resource)),
            None => (text, None),
        };
        match bare.split_once('@') {
            Some((local, domain)) => Self::from_parts(Some(local), domain, resource),
            None => Self::from_parts(None, bare, resource),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Jid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Jid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Owned: what it is read from may have it escaped.
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

fn bounded(part: &str) -> Option<&str> {
    (!part.is_empty() && part.len() <= MAX_PART_BYTES).then_some(part)
}

/// RFC 6122 § 2.4, but for characters that are newer than its stringprep.
fn prepare_resource(resource: &str) -> Result<Cow<'_, str>, JidError> {
    if let Ok(prepared) = stringprep::resourceprep(resource) {
        return Ok(prepared);
    }
    let mut prepared = String::new();
    for piece in resource.split_inclusive(unassigned_code_point) {
        let (older, newer) = match piece.char_indices().next_back() {
            Some((at, last)) if unassigned_code_point(last) => piece.split_at(at),
            _ => (piece, ""),
        };
        prepared += &stringprep::resourceprep(older).map_err(|_| JidError::Resource)?;
        prepared += newer;
    }
    Ok(Cow::Owned(prepared))
}

fn prepare_domain(domain: &str) -> Result<String, JidError> {
    // RFC 7622 § 3.2: a final dot is stripped before anything else.
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    if let Some(address) = domain.strip_prefix('[') {
        let address = address.strip_suffix(']').ok_or(JidError::Domain)?;
        address.parse::<std::net::Ipv6Addr>().map_err(|_| JidError::Domain)?;
        return Ok(domain.to_ascii_lowercase());
    }
    let prepared = stringprep::nameprep(domain).map_err(|_| JidError::Domain)?;
    // RFC 7622 § 3.2: U-labels or A-labels; of ASCII only letters, digits, hyphens, and the dots between labels.
    let legal = prepared.split('.').all(|label| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-' || c == '_')
    });
    if legal { Ok(prepared.into_owned()) } else { Err(JidError::Domain) }
}

/// RFC 7622 § 3.2 to 3.4: no part is longer.
const MAX_PART_BYTES: usize = 1023;

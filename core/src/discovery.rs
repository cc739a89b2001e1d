//! Where a domain's WebSocket endpoint is (RFC 7395 § 4): its Web Host Metadata (RFC 6415), as XEP-0156 uses it.
//!
//! A [`Discovery`] says what is to be fetched and reads what came; it knows neither the network nor the client.
//!
//! ```
//! use xmpp_ws::discovery::{Discovery, Step};
//! use xmpp_ws::endpoint::{Fetch, Fetched};
//!
//! let document = r#"<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
//!     <Link rel="urn:xmpp:alt-connections:websocket" href="wss://chat.example.com/ws"/>
//! </XRD>"#;
//!
//! let mut discovery =
//!     Discovery::new(&"alice@example.com".parse()?, &Default::default(), Default::default());
//! let targets = loop {
//!     match discovery.step() {
//!         Step::Fetch(uri) => {
//!             assert_eq!(uri.to_string(), "https://example.com/.well-known/host-meta");
//!             discovery.on_fetched(Fetch::new(uri, Ok(Fetched::new(200, document))));
//!         }
//!         Step::Found(targets) => break targets,
//!         Step::Failed(error) => return Err(error.into()),
//!     }
//! };
//! assert_eq!(targets[0].uri.to_string(), "wss://chat.example.com/ws");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is asked, and what is taken
//!
//! - Only the account's own domain is asked, and only over HTTPS.
//! - First the XML document (XRD), which every host with metadata must have (RFC 6415 § 3), then the JSON one (JRD),
//!   which it should have (XEP-0156) and some have alone. The second is asked for whatever was wrong with the
//!   first: it does not come, it is something else, or no endpoint is in it.
//! - Of its links those with the relation `urn:xmpp:alt-connections:websocket` are taken, in their order, each once,
//!   if they are `wss:` addresses ([`Tolerance::insecure_endpoints`] takes `ws:`, too).
//! - For an endpoint that was found so, a certificate of the domain passes, too
//!   ([`Target::alternative_name`]).

mod jrd;
mod xrd;

use std::fmt;

use crate::endpoint::{DialError, Fetch, Fetched, Target};
use crate::jid::Jid;
use crate::limits::Limits;
use crate::tolerance::Tolerance;
use crate::uri::{Uri, UriError, host_of_domain};
use crate::xml;

/// The search for one domain's endpoint.
#[derive(Clone, Debug)]
pub struct Discovery {
    domain: String,
    /// The domain as the name of a host.
    host: String,
    limits: Limits,
    tolerance: Tolerance,
    tried: Vec<Tried>,
    step: Step,
}

/// What comes next. Exhaustive on purpose: there is something to do about each.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Fetch this, then say [`Discovery::on_fetched`].
    Fetch(Uri),
    /// The endpoints, the first to be tried first; there is at least one.
    Found(Vec<Target>),
    /// There is none.
    Failed(DiscoveryError),
}

impl Discovery {
    /// Begins to look for the endpoint of this account's domain.
    pub fn new(account: &Jid, limits: &Limits, tolerance: Tolerance) -> Self {
        let mut discovery = Self {
            domain: account.domain().into(),
            host: host_of_domain(account.domain()).unwrap_or_default(),
            limits: limits.clone(),
            tolerance,
            tried: Vec::new(),
            step: Step::Failed(DiscoveryError::NoHost(account.domain().into())),
        };
        if let Some(uri) = discovery.document(Form::FIRST) {
            discovery.step = Step::Fetch(uri);
        }
        discovery
    }

    /// What comes next; the same until [`on_fetched`](Self::on_fetched) changes it.
    pub fn step(&self) -> Step {
        self.step.clone()
    }

    /// Takes what came of [`Step::Fetch`]. The answer to anything else changes nothing.
    pub fn on_fetched(&mut self, fetch: Fetch) {
        if self.step != Step::Fetch(fetch.uri.clone()) {
            return;
        }
        let form = if self.tried.is_empty() { Form::FIRST } else { Form::SECOND };
        self.step = match self.endpoints(form, fetch.outcome) {
            Ok(targets) => Step::Found(targets),
            Err(problem) => {
                self.tried.push(Tried { uri: fetch.uri, problem });
                match self.document(Form::SECOND).filter(|_| self.tried.len() < Form::COUNT) {
                    Some(uri) => Step::Fetch(uri),
                    None => Step::Failed(DiscoveryError::NotFound {
                        domain: self.domain.clone(),
                        tried: self.tried.clone(),
                    }),
                }
            }
        };
    }

    /// RFC 6415 § 2: where the document is. XEP-0156, Security Considerations: "host-meta files MUST be fetched only
    /// over HTTPS".
    fn document(&self, form: Form) -> Option<Uri> {
        let name = match form {
            Form::Xrd => "host-meta",
            Form::Jrd => "host-meta.json",
        };
        ["https://", &self.host, "/.well-known/", name].concat().parse().ok()
    }

    fn endpoints(
        &self,
        form: Form,
        outcome: Result<Fetched, DialError>,
    ) -> Result<Vec<Target>, Problem> {
        let fetched = outcome.map_err(Problem::Unreachable)?;
        if fetched.status != OK {
            return Err(Problem::Status(fetched.status));
        }
        let (length, limit) = (fetched.body.len(), self.limits.max_host_meta_bytes);
        if length > limit {
            return Err(Problem::TooLong { length, limit });
        }
        let text = std::str::from_utf8(&fetched.body)
            .map_err(|error| Problem::NotUtf8 { offset: error.valid_up_to() })?;
        let addresses = match form {
            Form::Xrd => xrd::endpoints(text, &self.limits.xml)?,
            Form::Jrd => jrd::endpoints(text)?,
        };
        self.judge(addresses)
    }

    /// Takes the addresses that may be dialed; if there is none, the first one's fault is the reason.
    fn judge(&self, addresses: Vec<String>) -> Result<Vec<Target>, Problem> {
        let mut targets: Vec<Target> = Vec::new();
        let mut problem = None;
        for address in addresses {
            if targets.len() >= self.limits.max_discovered_endpoints {
                break;
            }
            match self.target(address) {
                Ok(target) if targets.iter().any(|known| is_same(&known.uri, &target.uri)) => {}
                Ok(target) => targets.push(target),
                Err(fault) => problem = problem.or(Some(fault)),
            }
        }
        if targets.is_empty() { Err(problem.unwrap_or(Problem::NoLink)) } else { Ok(targets) }
    }

    fn target(&self, address: String) -> Result<Target, Problem> {
        let uri: Uri = match address.parse() {
            Ok(uri) => uri,
            Err(why) => return Err(Problem::BadAddress { address: shortened(&address), why }),
        };
        if !uri.is_websocket() {
            return Err(Problem::NotWebSocket(uri));
        }
        // XEP-0156, Security Considerations: they "MUST only use connection URLs starting with 'https://' or 'wss://'".
        if !uri.is_secure() {
            let tolerated = self.tolerance.insecure_endpoints;
            return if tolerated { Ok(Target::new(uri)) } else { Err(Problem::Insecure(uri)) };
        }
        let mut target = Target::new(uri);
        // XEP-0156, Security Considerations: the domain itself said, over HTTPS, that it is served there.
        target.alternative_name = Some(self.host.trim_matches(['[', ']']).into());
        Ok(target)
    }
}

/// Why a domain's endpoint was not found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The domain cannot be the name of a host (RFC 1035 § 2.3.4), so there is nobody to ask.
    #[error("{0} cannot be the name of a host")]
    NoHost(String),
    /// None of the documents named one.
    #[error("no endpoint of {domain} was found{}", Reasons(tried))]
    NotFound {
        /// The domain.
        domain: String,
        /// What was asked, in this order, and what was wrong with each.
        tried: Vec<Tried>,
    },
}

/// A document that named no endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tried {
    /// Where it was asked for.
    pub uri: Uri,
    /// What was wrong.
    pub problem: Problem,
}

/// What is wrong with a document that shall name an endpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It did not come.
    #[error(transparent)]
    Unreachable(DialError),
    /// The server answered with this HTTP status.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It is longer than [`Limits::max_host_meta_bytes`].
    #[error("a document of {length} bytes, where {limit} are the limit")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit that held.
        limit: usize,
    },
    /// It is not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// Where.
        offset: usize,
    },
    /// It is not well-formed XML, has a DTD, or passes one of [`Limits::xml`].
    #[error("not the XML of an XRD document: {0}")]
    Xml(xml::Fault),
    /// It is XML, but another than XRD (XRD 1.0).
    #[error("not an XRD document, but one of <{0}/>")]
    NotXrd(String),
    /// It is not the JSON of a JRD (RFC 6415 § A); with the line and the column.
    #[error("not a JRD document: {0}")]
    Json(String),
    /// It has no link to a WebSocket endpoint.
    #[error("no link to a WebSocket endpoint")]
    NoLink,
    /// The first such link is no address.
    #[error("a link to {address:?}: {why}")]
    BadAddress {
        /// Its beginning.
        address: String,
        /// Why it is none.
        why: UriError,
    },
    /// The first such link has another scheme than WebSocket's.
    #[error("a link to {0}, which is not the address of a WebSocket")]
    NotWebSocket(Uri),
    /// There are such links, but none with TLS; the first of them.
    #[error("a link to {0} only, which is not secure")]
    Insecure(Uri),
}

/// The forms of a host's metadata (RFC 6415 § 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Xrd,
    Jrd,
}

impl Form {
    const FIRST: Self = Self::Xrd;
    const SECOND: Self = Self::Jrd;
    const COUNT: usize = 2;
}

/// What was wrong with each.
struct Reasons<'a>(&'a [Tried]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Tried { uri, problem }) in self.0.iter().enumerate() {
            let before = if number == 0 { ": " } else { "; " };
            write!(f, "{before}{uri}: {problem}")?;
        }
        Ok(())
    }
}

/// Whether a link is one to a WebSocket endpoint (XEP-0156, Link Format).
fn is_endpoint(relation: &str) -> bool {
    // RFC 5988 § 4.2: relation types are compared "in a case-insensitive fashion".
    relation.eq_ignore_ascii_case(RELATION)
}

/// Whether both lead to the same place.
fn is_same(one: &Uri, other: &Uri) -> bool {
    let place = |uri: &Uri| (uri.is_secure(), uri.port());
    place(one) == place(other)
        && one.host() == other.host()
        && one.path_and_query() == other.path_and_query()
}

/// As much of it as an error needs to show.
fn shortened(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

const RELATION: &str = "urn:xmpp:alt-connections:websocket";
const OK: u16 = 200;
const MAX_SHOWN: usize = 100;

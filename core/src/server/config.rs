//! What a server's side of one connection is made with.

use std::time::Duration;

use crate::jid::Jid;
use crate::limits::Limits;
use crate::sasl::{DecoySecret, Mechanism};
use crate::tolerance::Tolerance;
use crate::uri::Location;

/// What a server's side of one connection is made with; the same for all connections of a service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Who speaks in the header before a stream error, where the client has not named a host that is served here
    /// (RFC 6120 § 4.9.1.3): an own domain. Default: `None`, and the header's `from` is empty, which is the one thing
    /// that may stand there instead.
    pub domain: Option<Jid>,
    /// What unknown users' salts are made from: secret, and the same for as long as users are, so that nobody can
    /// tell who exists.
    pub decoy: DecoySecret,
    /// The mechanisms that are offered. Default: SCRAM-SHA-256 and SCRAM-SHA-1, both also with channel binding; and
    /// PLAIN, which is offered only on a secure connection or with [`Tolerance::plain_without_tls`].
    ///
    /// What binds to the channel (`-PLUS`) is offered only where the transport
    /// [knows one](crate::endpoint::Connection::channel_binding); who could have bound and saw no such offer is then
    /// refused, for somebody changed it on the way (RFC 5802 § 6). EXTERNAL is offered only where the peer showed a certificate. Leave out SCRAM with a hash that the users'
    /// stored keys are not for.
    pub mechanisms: Vec<Mechanism>,
    /// The languages of texts for people, the default first. Default: `en` alone.
    pub languages: Vec<String>,
    /// Stream management (XEP-0198); `None`: it is not offered. Default: as [`StreamManagement::default`] says.
    pub stream_management: Option<StreamManagement>,
    /// What the client may make us hold, do or wait for.
    pub limits: Limits,
    /// Which of the client's departures from the standards are put up with.
    pub tolerance: Tolerance,
}

/// Stream management (XEP-0198), as a server offers it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct StreamManagement {
    /// How long a session can be resumed after its connection is gone, where the client does not want less, in whole
    /// seconds; `None`: stanzas are acknowledged, and no session is resumed. Default: `None`, for whoever sets it must
    /// answer [`ServerEvent::ResumeRequested`](super::ServerEvent::ResumeRequested) and keep what comes with
    /// [`ServerEvent::Suspended`](super::ServerEvent::Suspended), such as in a [`MemoryStore`](super::MemoryStore).
    pub max: Option<Duration>,
    /// XEP-0198 § 5: where the client should come back to. Default: none.
    pub location: Option<Location>,
}

impl StreamManagement {
    /// With sessions that can be resumed for this long; ejabberd keeps them for 5 minutes.
    pub fn resumable(max: Duration) -> Self {
        Self { max: Some(max), ..Self::default() }
    }
}

impl ServerConfig {
    /// The defaults, with this secret.
    pub fn new(decoy: DecoySecret) -> Self {
        Self {
            domain: None,
            decoy,
            mechanisms: vec![
                Mechanism::ScramSha256Plus,
                Mechanism::ScramSha1Plus,
                Mechanism::ScramSha256,
                Mechanism::ScramSha1,
                Mechanism::Plain,
            ],
            languages: vec![DEFAULT_LANGUAGE.into()],
            stream_management: Some(StreamManagement::default()),
            limits: Limits::default(),
            tolerance: Tolerance::default(),
        }
    }

    /// The language to answer in: the asked-for one if it is supported, else the default (RFC 6120 § 4.7.4).
    pub(super) fn language(&self, asked: Option<&str>) -> String {
        let supported =
            |language: &&String| asked.is_some_and(|asked| asked.eq_ignore_ascii_case(language));
        let chosen = self.languages.iter().find(supported).or_else(|| self.languages.first());
        chosen.map_or(DEFAULT_LANGUAGE, String::as_str).into()
    }
}

const DEFAULT_LANGUAGE: &str = "en";

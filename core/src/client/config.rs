//! What a client is made with.

use super::reconnect::Reconnect;
use crate::jid::Jid;
use crate::limits::Limits;
use crate::sasl::{Mechanism, Password};
use crate::tolerance::Tolerance;
use crate::uri::Uri;

/// What a client is made with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The account; without a part before the `@` the client logs in as a guest (SASL ANONYMOUS). A resource in it
    /// is asked for when binding.
    pub account: Jid,
    /// The endpoint to connect to. `None`: it is looked for by the account's domain (RFC 7395 § 4), anew each time when
    /// none of those that were found can be reached.
    pub uri: Option<Uri>,
    /// The password. `None`: the application is asked by
    /// [`ClientEvent::PasswordWanted`](super::ClientEvent::PasswordWanted).
    pub password: Option<Password>,
    /// The mechanisms that may be used; of those that the server offers the strongest is taken. Default: SCRAM with
    /// each hash, bound to the channel (`-PLUS`) where the transport knows one and not bound; PLAIN, which needs a secure connection or [`Tolerance::plain_without_tls`]; ANONYMOUS, which is
    /// only used without an account. EXTERNAL is for those whose transport shows a certificate.
    ///
    /// A login that is bound fails where somebody in between ends the TLS, an attacker or the server's own proxy alike.
    /// Who has to log in through such a proxy to a server that does offer `-PLUS` leaves those mechanisms out.
    pub mechanisms: Vec<Mechanism>,
    /// Whether to ask for stream management (XEP-0198) where the server has it, with a session that can be resumed.
    /// Default: true.
    pub stream_management: bool,
    /// How to connect again when a connection is lost. Default: as [`Reconnect`] says. `None`: the first connection is
    /// the only one.
    pub reconnect: Option<Reconnect>,
    /// The `xml:lang` of the stream: the language that texts for people should be in. Default: `en`.
    pub language: String,
    /// What the server may make us hold, do or wait for.
    pub limits: Limits,
    /// Which of the server's departures from the standards are put up with.
    pub tolerance: Tolerance,
}

impl ClientConfig {
    /// A client of this account, at this endpoint.
    pub fn new(account: Jid, uri: Uri) -> Self {
        Self { uri: Some(uri), ..Self::discovering(account) }
    }

    /// A client of this account that finds its endpoint by itself.
    pub fn discovering(account: Jid) -> Self {
        Self {
            account,
            uri: None,
            password: None,
            mechanisms: vec![
                Mechanism::ScramSha512Plus,
                Mechanism::ScramSha256Plus,
                Mechanism::ScramSha1Plus,
                Mechanism::ScramSha512,
                Mechanism::ScramSha256,
                Mechanism::ScramSha1,
                Mechanism::Plain,
                Mechanism::Anonymous,
            ],
            stream_management: true,
            reconnect: Some(Reconnect::default()),
            language: DEFAULT_LANGUAGE.into(),
            limits: Limits::default(),
            tolerance: Tolerance::default(),
        }
    }

    /// The same with a password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(Password::new(password));
        self
    }
}

const DEFAULT_LANGUAGE: &str = "en";

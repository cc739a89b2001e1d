//! What happens in a session, as it is told on standard output.

use std::time::Duration;

use serde::Serialize;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Target;
use xmpp_ws::error::Violation;
use xmpp_ws::stanza_error::StanzaCondition;

use super::advice::{self, Circumstances};

/// One line of output. As JSON it may only grow.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event {
    /// The account's domain has these endpoints.
    Discovered { uris: Vec<String> },
    /// Logged in, with this address.
    Bound { jid: String },
    /// Logged in, and the session of before goes on.
    Resumed,
    /// Logged in, and the session of before is gone, for this reason if the server told one.
    NotResumed {
        #[serde(skip_serializing_if = "Option::is_none")]
        condition: Option<&'static str>,
    },
    /// A stanza came.
    Stanza { xml: String },
    /// What came breaks a rule, and was passed over.
    Discarded { condition: &'static str, text: String, xml: String },
    /// An element of the stream's came in another user's name, and was passed over.
    Ignored { xml: String },
    /// The server has taken charge of the stanza with this ticket.
    Acked { ticket: u64, xml: String },
    /// The server did not say that it has these. Those that were written it may have all the same.
    Undelivered { xml: Vec<String>, written: Vec<bool> },
    /// These were written, and nobody knows what became of them.
    Unconfirmed { xml: Vec<String> },
    /// There is no connection, for this reason; another is tried after so many seconds, if one is.
    Disconnected {
        resumable: bool,
        reason: String,
        text: String,
        #[serde(flatten)]
        added: Added,
        #[serde(skip_serializing_if = "Option::is_none")]
        again_in: Option<f64>,
    },
    /// The server said that it is elsewhere; `followed`: another connection is opened there.
    Redirected { uri: String, followed: bool },
    /// Something went wrong. It is the end, unless it was about one line of input.
    Error {
        condition: String,
        text: String,
        #[serde(flatten)]
        added: Added,
        /// Of an end: whether it may pass by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        transient: Option<bool>,
    },
    /// The stream was closed in good order.
    Closed,
}

impl Event {
    pub(super) fn error(condition: impl Into<String>, text: impl ToString) -> Self {
        let (condition, text) = (condition.into(), text.to_string());
        Self::Error { condition, text, added: Added::default(), transient: None }
    }

    /// The server closed the stream in good order before the login. It did not say why: it may be restarting.
    pub(super) fn not_logged_in() -> Self {
        let text = "the server closed the stream before the login".to_owned();
        let (condition, added) = ("not-logged-in".to_owned(), Added::default());
        Self::Error { condition, text, added, transient: Some(true) }
    }

    pub(super) fn discovered(targets: &[Target]) -> Self {
        Self::Discovered { uris: targets.iter().map(|it| it.uri.to_string()).collect() }
    }

    pub(super) fn not_resumed(condition: Option<StanzaCondition>) -> Self {
        Self::NotResumed { condition: condition.map(StanzaCondition::name) }
    }

    pub(super) fn discarded(violation: &Violation, xml: &str) -> Self {
        let condition = Condition::from(violation).name();
        Self::Discarded { condition, text: violation.to_string(), xml: xml.to_owned() }
    }

    /// There is no connection; `again_in`: after which time another is tried, if one is.
    pub(super) fn disconnected(why: &Ending, resumable: bool, again_in: Option<Duration>) -> Self {
        Self::Disconnected {
            resumable,
            reason: condition(why).to_owned(),
            text: why.to_string(),
            added: Added::by_server(why),
            again_in: again_in.map(seconds),
        }
    }

    /// The same for people, who need not be told of everything.
    pub(super) fn words(&self) -> Option<String> {
        Some(match self {
            Self::Discovered { uris } => format!("found {}", uris.join(", ")),
            Self::Bound { jid } => format!("logged in as {jid}"),
            Self::Resumed => "connected again: the session goes on".to_owned(),
            Self::NotResumed { .. } => "connected again: the session is lost".to_owned(),
            Self::Stanza { xml } => format!("<- {xml}"),
            Self::Discarded { text, xml, .. } => format!("passed over ({text}): {xml}"),
            Self::Ignored { xml } => format!("passed over (another user's): {xml}"),
            // What was sent was told then, and this is to be expected; why a redirect is not followed the error says.
            Self::Acked { .. }
            | Self::Unconfirmed { .. }
            | Self::Redirected { followed: false, .. } => return None,
            Self::Undelivered { xml, written } => {
                let lines = xml.iter().zip(written).map(|(xml, written)| match written {
                    true => format!("not confirmed: {xml}"),
                    false => format!("not sent: {xml}"),
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            // The client goes where it was sent, and that was told.
            Self::Disconnected { reason, again_in: Some(0.0), .. } if reason == SEE_OTHER_URI => {
                return None;
            }
            Self::Disconnected { text, again_in, .. } => {
                let again = match again_in {
                    None => String::new(),
                    Some(0.0) => "; trying the next address".to_owned(),
                    Some(seconds) => format!("; trying again in {seconds:.1} s"),
                };
                format!("disconnected: {text}{again}")
            }
            Self::Redirected { uri, followed: true } => {
                format!("the server is to be found at {uri}: going there")
            }
            Self::Error { condition, text, .. } if text.contains(condition) => {
                format!("error: {text}")
            }
            Self::Error { condition, text, .. } => format!("error: {text} ({condition})"),
            Self::Closed => "closed".to_owned(),
        })
    }

    /// What is to be said of an end, in order.
    pub(super) fn of_ending(ending: &Ending, here: Circumstances) -> Vec<Self> {
        let error = Self::Error {
            condition: condition(ending).to_owned(),
            text: advice::text(ending, here),
            added: Added::by_server(ending),
            transient: Some(ending.is_transient()),
        };
        match ending {
            Ending::Clean => vec![Self::Closed],
            Ending::Redirected(uri) => {
                vec![Self::Redirected { uri: uri.clone(), followed: false }, error]
            }
            Ending::Lost { .. } | Ending::TimedOut(_) if here.was_connected => {
                vec![Self::disconnected(ending, false, None), error]
            }
            _ => vec![error],
        }
    }
}

/// What the server added to the condition that it told.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Added {
    /// Its own words (RFC 6120 § 4.9.2, § 6.5, § 8.3.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
    /// The language that they are in, if it told.
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// The element that it added to a stream error, as XML (RFC 6120 § 4.9.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
}

impl Added {
    fn by_server(ending: &Ending) -> Self {
        let (text, application) = match ending {
            Ending::PeerError(error) => (error.text.as_ref(), error.application.clone()),
            Ending::NotAuthenticated(failure) => (failure.text.as_ref(), None),
            Ending::NotBound(error) => (error.text.as_ref(), None),
            _ => (None, None),
        };
        Self {
            said: text.map(|text| text.content.clone()),
            lang: text.and_then(|text| text.language.clone()),
            application,
        }
    }
}

/// To the millisecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// The name under which a program knows an end: the standards' where they have one.
fn condition(ending: &Ending) -> &str {
    match ending {
        Ending::PeerError(error) | Ending::OwnError(error) => &error.name,
        Ending::NotAuthenticated(failure) => &failure.name,
        Ending::NotBound(error) => &error.name,
        // It is the server's fault, not the account's.
        Ending::Violated(Violation::Sasl(_)) => "untrustworthy-server",
        Ending::Violated(violation) => Condition::from(violation).name(),
        Ending::NotConnected(_) | Ending::GivenUp => "not-connected",
        Ending::NotFound(_) => "not-found",
        Ending::NoMechanism(_) => "no-mechanism",
        Ending::UnusableCredentials(_) => "unusable-credentials",
        Ending::Lost { .. } => "connection-lost",
        Ending::Redirected(_) => SEE_OTHER_URI,
        Ending::TimedOut(_) => Condition::ConnectionTimeout.name(),
        _ => Condition::UndefinedCondition.name(),
    }
}

const SEE_OTHER_URI: &str = "see-other-uri";

//! What happens in a session, as it is told on standard output.

use serde::Serialize;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws::error::Violation;
use xmpp_ws::sasl::Mechanism;

/// One line of output. As JSON it may only grow.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Event {
    /// Logged in, with this address.
    Bound { jid: String },
    /// A stanza came.
    Stanza { xml: String },
    /// The server has taken charge of the stanza with this ticket.
    Acked { ticket: u64 },
    /// These were never sent.
    Undelivered { xml: Vec<String> },
    /// These were written, and nobody knows what became of them.
    Unconfirmed { xml: Vec<String> },
    /// The connection is gone.
    Disconnected { resumable: bool },
    /// The server said that it is elsewhere.
    Redirected { uri: String },
    /// Something went wrong. It is the end, unless it was about one line of input.
    Error { condition: String, text: String },
    /// The stream was closed in good order.
    Closed,
}

impl Event {
    pub(super) fn error(condition: impl Into<String>, text: impl ToString) -> Self {
        Self::Error { condition: condition.into(), text: text.to_string() }
    }

    /// The same for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Bound { jid } => format!("logged in as {jid}"),
            Self::Stanza { xml } => format!("<- {xml}"),
            Self::Acked { ticket } => format!("stanza {ticket} has arrived at the server"),
            Self::Undelivered { xml } => format!("not sent: {}", xml.join("\n          ")),
            Self::Unconfirmed { xml } => format!("-> {}", xml.join("\n-> ")),
            Self::Disconnected { resumable: true } => "disconnected; trying to resume".to_owned(),
            Self::Disconnected { resumable: false } => "disconnected".to_owned(),
            Self::Redirected { uri } => format!("the server is to be found at {uri}"),
            Self::Error { condition, text } if text.contains(condition) => format!("error: {text}"),
            Self::Error { condition, text } => format!("error: {text} ({condition})"),
            Self::Closed => "closed".to_owned(),
        }
    }

    /// What is to be said of an end, in order; `was_connected`: whether there was a connection.
    pub(super) fn of_ending(ending: &Ending, was_connected: bool) -> Vec<Self> {
        let last = match ending {
            Ending::Clean => return vec![Self::Closed],
            Ending::Redirected(uri) => {
                let text = format!("the server is elsewhere: connect with --url {uri}");
                return vec![
                    Self::Redirected { uri: uri.clone() },
                    Self::error("see-other-uri", text),
                ];
            }
            other => Self::error(condition(other), text(other)),
        };
        if was_connected && matches!(ending, Ending::Lost { .. } | Ending::TimedOut(_)) {
            return vec![Self::Disconnected { resumable: false }, last];
        }
        vec![last]
    }
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
        Ending::NoMechanism(_) => "no-mechanism",
        Ending::UnusableCredentials(_) => "unusable-credentials",
        Ending::Lost { .. } => "connection-lost",
        Ending::TimedOut(_) => Condition::ConnectionTimeout.name(),
        _ => Condition::UndefinedCondition.name(),
    }
}

/// What it says, and what to do about it where that is not plain.
fn text(ending: &Ending) -> String {
    let said = ending.to_string();
    let advice = match ending {
        Ending::NoMechanism(offered) if offered.iter().any(|it| it == Mechanism::Plain.name()) => {
            "it wants the password as it is: use wss://, or --allow-plaintext-auth where nobody listens"
        }
        Ending::NotConnected(error) => match error.kind {
            DialErrorKind::Tls => {
                "if its certificate is of an authority of your own, give --ca FILE"
            }
            DialErrorKind::Rejected { status: 404 } => "is the path in --url right?",
            _ => return said,
        },
        _ => return said,
    };
    [&said, advice].join("; ")
}

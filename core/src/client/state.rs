//! Where a client is on its way.

use crate::discovery::Discovery;
use crate::frame::Open;
use crate::jid::Jid;
use crate::sasl::Mechanism;
use crate::sasl::client::Exchange;
use crate::time::Instant;
use crate::uri::Uri;

/// Where the client is on its way, with what is known there.
#[derive(Debug)]
pub(super) enum State {
    /// There is no connection; the next one is due then.
    Waiting { until: Instant },
    /// The account's domain is asked for this document of where its endpoint is, which is due by then.
    Discovering { discovery: Box<Discovery>, asked: Uri, until: Instant },
    /// The WebSocket is being opened.
    Dialing,
    /// `<open/>` was sent, the server's is due.
    AwaitOpen(Stage),
    /// The server's features are due.
    AwaitFeatures(Stage, Open),
    /// The application is asked for the password.
    AwaitPassword { choice: Choice, serial: u64 },
    /// A mechanism is under way.
    Authenticating { exchange: Exchange, choice: Choice },
    /// The keys are being derived.
    Deriving { exchange: Exchange, choice: Choice, serial: u64 },
    /// A session of before was asked for (XEP-0198 § 5).
    Resuming { offer: Offer },
    /// A resource was asked for.
    Binding { id: String, resource: Option<String>, offer: Offer },
    /// The session was asked for that old servers want.
    AwaitSession { id: String, jid: Jid, offer: Offer },
    /// Stream management was asked for (XEP-0198 § 3).
    Enabling { jid: Jid, offer: Offer },
    /// Logged in; on a session of before, or on a new one.
    Ready { jid: Jid, offer: Offer, resumed: bool },
    /// The stream is being ended before the login was through; what still comes is of no interest.
    Leaving,
    /// Nothing more happens.
    Over,
}

/// What the client logs in by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Choice {
    pub(super) mechanism: Mechanism,
    /// Whether the server offers to bind to the channel (RFC 5802 § 6).
    pub(super) server_binds: bool,
}

/// What the server offers once one is logged in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Offer {
    /// It insists on the session request of RFC 3921 § 3.
    pub(super) session: bool,
    /// Stream management (XEP-0198).
    pub(super) stream_management: bool,
    /// It takes indications of whether somebody looks at the client (XEP-0352).
    pub(super) client_state: bool,
}

/// Which of a connection's two streams this is (RFC 7395 § 3.7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// The one to log in on.
    Login,
    /// The one after it.
    Bind,
}

impl State {
    /// Whether the way to a bound resource is still being gone.
    pub(super) fn is_negotiating(&self) -> bool {
        let has_no_stream = self.is_connecting() || matches!(self, Self::Waiting { .. });
        !has_no_stream && !matches!(self, Self::Ready { .. } | Self::Leaving | Self::Over)
    }

    /// Whether the transport works on a connection, or on the way to one.
    pub(super) fn is_connecting(&self) -> bool {
        matches!(self, Self::Discovering { .. } | Self::Dialing)
    }

    /// Whether the application has something to answer before anything else can happen.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self, Self::AwaitPassword { .. } | Self::Deriving { .. })
    }
}

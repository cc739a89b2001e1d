//! Where a server's side of one connection is on its way.

use crate::frame::Open;
use crate::jid::Jid;
use crate::sasl::server::Exchange;
use crate::sm::{Position, Resumable};

/// Where the client is on its way, with what is known there.
#[derive(Debug)]
pub(super) enum State {
    /// The client's `<open/>` is due.
    AwaitOpen,
    /// The application decides about the host.
    Opening { open: Open, serial: u64 },
    /// Features are out, `<auth/>` is due.
    AwaitAuth(Stranger),
    /// A mechanism is under way.
    Authenticating { stranger: Stranger, exchange: Exchange },
    /// The application looks keys up.
    LookingUp { stranger: Stranger, exchange: Exchange, serial: u64 },
    /// The application checks a password.
    Checking { stranger: Stranger, serial: u64 },
    /// The application says who the client is.
    Identifying { stranger: Stranger, authzid: Option<String>, serial: u64 },
    /// Logged in; the client's second `<open/>` is due (RFC 7395 § 3.7).
    AwaitRestart { account: Jid },
    /// A request to bind is due.
    AwaitBind(Unbound),
    /// The application decides about the resource.
    Binding { unbound: Unbound, serial: u64 },
    /// The application decides whether a session goes on.
    Resuming { unbound: Unbound, position: Position, serial: u64 },
    /// Bound.
    Ready(Bound),
    /// The stream is being ended before the login was through; what still comes is of no interest.
    Leaving,
    /// Nothing more happens.
    Over,
}

/// A client that has not logged in yet.
#[derive(Debug)]
pub(super) struct Stranger {
    /// Where it wants to log in.
    pub(super) host: String,
    /// How often it failed to.
    pub(super) failures: u32,
}

/// A client that is logged in and has no resource yet.
#[derive(Debug)]
pub(super) struct Unbound {
    /// Its bare address.
    pub(super) account: Jid,
    /// How often it failed to bind, or to resume.
    pub(super) failures: u32,
}

/// A bound client.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) jid: Jid,
    /// What it was told about how to resume its session; `None`: that is over with the connection.
    pub(super) resumable: Option<Resumable>,
    /// Whether the application knows that the stream is being ended.
    pub(super) knows_end: bool,
}

impl State {
    /// What there is once the client is bound.
    pub(super) fn bound(&self) -> Option<&Bound> {
        match self {
            Self::Ready(bound) => Some(bound),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn bound_mut(&mut self) -> Option<&mut Bound> {
        match self {
            Self::Ready(bound) => Some(bound),
            _ => None,
        }
    }

    /// Whether the way to a bound resource is still being gone.
    pub(super) fn is_negotiating(&self) -> bool {
        !matches!(self, Self::Ready(_) | Self::Leaving | Self::Over)
    }

    /// Whether the application has something to answer before anything else can happen.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(
            self,
            Self::Opening { .. }
                | Self::LookingUp { .. }
                | Self::Checking { .. }
                | Self::Identifying { .. }
                | Self::Binding { .. }
                | Self::Resuming { .. }
        )
    }
}

//! How a transport gets its connections.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;

use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Fetch, Fetched, Target};
use xmpp_ws::uri::Uri;

use crate::link::Link;

/// Opens WebSockets. Nothing is spawned: what it begins goes on where the transport is polled.
pub trait Dial {
    /// A connection that was opened.
    type Link: Link;

    /// A connection that is being opened. Dropping it gives it up.
    ///
    /// `Pin<Box<dyn Future<..> + Send>>` will do.
    type Dialing: Future<Output = Result<(Self::Link, Connection), DialError>> + Unpin;

    /// A resource that is being fetched. [`Ready`] where there is no HTTP; see [`no_http`].
    type Fetching: Future<Output = Fetch> + Unpin;

    /// Opens a WebSocket with the subprotocol `xmpp`. How long it may take is the endpoint's business.
    fn dial(&mut self, target: Target) -> Self::Dialing;

    /// Gets a resource by HTTP, following redirects, over TLS with a checked certificate. A redirect to anything else
    /// than `https://` is not followed. The length of the answer and the time that it takes are bounded here.
    fn fetch(&mut self, uri: Uri) -> Self::Fetching;
}

/// The answer of a transport that cannot fetch.
pub fn no_http(uri: Uri) -> Ready<Fetch> {
    let error = DialError::new(DialErrorKind::Unsupported, "it has no HTTP client");
    let outcome: Result<Fetched, _> = Err(error);
    ready(Fetch::new(uri, outcome))
}

/// The dialer of a transport over a single socket of the caller's: it opens no other.
pub struct NoDialer<L>(PhantomData<fn() -> L>);

impl<L> NoDialer<L> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<L> fmt::Debug for NoDialer<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoDialer")
    }
}

impl<L: Link> Dial for NoDialer<L> {
    type Link = L;
    type Dialing = Ready<Result<(L, Connection), DialError>>;
    type Fetching = Ready<Fetch>;

    fn dial(&mut self, target: Target) -> Self::Dialing {
        ready(Err(DialError::new(DialErrorKind::NoDialer, target.uri.to_string())))
    }

    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        no_http(uri)
    }
}

//! The vocabulary between a protocol machine and its transport, and the trait that both roles keep.

use std::time::Duration;

/// Shared bytes, of the crate `bytes`: part of this vocabulary, and so of this crate's promises.
pub use bytes::Bytes;
/// Shared text, of the crate `bytestring`: what is sent and what came, never copied. A `&'static str` or a `String`
/// becomes one by `into`, and it reads as a `str`.
///
/// ```
/// use xmpp_ws::endpoint::{ByteString, Input};
///
/// let text = ByteString::from_static("<presence/>");
/// assert_eq!(Input::Text(text.clone()), Input::Text("<presence/>".to_owned().into()));
/// assert!(text.starts_with("<presence"));
/// ```
pub use bytestring::ByteString;

use crate::error::Misuse;
pub use crate::error::WebSocketFault;
use crate::sasl::ChannelBinding;
use crate::time::Instant;
use crate::uri::Uri;

/// One side of a stream, as a transport sees it: one verb in, three polls out.
///
/// - [`handle`](Self::handle) never blocks, never fails, and does all the work there and then. What the peer does
///   wrong becomes a stream error on the wire and an event.
/// - The polls only hand over. They may be called in any order, at any time, any number of times.
/// - `now` never decreases. When [`is_over`](Self::is_over) is true nothing will ever come out again.
pub trait Endpoint {
    /// What the application is told.
    type Event;

    /// Lets time pass up to `now`, then takes what the transport saw.
    fn handle(&mut self, now: Instant, input: Input);

    /// The next thing for the transport to do, in order.
    #[must_use]
    fn poll_transmit(&mut self) -> Option<Transmit>;

    /// The next event for the application, in order. The last one says why it is over.
    #[must_use]
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// When [`Input::Timeout`] is due; `None`: nothing is waited for.
    #[must_use]
    fn poll_timeout(&self) -> Option<Instant>;

    /// Whether the transport should read on. False while the application has events or requests to answer, or
    /// the wire does not take what there is to write: reading then would only fill memory.
    ///
    /// True while [`Transmit::Dial`] or [`Transmit::Fetch`] is not answered yet: a transport works on them where it
    /// reads.
    fn wants_input(&self) -> bool;

    /// Whether [`Transmit::Dial`], [`Transmit::Fetch`] or [`Transmit::Drop`] is what
    /// [`poll_transmit`](Self::poll_transmit) hands over next. They do not go through the present connection, so a
    /// transport takes them also while that has no room. (An endpoint that leaves a connection drops what it had
    /// queued for it.)
    ///
    /// Never, unless an endpoint says otherwise: a server does not dial.
    fn wants_dial(&self) -> bool {
        false
    }

    /// Whether this endpoint has said its last event and will never do anything again.
    fn is_over(&self) -> bool;

    /// Sends one stanza: the XML of one `message`, `presence` or `iq`, checked before anything goes out.
    ///
    /// It may be written without a namespace, which is then added. What a user typed goes into it escaped:
    /// [`Message`](crate::stanza::Message) and [`Presence`](crate::stanza::Presence) see to that, and the
    /// [`Writer`](crate::xml::Writer) for all else. What becomes of it is told by an event with the ticket.
    ///
    /// # Errors
    ///
    /// [`Misuse::Full`]: try again when [`has_room`](Self::has_room). [`Misuse::NotNow`] before there is a session, and
    /// after the stream began to end; [`Misuse::Over`] after that. [`Misuse::Xml`], [`Misuse::NotAStanza`],
    /// [`Misuse::BadIq`] and [`Misuse::TooLong`] are about the stanza. None of them uses up a ticket.
    fn send(&mut self, now: Instant, stanza: ByteString) -> Result<Ticket, Misuse>;

    /// Whether [`send`](Self::send) would not answer [`Misuse::Full`]. So it is true, too, when the stream is over:
    /// there is nothing to wait for.
    fn has_room(&self) -> bool;

    /// Ends the stream in good order (RFC 7395 § 3.6): says `<close/>`, takes what still comes, then closes the
    /// WebSocket. A second call changes nothing; [`Misuse::Over`] once it is over.
    fn close(&mut self, now: Instant) -> Result<(), Misuse>;

    /// Answers an event that needs nobody's decision, only computation (such as deriving a key), and hands every
    /// other back. A driver calls it on each event unless the application wants to compute elsewhere.
    fn answer(&mut self, now: Instant, event: Self::Event) -> Option<Self::Event> {
        let _ = now;
        Some(event)
    }
}

/// What a transport saw. Exhaustive on purpose: a transport says all of these that it can.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// The WebSocket that the last [`Transmit::Dial`] asked for is open, and `xmpp` was agreed. (A server is made with
    /// its [`Connection`] instead.) It is taken, however late it is told, unless another is asked for by then.
    Connected(Connection),
    /// The WebSocket that the last [`Transmit::Dial`] asked for cannot be had.
    ConnectFailed(DialError),
    /// The answer to [`Transmit::Fetch`].
    Fetched(Fetch),
    /// One whole text message, however many frames it came in.
    Text(ByteString),
    /// A binary message, which RFC 7395 § 3.2 forbids; its bytes are of no interest.
    Binary,
    /// A WebSocket ping, which the transport has answered.
    Ping,
    /// A WebSocket pong.
    Pong,
    /// What comes cannot be read as messages; nothing more will be read.
    Unreadable(WebSocketFault),
    /// The peer's close frame, with its code if it had one.
    Closed {
        /// The status code (RFC 6455 § 7.4).
        code: Option<u16>,
    },
    /// Writing failed; what the peer already said may still be read.
    Unwritable,
    /// Nothing more can be read, and no close frame came.
    Lost,
    /// The time that [`Endpoint::poll_timeout`] named has come, and nothing else is at hand: what has come is told
    /// first, or a peer is given up whose answer lies there. Earlier calls do nothing.
    Timeout,
}

/// What a transport shall do, in order. Exhaustive on purpose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Transmit {
    /// Send one text message, in one frame.
    Text(ByteString),
    /// Send a WebSocket ping with an empty payload. A transport that cannot (a browser's) drops it.
    Ping,
    /// Send a close frame with this code, then tell what comes until the peer's.
    Close {
        /// The status code (RFC 6455 § 7.4).
        code: u16,
    },
    /// Drop the connection there is, and whatever is under way to get one, without a word: the peer was silent for too
    /// long, or the answer did not come in time. Nothing of it is told any more, and nothing answers this.
    ///
    /// It comes where a client waits before its next [`Dial`](Self::Dial). At the end it does not: when
    /// [`Endpoint::is_over`] is true a transport ends its connection by itself.
    Drop,
    /// Drop the connection there is, or is being opened, and open another; answered by [`Input::Connected`] or
    /// [`Input::ConnectFailed`]. From here on a transport tells nothing of what it dropped; what it tells before is not
    /// taken for the answer.
    Dial(Target),
    /// Get this resource by HTTP, over TLS with a checked certificate; answered by [`Input::Fetched`].
    Fetch(Uri),
}

/// Where to open a WebSocket to.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// The address. RFC 7395 § 6: over TLS the certificate is checked against its host, which is also the SNI.
    pub uri: Uri,
    /// XEP-0156 § 5: a domain whose certificate passes too, where the address came from that domain by a secure
    /// way.
    pub alternative_name: Option<String>,
}

impl Target {
    /// This address, whose host alone the certificate must be for.
    pub fn new(uri: Uri) -> Self {
        Self { uri, alternative_name: None }
    }
}

/// The facts of an open WebSocket that only its transport knows.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Connection {
    /// Whether nobody on the way can read or change what is sent: TLS with a checked certificate, ended here or at
    /// a proxy that the application trusts.
    pub secure: bool,
    /// What a SASL exchange can be bound to (RFC 9266), where the transport can tell. Not for a connection whose TLS ends
    /// at a proxy: what is shared with the proxy is not shared with the peer.
    pub channel_binding: Option<ChannelBinding>,
    /// The peer's certificate in DER, checked by the transport, where it showed one.
    pub peer_certificate: Option<Bytes>,
    /// Whether the transport can send [`Transmit::Ping`]. A browser's cannot: then a client asks by XMPP ping
    /// (XEP-0199) whether the server is still there. Default: true.
    pub can_ping: bool,
    /// Whether the transport can open another connection after this one. Where it cannot, a client is over with this
    /// one, instead of asking for another in vain. Default: true.
    pub can_dial: bool,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            secure: false,
            channel_binding: None,
            peer_certificate: None,
            can_ping: true,
            can_dial: true,
        }
    }
}

impl Connection {
    /// A connection that is secure or not, with nothing else known.
    pub fn new(secure: bool) -> Self {
        Self { secure, ..Self::default() }
    }
}

/// Why a WebSocket could not be opened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind}: {detail}")]
#[non_exhaustive]
pub struct DialError {
    /// The kind, on which it depends whether another try makes sense.
    pub kind: DialErrorKind,
    /// What the transport knows more, for people.
    pub detail: String,
}

impl DialError {
    /// An error of this kind.
    pub fn new(kind: DialErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// What kind of thing went wrong while a WebSocket was opened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DialErrorKind {
    /// This transport has one connection and cannot make another.
    #[error("this transport has a single connection and cannot open another")]
    NoDialer,
    /// The name does not resolve, or nobody answers there.
    #[error("the host cannot be reached")]
    Unreachable,
    /// It took longer than the limit.
    #[error("opening the connection took too long")]
    TimedOut,
    /// TLS failed; also: the certificate is not trusted, or for another name.
    #[error("no secure connection")]
    Tls,
    /// The server answered the upgrade with another HTTP status than 101.
    #[error("the server refused the WebSocket with HTTP status {status}")]
    Rejected {
        /// The status it answered with.
        status: u16,
    },
    /// RFC 7395 § 3.1: the server did not select the subprotocol `xmpp`.
    #[error("the server does not speak the WebSocket subprotocol xmpp")]
    Subprotocol,
    /// The answer was no WebSocket handshake.
    #[error("the server's answer is not a WebSocket handshake")]
    Handshake,
    /// What was to be fetched did not come in an answer that can be used: it is not HTTP, too long, or elsewhere where
    /// one must not follow.
    #[error("no usable HTTP answer")]
    Http,
    /// The transport was built without what this address needs, such as TLS.
    #[error("this transport cannot open such an address")]
    Unsupported,
}

/// The answer to [`Transmit::Fetch`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Fetch {
    /// What was asked for.
    pub uri: Uri,
    /// The final answer, redirects followed, or why there is none.
    pub outcome: Result<Fetched, DialError>,
}

impl Fetch {
    /// What came of asking for this.
    pub fn new(uri: Uri, outcome: Result<Fetched, DialError>) -> Self {
        Self { uri, outcome }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

impl Fetched {
    /// An answer with this status code and this body.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, body: body.into() }
    }
}

/// Names one stanza that was given to `send` or `iq`, until an event says what became of it.
///
/// Tickets of one endpoint are handed out in rising order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ticket(u64);

/// A stanza that was given to `send` or `iq`, handed back: the peer did not say that it has it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Undelivered {
    /// Its ticket.
    pub ticket: Ticket,
    /// The stanza as it would have been written.
    pub stanza: ByteString,
    /// When it was given.
    pub given: Instant,
    /// How old it was then already, where it was given to an endpoint whose session was resumed by this one: an
    /// endpoint's time begins with it. Otherwise zero.
    pub earlier: Duration,
    /// Whether it was written. Then the peer may have it all the same: who sends it again may send it twice, and
    /// says when it was first sent (XEP-0203). False: nobody but this endpoint ever had it.
    pub written: bool,
}

impl Ticket {
    pub(crate) const FIRST: Self = Self(0);

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The ticket with this number, for an [`Endpoint`] of one's own.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, which is of use in logs.
    pub const fn number(self) -> u64 {
        self.0
    }
}

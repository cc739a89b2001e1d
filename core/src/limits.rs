//! What a peer may make us hold, do or wait for.

use std::time::Duration;

/// Every bound of one endpoint. A bound that a peer passes ends its own stream and harms no other.
///
/// Both roles have the same bounds and look at most of them alike. Only a client looks at [`scram`](Self::scram),
/// [`max_pending_iqs`](Self::max_pending_iqs), [`iq_reply`](Self::iq_reply), [`dial`](Self::dial),
/// [`fetch`](Self::fetch), [`max_host_meta_bytes`](Self::max_host_meta_bytes) and
/// [`max_discovered_endpoints`](Self::max_discovered_endpoints); only a server at
/// [`max_message_bytes_unauthenticated`](Self::max_message_bytes_unauthenticated) and
/// [`max_bind_tries`](Self::max_bind_tries).
///
/// An endpoint's memory is bounded by these: about the queued bytes, the held and reported messages times the
/// message size, and a few KiB.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The XML of one message.
    pub xml: XmlLimits,
    /// What a client does for a server's SCRAM.
    pub scram: ScramLimits,
    /// The longest message that is taken, in bytes. Default: 256 KiB. Told to the peer as `<policy-violation/>`.
    /// Nor does `send` take a longer stanza, or one that is longer than the server says that it takes (XEP-0478).
    /// A server says 9 KiB less than this, but no less than 10,000 bytes where it takes so many: what a client sends
    /// can then be sent on to another with the address and the language that the server writes into it.
    ///
    /// A transport should be told the same number, so that a longer message is refused from its header on.
    pub max_message_bytes: usize,
    /// The same before the peer has authenticated; a server's bound. Default: 16 KiB. Applied to whole messages.
    pub max_message_bytes_unauthenticated: usize,
    /// How many messages may wait to be written. Default: 1,024. At the limit `send` says `Full`. The library's own
    /// answers are counted for themselves, too: while so many of them wait, no input is wanted.
    pub max_queued_messages: usize,
    /// How many bytes may wait to be written. Default: 1 MiB.
    pub max_queued_bytes: usize,
    /// With stream management (XEP-0198): how many stanzas may wait to be written or for the peer's acknowledgement.
    /// Default: 1,024. At the limit `send` says `Full`.
    pub max_unacknowledged: usize,
    /// How many bytes of stanzas may wait to be written or for the peer's acknowledgement. Default: 4 MiB.
    pub max_unacknowledged_bytes: usize,
    /// After how many stanzas the peer is asked to acknowledge them. Default: 10.
    pub request_every: u32,
    /// How long a stanza waits before the peer is asked to acknowledge it, where fewer are sent. Default: 1 s.
    pub request_after: Duration,
    /// How long the peer's acknowledgement may take once it was asked for. Default: 60 s. Then it is given up as it is
    /// by [`ping_answer`](Self::ping_answer); not while nothing is read, nor while what came meanwhile is being read
    /// by an application that takes its time.
    pub acknowledge: Duration,
    /// How long the peer may take nothing of what waits to be written, though it goes on to talk. Default: 60 s. Then
    /// the stream is over.
    pub write: Duration,
    /// How many events may wait for the application before no more input is wanted. Default: 64.
    pub max_queued_events: usize,
    /// How many messages are held while the application has a request to answer. Default: 32. One more ends the
    /// stream with `<policy-violation/>`; a transport that heeds `wants_input` never gets there.
    pub max_held_messages: usize,
    /// How many of one's own `iq` requests may be unanswered. Default: 256. At the limit `iq` says `Full`.
    pub max_pending_iqs: usize,
    /// How many times a client may fail to authenticate. Default: 5; RFC 6120 § 6.4.5 asks for two to five.
    pub max_authentication_tries: u32,
    /// How many times a client may fail to bind a resource, or to resume a session in place of one. Default: 5;
    /// RFC 6120 § 7.7.3 asks for five to ten.
    pub max_bind_tries: u32,
    /// The longest document that is read to find a domain's endpoint, in bytes. Default: 64 KiB.
    pub max_host_meta_bytes: usize,
    /// How many of the endpoints that such a document names are taken; the further ones are not looked at. Default: 8.
    pub max_discovered_endpoints: usize,
    /// How long fetching one document of a domain's metadata may take. Default: 30 s. Then the next is asked for, if
    /// there is one.
    pub fetch: Duration,
    /// How long opening the WebSocket may take. Default: 30 s.
    pub dial: Duration,
    /// How long the peer's `<open/>`, and a server's features after it, may take. Default: 30 s.
    pub open: Duration,
    /// How long a client's whole way from the open WebSocket to its bound resource may take. Default: 60 s. It
    /// includes what the application answers in between, such as a password prompt.
    pub negotiate: Duration,
    /// How long the peer's `<close/>` may take after one's own was handed over for writing. Default: 5 s. While what
    /// was sent before it is not, [`write`](Self::write) holds.
    pub close: Duration,
    /// How long the peer's close frame may take after one's own. Default: 2 s.
    pub hangup: Duration,
    /// After how long a silence a bound peer is sent a WebSocket ping. Default: 50 s. `None`: never.
    ///
    /// RFC 6120 § 4.6.4 asks for a reason to check more often than every 5 minutes: common proxies cut a WebSocket
    /// that was silent for 60 s.
    pub ping_after: Option<Duration>,
    /// How long a peer may be silent after a ping. Default: 20 s. Then it is told `<connection-timeout/>`; but a
    /// client that will resume its session (XEP-0198) only closes the WebSocket, for a server that hears of an error
    /// does not keep the session. While the application does not take its events, so that nothing is read, no peer
    /// counts as silent.
    pub ping_answer: Duration,
    /// How long a reply to one's own `iq` is waited for. Default: 60 s; of a request that waits for a connection, from
    /// when there is one. As with [`acknowledge`](Self::acknowledge), time in which nothing is read is no time.
    pub iq_reply: Duration,
}

impl Limits {
    /// How long a message of a client may be that has not logged in.
    pub(crate) fn before_login(&self) -> usize {
        self.max_message_bytes.min(self.max_message_bytes_unauthenticated)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml: XmlLimits::default(),
            scram: ScramLimits::default(),
            max_message_bytes: DEFAULT_MAX_MESSAGE_BYTES,
            max_message_bytes_unauthenticated: DEFAULT_MAX_MESSAGE_BYTES_UNAUTHENTICATED,
            max_queued_messages: DEFAULT_MAX_QUEUED_MESSAGES,
            max_queued_bytes: DEFAULT_MAX_QUEUED_BYTES,
            max_unacknowledged: DEFAULT_MAX_UNACKNOWLEDGED,
            max_unacknowledged_bytes: DEFAULT_MAX_UNACKNOWLEDGED_BYTES,
            request_every: DEFAULT_REQUEST_EVERY,
            request_after: DEFAULT_REQUEST_AFTER,
            acknowledge: DEFAULT_ACKNOWLEDGE,
            write: DEFAULT_WRITE,
            max_queued_events: DEFAULT_MAX_QUEUED_EVENTS,
            max_held_messages: DEFAULT_MAX_HELD_MESSAGES,
            max_pending_iqs: DEFAULT_MAX_PENDING_IQS,
            max_authentication_tries: DEFAULT_MAX_AUTHENTICATION_TRIES,
            max_bind_tries: DEFAULT_MAX_BIND_TRIES,
            max_host_meta_bytes: DEFAULT_MAX_HOST_META_BYTES,
            max_discovered_endpoints: DEFAULT_MAX_DISCOVERED_ENDPOINTS,
            fetch: DEFAULT_FETCH,
            dial: DEFAULT_DIAL,
            open: DEFAULT_OPEN,
            negotiate: DEFAULT_NEGOTIATE,
            close: DEFAULT_CLOSE,
            hangup: DEFAULT_HANGUP,
            ping_after: Some(DEFAULT_PING_AFTER),
            ping_answer: DEFAULT_PING_ANSWER,
            iq_reply: DEFAULT_IQ_REPLY,
        }
    }
}

/// The bounds on one element's XML, whoever sent it.
///
/// A message that passes one of them is answered with `<policy-violation/>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct XmlLimits {
    /// How deep elements may nest, the root counting as 1. Default: 128.
    pub max_depth: usize,
    /// How many attributes one element may have, namespace declarations not counted. Default: 128.
    pub max_attributes: usize,
    /// How many namespace declarations may be in scope at once. Default: 128.
    pub max_declarations: usize,
    /// How long a qualified name may be, in bytes. Default: 1,024.
    pub max_name_bytes: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self {
            max_depth: DEFAULT_MAX_DEPTH,
            max_attributes: DEFAULT_MAX_ATTRIBUTES,
            max_declarations: DEFAULT_MAX_DECLARATIONS,
            max_name_bytes: DEFAULT_MAX_NAME_BYTES,
        }
    }
}

/// The bounds on what a server may make a client compute (RFC 5802 § 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScramLimits {
    /// The fewest iterations that are taken from a server; with fewer, whoever listens guesses cheaply. Default: 4,096.
    pub min_iterations: u32,
    /// The most iterations that are taken from a server. Default: 2,000,000.
    pub max_iterations: u32,
}

impl Default for ScramLimits {
    fn default() -> Self {
        Self { min_iterations: DEFAULT_MIN_ITERATIONS, max_iterations: DEFAULT_MAX_ITERATIONS }
    }
}

// Precedents: 3,000 levels crashed a well-known server's whole VM; Tigase takes 1,000 elements a stanza; the
// deepest example in the XEPs has 15 levels. libxml2 stops at 256 levels.
const DEFAULT_MAX_DEPTH: usize = 128;
// Precedents: Tigase takes 50 attributes an element; the largest example in the XEPs has 15.
const DEFAULT_MAX_ATTRIBUTES: usize = 128;
// Precedent: quick-xml's NsReader takes 128 bindings.
const DEFAULT_MAX_DECLARATIONS: usize = 128;
// Precedents: Tigase takes names of 1,024 characters, rxml of 8 KiB.
const DEFAULT_MAX_NAME_BYTES: usize = 1024;

// Precedent: Prosody's c2s_stanza_size_limit is 256 KiB; RFC 6120 § 13.12 asks for at least 10,000 bytes.
const DEFAULT_MAX_MESSAGE_BYTES: usize = 256 * 1024;
// No message of a login comes near; RFC 6120 § 13.12 asks for at least 10,000 bytes.
const DEFAULT_MAX_MESSAGE_BYTES_UNAUTHENTICATED: usize = 16 * 1024;
// Precedent: ejabberd's max_ack_queue and MongooseIM's buffer hold 5,000 and 100 stanzas.
const DEFAULT_MAX_QUEUED_MESSAGES: usize = 1024;
// Four of the longest messages.
const DEFAULT_MAX_QUEUED_BYTES: usize = 1024 * 1024;
// Precedents: Prosody's smacks_max_queue_size is 500, ejabberd's max_ack_queue 5,000, MongooseIM's buffer_max 100.
const DEFAULT_MAX_UNACKNOWLEDGED: usize = 1024;
// Sixteen of the longest messages.
const DEFAULT_MAX_UNACKNOWLEDGED_BYTES: usize = 4 * 1024 * 1024;
// Precedents: Prosody asks for every stanza, MongooseIM's ack_freq is 1; XEP-0198 § 9 has fewer than every one.
const DEFAULT_REQUEST_EVERY: u32 = 10;
// Precedent: xmpp.js waits 250 ms.
const DEFAULT_REQUEST_AFTER: Duration = Duration::from_secs(1);
// Precedents: ejabberd's ack_timeout is 60 s, Prosody's smacks_max_ack_delay 30 s.
const DEFAULT_ACKNOWLEDGE: Duration = Duration::from_secs(60);
// Precedent: nginx's proxy_send_timeout is 60 s.
const DEFAULT_WRITE: Duration = Duration::from_secs(60);
const DEFAULT_MAX_QUEUED_EVENTS: usize = 64;
// A pipelined login has four messages (PLAIN, open, bind or resume, presence).
const DEFAULT_MAX_HELD_MESSAGES: usize = 32;
const DEFAULT_MAX_PENDING_IQS: usize = 256;
const DEFAULT_MAX_AUTHENTICATION_TRIES: u32 = 5;
const DEFAULT_MAX_BIND_TRIES: u32 = 5;
// Precedents: what servers publish has some KiB at most; Mastodon reads 1 MiB of such a document.
const DEFAULT_MAX_HOST_META_BYTES: usize = 64 * 1024;
// Each may cost a dial's whole time. Precedents: servers publish one or two; curl tries any number of addresses.
const DEFAULT_MAX_DISCOVERED_ENDPOINTS: usize = 8;
const DEFAULT_FETCH: Duration = Duration::from_secs(30);
const DEFAULT_DIAL: Duration = Duration::from_secs(30);
// Precedents: Prosody's c2s_timeout is 300 s for the whole login, ejabberd's negotiation_timeout 120 s,
// MongooseIM's state timeout 5 s, which is too short for a person who types a password.
const DEFAULT_OPEN: Duration = Duration::from_secs(30);
const DEFAULT_NEGOTIATE: Duration = Duration::from_secs(60);
// Precedents: Prosody waits 5 s, xmpp.js 2 s, stanza 1 s for the peer's <close/>.
const DEFAULT_CLOSE: Duration = Duration::from_secs(5);
const DEFAULT_HANGUP: Duration = Duration::from_secs(2);
// Precedent: nginx's proxy_read_timeout is 60 s; ejabberd pings every 60 s, nbxmpp every 5 s.
const DEFAULT_PING_AFTER: Duration = Duration::from_secs(50);
const DEFAULT_PING_ANSWER: Duration = Duration::from_secs(20);
const DEFAULT_IQ_REPLY: Duration = Duration::from_secs(60);
// Precedents: RFC 5802 § 5.1 and RFC 7677 § 4 have servers ask for at least 4,096; the clients of Cyrus SASL and
// MongoDB insist on it.
const DEFAULT_MIN_ITERATIONS: u32 = 4096;
// Precedents: OWASP recommends 600,000 to servers with SHA-256, and more than a million with SHA-1, so less would
// lock users out; Cyrus SASL takes 65,536, node-postgres 100,000, Bun 10,000,000.
const DEFAULT_MAX_ITERATIONS: u32 = 2_000_000;

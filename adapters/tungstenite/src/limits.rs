//! What a peer may make the WebSocket hold.

use tungstenite::protocol::WebSocketConfig;

/// The bounds of one WebSocket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WebSocketLimits {
    /// How long a message may be, in bytes, whether it comes in one frame or in many. Default: 1 MiB.
    ///
    /// A longer one is never held: it is told as
    /// [`WebSocketFault::TooLong`](xmpp_ws::endpoint::WebSocketFault::TooLong), and nothing more is read. It should
    /// not be below the core's own limit, which is the one that gives a peer the more telling answer; a smaller
    /// limit before authentication is the core's, too, and is applied when the message is there.
    pub max_message_bytes: usize,
    /// How much is read from the stream at once, in bytes; allocated once a connection. Default: 8 KiB.
    pub read_buffer_bytes: usize,
    /// How much is collected before it is written to the stream, in bytes, where nobody flushes. Default: 16 KiB.
    pub write_buffer_bytes: usize,
    /// How much may wait for a peer that does not read, in bytes. Default: 16 MiB; where WebSockets are accepted,
    /// 2 MiB.
    ///
    /// It is for the answers to pings, which nobody but the WebSocket counts: of more pings only the last is answered.
    /// A message longer than this cannot be sent; it should be well above the longest that is.
    pub max_unwritten_bytes: usize,
}

impl Default for WebSocketLimits {
    fn default() -> Self {
        Self {
            max_message_bytes: DEFAULT_MAX_MESSAGE_BYTES,
            read_buffer_bytes: DEFAULT_READ_BUFFER_BYTES,
            write_buffer_bytes: DEFAULT_WRITE_BUFFER_BYTES,
            max_unwritten_bytes: DEFAULT_MAX_UNWRITTEN_BYTES,
        }
    }
}

impl From<WebSocketLimits> for WebSocketConfig {
    fn from(limits: WebSocketLimits) -> Self {
        Self::default()
            .read_buffer_size(limits.read_buffer_bytes)
            .write_buffer_size(limits.write_buffer_bytes)
            // Without a bound, whoever pings and never reads has its pongs collected for ever.
            // It has to be above what is collected anyway.
            .max_write_buffer_size(
                limits.max_unwritten_bytes.max(limits.write_buffer_bytes.saturating_add(1)),
            )
            // Both: a message in one frame is held by the one, a message in many by the other.
            .max_message_size(Some(limits.max_message_bytes))
            .max_frame_size(Some(limits.max_message_bytes))
    }
}

// Precedents: Prosody takes stanzas of 256 KiB from clients and 512 KiB from servers, ejabberd of 256 KiB.
const DEFAULT_MAX_MESSAGE_BYTES: usize = 1024 * 1024;
// tungstenite's own default, 128 KiB, is a lot for a server with 100,000 clients.
const DEFAULT_READ_BUFFER_BYTES: usize = 8 * 1024;
// One TLS record.
const DEFAULT_WRITE_BUFFER_BYTES: usize = 16 * 1024;
// The largest messages that common clients send (avatars, files in band) are of some 10 MiB.
const DEFAULT_MAX_UNWRITTEN_BYTES: usize = 16 * 1024 * 1024;

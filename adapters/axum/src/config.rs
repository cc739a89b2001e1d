//! What the route is made with.

use xmpp_ws::server::ServerConfig;
use xmpp_ws_tungstenite::{AcceptConfig, WebSocketLimits};

use crate::origins::Origins;
use crate::proxies::Proxies;

/// Which WebSockets are accepted, and what is spoken there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct XmppConfig {
    /// The server's side of each stream. Its [`limits.open`](xmpp_ws::limits::Limits::open) is also how long a client
    /// may take to read the answer to its request.
    pub server: ServerConfig,
    /// What a client may make the WebSocket hold. Default: messages as long as [`server`](Self::server) takes them,
    /// and twice that unwritten.
    ///
    /// A longer message is refused from its header on, and never held.
    pub limits: WebSocketLimits,
    /// The web pages that may connect. Default: [`Origins::Any`].
    pub origins: Origins,
    /// The proxies that may say for whom they speak. Default: none.
    pub proxies: Proxies,
    /// Whether nobody on the way can read or change what is sent: TLS ended in this process or at a proxy that is
    /// trusted. Default: false. [`XmppUpgrade::secure`](crate::XmppUpgrade::secure) decides it for one request.
    ///
    /// It is the application's word; no header of the request has a say in it.
    pub secure: bool,
    /// How many connections there may be at a time. Default: 10,000. One more is refused with HTTP status 503.
    pub max_connections: usize,
}

impl XmppConfig {
    /// The defaults, for such a server.
    pub fn new(server: ServerConfig) -> Self {
        let mut limits = AcceptConfig::default().limits;
        limits.max_message_bytes = server.limits.max_message_bytes;
        limits.max_unwritten_bytes = server.limits.max_message_bytes.saturating_mul(2);
        Self {
            server,
            limits,
            origins: Origins::Any,
            proxies: Proxies::none(),
            secure: false,
            max_connections: DEFAULT_MAX_CONNECTIONS,
        }
    }
}

// Precedents: nginx has 512 to 1,024 connections a worker; ejabberd's listeners have no bound.
const DEFAULT_MAX_CONNECTIONS: usize = 10_000;

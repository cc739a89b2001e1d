//! Opening WebSockets.

use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use xmpp_ws::endpoint::{Connection, DialError, Endpoint, Fetch, Target};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{Dial, Io, Session, Transport};
use xmpp_ws_tungstenite::{ClientHandshake, DialConfig, connect_tcp};

use crate::accept::write_all;
use crate::link::Link;
use crate::runtime::{Tokio, TokioTimer};
use crate::stream::ClientStream;

/// The transport of a client that opens its connections itself, and opens them again.
pub type ClientIo = Transport<Dialer, TokioTimer>;

/// A session of a client that opens its connections by `config`. `endpoint` makes the client, and is told the time.
///
/// Nothing happens before it is asked for its [next event](Session::next).
pub fn connect<E: Endpoint>(
    config: DialConfig,
    endpoint: impl FnOnce(Instant) -> E,
) -> Session<E, ClientIo> {
    let io = ClientIo::new(Dialer::new(config), TokioTimer::new());
    Session::new(endpoint(io.now()), io)
}

/// The client's half of the upgrade, over a byte stream of the caller's own.
///
/// `target` is what the server is told; the stream has TLS already where it is to have any. Give the WebSocket to
/// [`client_socket`](crate::client_socket), with the facts of the connection.
pub async fn upgrade<S>(
    stream: S,
    target: &Target,
    config: &DialConfig,
) -> Result<WebSocketStream<S>, DialError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    upgrade_by(ClientHandshake::new(target, config)?, stream, config).await
}

/// Opens WebSockets over TCP, and over TLS with `wss://`; fetches documents over TLS.
#[derive(Clone, Debug)]
pub struct Dialer {
    config: DialConfig,
}

impl Dialer {
    /// A dialer by `config`.
    pub fn new(config: DialConfig) -> Self {
        Self { config }
    }
}

impl Dial for Dialer {
    type Link = Link<ClientStream>;
    type Dialing =
        Pin<Box<dyn Future<Output = Result<(Self::Link, Connection), DialError>> + Send>>;
    type Fetching = Pin<Box<dyn Future<Output = Fetch> + Send>>;

    fn dial(&mut self, target: Target) -> Self::Dialing {
        #[cfg(feature = "tls")]
        let tls = target.uri.is_secure().then(|| self.config.client_tls());
        let config = self.config.clone();
        Box::pin(async move {
            let handshake = ClientHandshake::new(&target, &config)?;
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                let (stream, connection) = crate::tls::connect(&target, &tls?, &config).await?;
                return Ok((over(stream, handshake, &config).await?, connection));
            }
            #[cfg(not(feature = "tls"))]
            if target.uri.is_secure() {
                return Err(xmpp_ws_tungstenite::no_tls());
            }
            let stream = connect_tcp(&Tokio, &target.uri, &config).await?;
            Ok((over(stream, handshake, &config).await?, Connection::new(false)))
        })
    }

    #[cfg(feature = "tls")]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let tls = self.config.client_tls();
        let config = self.config.clone();
        Box::pin(async move {
            let outcome = match tls {
                Ok(tls) => crate::fetch::fetch(&uri, &tls, &config).await,
                Err(error) => Err(error),
            };
            Fetch::new(uri, outcome)
        })
    }

    #[cfg(not(feature = "tls"))]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let outcome = Err(xmpp_ws_tungstenite::no_tls());
        Box::pin(std::future::ready(Fetch::new(uri, outcome)))
    }
}

async fn over<S>(
    stream: S,
    handshake: ClientHandshake,
    config: &DialConfig,
) -> Result<Link<ClientStream>, DialError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let socket = upgrade_by(handshake, ClientStream::new(stream), config).await?;
    Ok(Link::new(socket))
}

async fn upgrade_by<S>(
    mut handshake: ClientHandshake,
    mut stream: S,
    config: &DialConfig,
) -> Result<WebSocketStream<S>, DialError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    write_all(&mut stream, handshake.request()).await.map_err(ClientHandshake::broken_off)?;
    let mut space = vec![0; SPACE_BYTES];
    let came = loop {
        let read = stream.read(&mut space).await.map_err(ClientHandshake::broken_off)?;
        if let Some(came) = handshake.received(space.get(..read).unwrap_or_default())? {
            break came;
        }
    };
    let limits = Some(config.limits.into());
    Ok(WebSocketStream::from_partially_read(stream, came, Role::Client, limits).await)
}

const SPACE_BYTES: usize = 4096;

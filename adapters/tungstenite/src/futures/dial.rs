//! Opening WebSockets.

use std::future::Future;
use std::pin::Pin;

use async_tungstenite::WebSocketStream;
use futures_io::{AsyncRead, AsyncWrite};
use tungstenite::protocol::Role;
use xmpp_ws::endpoint::{Connection, DialError, Endpoint, Fetch, Target};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{Dial, Io, Session, Transport};

use super::bytes::{read, write_all};
use super::link::Link;
use super::stream::ClientStream;
use crate::client::{ClientHandshake, DialConfig};
use crate::runtime::{Runtime, RuntimeTimer, connect_tcp};

/// The transport of a client that opens its connections itself, and opens them again.
pub type ClientIo<R> = Transport<Dialer<R>, RuntimeTimer<R>>;

/// A session of a client that opens its connections by `config`. `endpoint` makes the client, and is told the time.
///
/// Nothing happens before it is asked for its [next event](Session::next).
pub fn connect<R, E>(
    runtime: R,
    config: DialConfig,
    endpoint: impl FnOnce(Instant) -> E,
) -> Session<E, ClientIo<R>>
where
    R: Runtime<Tcp: AsyncRead + AsyncWrite + Unpin>,
    E: Endpoint,
{
    let timer = RuntimeTimer::of(runtime.clone());
    let io = ClientIo::new(Dialer::new(runtime, config), timer);
    Session::new(endpoint(io.now()), io)
}

/// The client's half of the upgrade, over a byte stream of the caller's own.
///
/// `target` is what the server is told; the stream has TLS already where it is to have any. Give the WebSocket to
/// [`client_socket`](super::client_socket), with the facts of the connection.
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
pub struct Dialer<R> {
    runtime: R,
    config: DialConfig,
}

impl<R> Dialer<R> {
    /// A dialer by `config`.
    pub fn new(runtime: R, config: DialConfig) -> Self {
        Self { runtime, config }
    }
}

impl<R: Runtime<Tcp: AsyncRead + AsyncWrite + Unpin>> Dial for Dialer<R> {
    type Link = Link<ClientStream>;
    type Dialing =
        Pin<Box<dyn Future<Output = Result<(Self::Link, Connection), DialError>> + Send>>;
    type Fetching = Pin<Box<dyn Future<Output = Fetch> + Send>>;

    fn dial(&mut self, target: Target) -> Self::Dialing {
        #[cfg(feature = "futures-rustls")]
        let tls = target.uri.is_secure().then(|| self.config.client_tls());
        let Self { runtime, config } = self.clone();
        Box::pin(async move {
            let handshake = ClientHandshake::new(&target, &config)?;
            #[cfg(feature = "futures-rustls")]
            if let Some(tls) = tls {
                let tls = tls?;
                let stream = super::tls::connect(&runtime, &target, &tls, &config);
                let (stream, connection) = stream.await?;
                return Ok((over(stream, handshake, &config).await?, connection));
            }
            #[cfg(not(feature = "futures-rustls"))]
            if target.uri.is_secure() {
                return Err(crate::client::no_tls());
            }
            let stream = connect_tcp(&runtime, &target.uri, &config).await?;
            Ok((over(stream, handshake, &config).await?, Connection::new(false)))
        })
    }

    #[cfg(feature = "futures-rustls")]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let tls = self.config.client_tls();
        let Self { runtime, config } = self.clone();
        Box::pin(async move {
            let outcome = match tls {
                Ok(tls) => super::fetch::fetch(&runtime, &uri, &tls, &config).await,
                Err(error) => Err(error),
            };
            Fetch::new(uri, outcome)
        })
    }

    #[cfg(not(feature = "futures-rustls"))]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let outcome = Err(crate::client::no_tls());
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
        let read = read(&mut stream, &mut space).await.map_err(ClientHandshake::broken_off)?;
        if let Some(came) = handshake.received(space.get(..read).unwrap_or_default())? {
            break came;
        }
    };
    let limits = Some(config.limits.into());
    Ok(WebSocketStream::from_partially_read(stream, came, Role::Client, limits).await)
}

const SPACE_BYTES: usize = 4096;

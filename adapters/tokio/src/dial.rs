//! Opening WebSockets.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
#[cfg(feature = "tls")]
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Fetch, Target};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{Dial, Io, Session, Transport};
use xmpp_ws_tungstenite::{DialConfig, dial_error, request};

use crate::link::Link;
use crate::stream::ClientStream;
use crate::timer::TokioTimer;
use crate::trace;

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
    upgrade_by(request(target, config)?, stream, config).await
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
        let tls = target.uri.is_secure().then(|| self.tls());
        let config = self.config.clone();
        Box::pin(async move {
            let request = request(&target, &config)?;
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                let (stream, connection) = connect_tls(&target, &tls?, &config).await?;
                return Ok((over(stream, request, &config).await?, connection));
            }
            if target.uri.is_secure() {
                return Err(DialError::new(DialErrorKind::Unsupported, NO_TLS));
            }
            let stream = connect_tcp(&target.uri, &config).await?;
            Ok((over(stream, request, &config).await?, Connection::new(false)))
        })
    }

    #[cfg(feature = "tls")]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let tls = self.tls();
        let config = self.config.clone();
        Box::pin(async move {
            let outcome = match tls {
                Ok(tls) => crate::fetch::fetch(&uri, &tls, &config).await,
                Err(error) => Err(error),
            };
            Fetch { uri, outcome }
        })
    }

    #[cfg(not(feature = "tls"))]
    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        let outcome = Err(DialError::new(DialErrorKind::Unsupported, NO_TLS));
        Box::pin(std::future::ready(Fetch { uri, outcome }))
    }
}

#[cfg(feature = "tls")]
impl Dialer {
    /// Whom to trust; what takes long is done once.
    fn tls(&mut self) -> Result<xmpp_ws_tungstenite::ClientTls, DialError> {
        if let Some(tls) = &self.config.tls {
            return Ok(tls.clone());
        }
        let tls = xmpp_ws_tungstenite::ClientTls::system()
            .map_err(|error| DialError::new(DialErrorKind::Unsupported, error.to_string()))?;
        self.config.tls = Some(tls.clone());
        Ok(tls)
    }
}

/// A byte stream with TLS on it, and its facts.
#[cfg(feature = "tls")]
pub(crate) async fn connect_tls(
    target: &Target,
    tls: &xmpp_ws_tungstenite::ClientTls,
    config: &DialConfig,
) -> Result<(TlsStream<TcpStream>, Connection), DialError> {
    let (tls, name) = tls.for_target(target)?;
    let stream = connect_tcp(&target.uri, config).await?;
    crate::tls::connect(stream, tls, name).await
}

async fn over<S>(
    stream: S,
    request: Request,
    config: &DialConfig,
) -> Result<Link<ClientStream>, DialError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let socket = upgrade_by(request, ClientStream::new(stream), config).await?;
    Ok(Link::new(socket))
}

async fn upgrade_by<S>(
    request: Request,
    stream: S,
    config: &DialConfig,
) -> Result<WebSocketStream<S>, DialError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = Some(config.limits.into());
    match client_async_with_config(request, stream, limits).await {
        Ok((socket, _)) => Ok(socket),
        Err(error) => Err(dial_error(&error)),
    }
}

/// Tries one address after the other; the last one's reason is the one to tell.
async fn connect_tcp(uri: &Uri, config: &DialConfig) -> Result<TcpStream, DialError> {
    let mut failure =
        DialError::new(DialErrorKind::Unreachable, format!("{} has no address", uri.host()));
    for address in addresses(uri, config).await? {
        trace::trying(uri, address);
        failure = match timeout(config.time_per_address, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // What is written together leaves together: the driver flushes when there is no more. An error
                // only makes it slower.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => unreachable(format!("{address}: {error}")),
            Err(_) => DialError::new(DialErrorKind::TimedOut, address.to_string()),
        };
        trace::failed(uri, &failure);
    }
    Err(failure)
}

async fn addresses(uri: &Uri, config: &DialConfig) -> Result<Vec<SocketAddr>, DialError> {
    if let Some(addresses) = config.addresses_of(uri) {
        return Ok(addresses.to_vec());
    }
    let (host, port) = (uri.host(), uri.port().unwrap_or_default());
    match lookup_host((host, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(unreachable(format!("{host}: {error}"))),
    }
}

fn unreachable(detail: String) -> DialError {
    DialError::new(DialErrorKind::Unreachable, detail)
}

const NO_TLS: &str =
    "xmpp-ws-tokio was built without TLS: enable its feature `ring` or `aws-lc-rs`";

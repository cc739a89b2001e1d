//! Accepting WebSockets.

use futures_io::{AsyncRead, AsyncWrite};
use xmpp_ws_tungstenite::{AcceptConfig, AcceptError, Accepted, futures};

use crate::dial::SocketIo;
use crate::runtime::AsyncStd;
use crate::tcp::TcpStream;

/// Accepts a WebSocket with the subprotocol `xmpp` over TCP; refuses anything else with an HTTP status from 400 on.
pub async fn accept(
    stream: async_std::net::TcpStream,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<TcpStream>>, AcceptError> {
    accept_over(TcpStream::from(stream), config).await
}

/// [`accept`] over any byte stream, whose `poll_close` must tell the peer that nothing more comes.
pub async fn accept_over<S>(
    stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S>>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    futures::accept(AsyncStd, stream, config).await
}

/// Accepts TLS and then a WebSocket over it, within [`AcceptConfig::time`] altogether.
///
/// The connection's facts are those of TLS; a certificate of the client's is told where `tls` asks for one.
#[cfg(feature = "tls")]
pub async fn accept_tls<S>(
    stream: S,
    tls: std::sync::Arc<xmpp_ws_tungstenite::rustls::ServerConfig>,
    config: &AcceptConfig,
) -> Result<
    Accepted<SocketIo<xmpp_ws_tungstenite::futures_rustls::server::TlsStream<S>>>,
    AcceptError,
>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    futures::accept_tls(AsyncStd, stream, tls, config).await
}

//! Accepting WebSockets.

use xmpp_ws_tungstenite::{AcceptConfig, AcceptError, Accepted, futures};

use crate::io::{BlockingIo, SocketIo};
use crate::reactor::Reactor;
use crate::socket::IntoSocket;

/// Accepts a WebSocket with the subprotocol `xmpp` over a byte stream, such as TCP; refuses anything else with an
/// HTTP status from 400 on. Blocks the thread meanwhile, no longer than [`AcceptConfig::time`].
pub fn accept<S: IntoSocket<Socket: Unpin>>(
    stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S::Socket>>, AcceptError> {
    let mut reactor = Reactor::new().map_err(AcceptError::Io)?;
    let stream = reactor.watch(stream).map_err(AcceptError::Io)?;
    let accepted = reactor.block_on(futures::accept(reactor.runtime(), stream, config))?;
    Ok(accepted.map(|io| BlockingIo::new(io, reactor)))
}

/// The transport over one WebSocket that was accepted with TLS.
#[cfg(feature = "tls")]
pub type TlsIo<S = mio::net::TcpStream> = BlockingIo<
    futures::SocketIo<
        xmpp_ws_tungstenite::futures_rustls::server::TlsStream<crate::socket::Polled<S>>,
        crate::runtime::Blocking,
    >,
>;

/// Accepts TLS and then a WebSocket over it, within [`AcceptConfig::time`] altogether.
///
/// The connection's facts are those of TLS; a certificate of the client's is told where `tls` asks for one.
#[cfg(feature = "tls")]
pub fn accept_tls<S: IntoSocket<Socket: Unpin>>(
    stream: S,
    tls: std::sync::Arc<xmpp_ws_tungstenite::rustls::ServerConfig>,
    config: &AcceptConfig,
) -> Result<Accepted<TlsIo<S::Socket>>, AcceptError> {
    let mut reactor = Reactor::new().map_err(AcceptError::Io)?;
    let stream = reactor.watch(stream).map_err(AcceptError::Io)?;
    let accepted = reactor.block_on(futures::accept_tls(reactor.runtime(), stream, tls, config))?;
    Ok(accepted.map(|io| BlockingIo::new(io, reactor)))
}

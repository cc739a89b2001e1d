//! TLS by tokio-rustls.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use xmpp_ws::endpoint::{Connection, DialError};
use xmpp_ws_tungstenite::{
    AcceptConfig, AcceptError, Accepted, accept_within, facts, tls_dial_error,
};

use crate::link::SocketIo;
use crate::runtime::Tokio;

/// Accepts TLS and then a WebSocket over it, within [`AcceptConfig::time`] altogether.
///
/// The connection's facts are those of TLS; a certificate of the client's is told where `tls` asks for one.
pub async fn accept_tls<S>(
    stream: S,
    tls: Arc<ServerConfig>,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<server::TlsStream<S>>>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let accept = async {
        let stream = TlsAcceptor::from(tls).accept(stream).await.map_err(AcceptError::Tls)?;
        let connection = facts(stream.get_ref().1);
        let mut accepted = crate::accept::upgrade(stream, config).await?;
        accepted.connection = connection;
        Ok(accepted)
    };
    // TLS keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&Tokio, config, Box::pin(accept)).await
}

pub(crate) async fn connect(
    stream: TcpStream,
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
) -> Result<(client::TlsStream<TcpStream>, Connection), DialError> {
    let stream = TlsConnector::from(config).connect(name, stream).await;
    let stream = stream.map_err(|error| tls_dial_error(&error))?;
    let connection = facts(stream.get_ref().1);
    Ok((stream, connection))
}

//! TLS by tokio-rustls.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use xmpp_ws::endpoint::{Connection, DialError, Target};
use xmpp_ws_tungstenite::{
    AcceptConfig, AcceptError, Accepted, ClientTls, DialConfig, accept_within, connect_tcp, facts,
    tls_dial_error,
};

use crate::accept::{leave, upgrade};
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
        let stream = match TlsAcceptor::from(tls).accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, mut stream)) => {
                // An alert has told the client.
                leave(&mut stream).await;
                return Err(AcceptError::Tls(error));
            }
        };
        let connection = facts(stream.get_ref().1);
        let mut accepted = upgrade(stream, config).await?;
        accepted.connection = connection;
        Ok(accepted)
    };
    // TLS keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&Tokio, config, Box::pin(accept)).await
}

/// A byte stream to `target` with TLS on it, and its facts.
pub(crate) async fn connect(
    target: &Target,
    tls: &ClientTls,
    config: &DialConfig,
) -> Result<(client::TlsStream<TcpStream>, Connection), DialError> {
    let (tls, name) = tls.for_target(target)?;
    let stream = connect_tcp(&Tokio, &target.uri, config).await?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    let stream = stream.map_err(|error| tls_dial_error(&error))?;
    let connection = facts(stream.get_ref().1);
    Ok((stream, connection))
}

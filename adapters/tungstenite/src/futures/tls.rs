//! TLS by futures-rustls.

use std::sync::Arc;

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::{TlsAcceptor, TlsConnector, client, server};
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::ServerName;
use xmpp_ws::endpoint::{Connection, DialError};

use super::accept::upgrade;
use super::link::SocketIo;
use crate::accept::{AcceptConfig, AcceptError, Accepted, accept_within};
use crate::runtime::Runtime;
use crate::tls::{facts, tls_dial_error};

/// Accepts TLS and then a WebSocket over it, within [`AcceptConfig::time`] altogether.
///
/// The connection's facts are those of TLS; a certificate of the client's is told where `tls` asks for one.
pub async fn accept_tls<R, S>(
    runtime: R,
    stream: S,
    tls: Arc<ServerConfig>,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<server::TlsStream<S>, R>>, AcceptError>
where
    R: Runtime,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let accept = async {
        let stream = TlsAcceptor::from(tls).accept(stream).await.map_err(AcceptError::Tls)?;
        let connection = facts(stream.get_ref().1);
        let mut accepted = upgrade(&runtime, stream, config).await?;
        accepted.connection = connection;
        Ok(accepted)
    };
    // TLS keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&runtime, config, Box::pin(accept)).await
}

pub(super) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
) -> Result<(client::TlsStream<S>, Connection), DialError> {
    let stream = TlsConnector::from(config).connect(name, stream).await;
    let stream = stream.map_err(|error| tls_dial_error(&error))?;
    let connection = facts(stream.get_ref().1);
    Ok((stream, connection))
}

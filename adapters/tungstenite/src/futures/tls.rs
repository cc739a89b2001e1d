//! TLS by futures-rustls.

use std::sync::Arc;

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::{TlsAcceptor, TlsConnector, client, server};
use rustls::ServerConfig;
use xmpp_ws::endpoint::{Connection, DialError, Target};

use super::accept::{leave, upgrade};
use super::link::SocketIo;
use crate::accept::{AcceptConfig, AcceptError, Accepted, accept_within};
use crate::client::DialConfig;
use crate::runtime::{Runtime, Sleeper, connect_tcp};
use crate::tls::{ClientTls, facts, tls_dial_error};

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
    R: Sleeper,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let accept = async {
        let stream = match TlsAcceptor::from(tls).accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, mut stream)) => {
                // An alert has told the client.
                leave(&runtime, &mut stream).await;
                return Err(AcceptError::Tls(error));
            }
        };
        let connection = facts(stream.get_ref().1);
        let mut accepted = upgrade(&runtime, stream, config).await?;
        accepted.connection = connection;
        Ok(accepted)
    };
    // TLS keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&runtime, config, Box::pin(accept)).await
}

/// A byte stream to `target` with TLS on it, and its facts.
pub(super) async fn connect<R>(
    runtime: &R,
    target: &Target,
    tls: &ClientTls,
    config: &DialConfig,
) -> Result<(client::TlsStream<R::Tcp>, Connection), DialError>
where
    R: Runtime<Tcp: AsyncRead + AsyncWrite + Unpin>,
{
    let (tls, name) = tls.for_target(target)?;
    let stream = connect_tcp(runtime, &target.uri, config).await?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    let stream = stream.map_err(|error| tls_dial_error(&error))?;
    let connection = facts(stream.get_ref().1);
    Ok((stream, connection))
}

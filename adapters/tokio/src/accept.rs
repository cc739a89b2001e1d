//! Accepting WebSockets.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::Request;
use tokio_tungstenite::tungstenite::protocol::Role;
use xmpp_ws::endpoint::Connection;
use xmpp_ws_tungstenite::{AcceptConfig, AcceptError, Accepted, ServerHandshake, accept_within};

use crate::link::{SocketIo, server_socket};
use crate::runtime::Tokio;

/// Accepts a WebSocket with the subprotocol `xmpp` over a byte stream, such as TCP; refuses anything else with an
/// HTTP status from 400 on.
pub async fn accept<S>(
    stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S>>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The handshake keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&Tokio, config, Box::pin(upgrade(stream, config))).await
}

pub(crate) async fn upgrade<S>(
    mut stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S>>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = match answer(&mut stream, config).await {
        Ok(request) => request,
        Err(error) => {
            leave(&mut stream).await;
            return Err(error);
        }
    };
    let limits = Some(config.limits.into());
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, limits).await;
    let connection = Connection::new(config.secure);
    Ok(Accepted::new(server_socket(socket), connection, request))
}

/// Reads the request and answers it.
async fn answer<S>(stream: &mut S, config: &AcceptConfig) -> Result<Request, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut handshake = ServerHandshake::new(config.path.as_deref());
    let mut space = vec![0; SPACE_BYTES];
    let answered = loop {
        let read = stream.read(&mut space).await.map_err(AcceptError::Io)?;
        if let Some(answered) = handshake.received(space.get(..read).unwrap_or_default()) {
            break answered;
        }
    };
    let written = write_all(stream, &answered.answer).await;
    // Who is refused is gone in any case; whether it heard why does not matter.
    let request = answered.outcome?;
    written.map_err(AcceptError::Io)?;
    Ok(request)
}

/// Writes all, and has it leave.
pub(crate) async fn write_all(
    stream: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Hangs up on a client that was told why, and may still be writing.
pub(crate) async fn leave(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let _ = stream.shutdown().await;
    // To hang up on what was not read would reset the connection, and the client might never see the answer.
    let _ = timeout(LEAVING_TIME, discard(stream)).await;
}

async fn discard(stream: &mut (impl AsyncRead + Unpin)) {
    let mut space = [0; 4096];
    let mut left = MAX_DISCARDED_BYTES;
    while let Ok(read @ 1..) = stream.read(&mut space).await {
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}

const SPACE_BYTES: usize = 4096;
const LEAVING_TIME: Duration = Duration::from_secs(2);
// No request for a WebSocket comes near.
const MAX_DISCARDED_BYTES: usize = 4 * 1024 * 1024;

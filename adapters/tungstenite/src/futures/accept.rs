//! Accepting WebSockets.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use async_tungstenite::WebSocketStream;
use futures_io::{AsyncRead, AsyncWrite};
use tungstenite::handshake::server::Request;
use tungstenite::protocol::Role;
use xmpp_ws::endpoint::Connection;

use super::bytes::{read, write_all};
use super::link::{SocketIo, server_socket};
use crate::accept::{AcceptConfig, AcceptError, Accepted, accept_within};
use crate::runtime::{self, Sleeper};
use crate::server::ServerHandshake;

/// Accepts a WebSocket with the subprotocol `xmpp` over a byte stream, such as TCP; refuses anything else with an
/// HTTP status from 400 on.
pub async fn accept<R, S>(
    runtime: R,
    stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S, R>>, AcceptError>
where
    R: Sleeper,
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The handshake keeps much on its way: boxed, it does not burden the caller's future.
    accept_within(&runtime, config, Box::pin(upgrade(&runtime, stream, config))).await
}

pub(super) async fn upgrade<R, S>(
    runtime: &R,
    mut stream: S,
    config: &AcceptConfig,
) -> Result<Accepted<SocketIo<S, R>>, AcceptError>
where
    R: Sleeper,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = match answer(&mut stream, config).await {
        Ok(request) => request,
        Err(error) => {
            leave(runtime, &mut stream).await;
            return Err(error);
        }
    };
    let limits = Some(config.limits.into());
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, limits).await;
    let connection = Connection::new(config.secure);
    Ok(Accepted::new(server_socket(runtime.clone(), socket), connection, request))
}

/// Reads the request and answers it.
async fn answer<S>(stream: &mut S, config: &AcceptConfig) -> Result<Request, AcceptError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut handshake = ServerHandshake::new(config.path.as_deref());
    let mut space = vec![0; SPACE_BYTES];
    let answered = loop {
        let read = read(stream, &mut space).await.map_err(AcceptError::Io)?;
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

/// Hangs up on a client that was told why, and may still be writing.
pub(super) async fn leave(
    runtime: &impl Sleeper,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) {
    let _ = poll_fn(|cx| Pin::new(&mut *stream).poll_close(cx)).await;
    // To hang up on what was not read would reset the connection, and the client might never see the answer.
    let _ = runtime::within(runtime, REFUSAL_TIME, discard(stream)).await;
}

async fn discard(stream: &mut (impl AsyncRead + Unpin)) {
    let mut space = [0; 4096];
    let mut left = MAX_REFUSED_BYTES;
    while let Ok(read @ 1..) = read(stream, &mut space).await {
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}

const SPACE_BYTES: usize = 4096;
const REFUSAL_TIME: Duration = Duration::from_secs(2);
// No request for a WebSocket comes near.
const MAX_REFUSED_BYTES: usize = 4 * 1024 * 1024;

//! Accepting WebSockets.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use xmpp_ws::endpoint::Connection;
use xmpp_ws_tungstenite::{
    AcceptConfig, AcceptError, Accepted, accept_within, answer, answer_to_failure,
};

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
    let mut request = Request::new(());
    #[expect(clippy::result_large_err, reason = "tungstenite's callback wants it so")]
    let judge = |asked: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request = asked.clone();
        answer(config.path.as_deref(), asked, response)
    };
    let limits = Some(config.limits.into());
    // The stream is lent, so that there is something left to answer through when this fails.
    match accept_hdr_async_with_config(&mut stream, judge, limits).await {
        // tungstenite takes no byte that came after the request, so nothing is lost with its buffers.
        Ok(_) => {}
        Err(error) => return Err(refuse(stream, error).await),
    }
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, limits).await;
    let connection = Connection::new(config.secure);
    Ok(Accepted::new(server_socket(socket), connection, request))
}

async fn refuse<S>(mut stream: S, error: Error) -> AcceptError
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Some(answer) = answer_to_failure(&error) {
        // It is gone in any case; whether it heard why does not matter.
        let _ = stream.write_all(answer).await;
    }
    leave(&mut stream).await;
    error.into()
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

const LEAVING_TIME: Duration = Duration::from_secs(2);
// No request for a WebSocket comes near.
const MAX_DISCARDED_BYTES: usize = 4 * 1024 * 1024;

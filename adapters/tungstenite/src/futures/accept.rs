//! Accepting WebSockets.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use async_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use futures_io::{AsyncRead, AsyncWrite};
use tungstenite::Error;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::Role;
use xmpp_ws::endpoint::Connection;

use super::bytes::{read, write_all};
use super::link::{SocketIo, server_socket};
use crate::accept::{AcceptConfig, AcceptError, Accepted, accept_within};
use crate::runtime::{self, Sleeper};
use crate::server::{answer, answer_to_failure};

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
        Err(error) => return Err(refuse(runtime, stream, error).await),
    }
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, limits).await;
    let connection = Connection::new(config.secure);
    Ok(Accepted::new(server_socket(runtime.clone(), socket), connection, request))
}

async fn refuse<R, S>(runtime: &R, mut stream: S, error: Error) -> AcceptError
where
    R: Sleeper,
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Some(answer) = answer_to_failure(&error) {
        // It is gone in any case; whether it heard why does not matter.
        let _ = write_all(&mut stream, answer).await;
    }
    leave(runtime, &mut stream).await;
    error.into()
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

const REFUSAL_TIME: Duration = Duration::from_secs(2);
// No request for a WebSocket comes near.
const MAX_REFUSED_BYTES: usize = 4 * 1024 * 1024;

//! The adapters, as the echo wants them.

use std::future::Future;
use std::net::TcpStream;

use xmpp_ws::endpoint::Connection;
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tokio::WebSocketLimits;

use crate::echo::Echo;

/// Both sides of one: each goes on to the end, and tells what it heard.
#[derive(Clone, Copy)]
pub(crate) struct Adapter {
    pub(crate) server: fn(TcpStream, Echo) -> Vec<String>,
    pub(crate) client: fn(TcpStream, Echo) -> Vec<String>,
}

/// The adapter of this name.
pub(crate) fn adapter(name: &str) -> Result<Adapter, String> {
    Ok(match name {
        "tokio" => tokio_adapter(),
        "smol" => smol_adapter(),
        "async-std" => async_std_adapter(),
        "blocking" => blocking_adapter(),
        _ => return Err(format!("there is no adapter {name}")),
    })
}

macro_rules! asynchronous {
    ($name:ident, $krate:ident, $sockets:path, $block_on:expr, $stream:expr) => {
        fn $name() -> Adapter {
            use sockets::WebSocketStream;
            use sockets::tungstenite::protocol::Role;
            use $sockets as sockets;
            Adapter {
                server: |stream, echo| {
                    $block_on(async {
                        let (stream, limits) = ($stream(stream), Some(limits().into()));
                        let socket =
                            WebSocketStream::from_raw_socket(stream, Role::Server, limits).await;
                        all(Session::new(echo, $krate::server_socket(socket))).await
                    })
                },
                client: |stream, echo| {
                    $block_on(async {
                        let (stream, limits) = ($stream(stream), Some(limits().into()));
                        let socket =
                            WebSocketStream::from_raw_socket(stream, Role::Client, limits).await;
                        let io = $krate::client_socket(socket, Connection::new(false));
                        all(Session::new(echo, io)).await
                    })
                },
            }
        }
    };
}

asynchronous!(
    tokio_adapter,
    xmpp_ws_tokio,
    xmpp_ws_tokio::tokio_tungstenite,
    under_tokio,
    |stream| { tokio::net::TcpStream::from_std(not_blocking(stream)).expect("it does not block") }
);
asynchronous!(
    smol_adapter,
    xmpp_ws_smol,
    xmpp_ws_smol::async_tungstenite,
    smol::block_on,
    |stream| { smol::net::TcpStream::try_from(not_blocking(stream)).expect("it does not block") }
);
asynchronous!(
    async_std_adapter,
    xmpp_ws_async_std,
    xmpp_ws_async_std::async_tungstenite,
    async_std::task::block_on,
    |stream| xmpp_ws_async_std::TcpStream::from(async_std::net::TcpStream::from(not_blocking(
        stream
    )))
);

fn blocking_adapter() -> Adapter {
    Adapter {
        server: |stream, echo| {
            let io = xmpp_ws_blocking::server_socket(stream, limits()).expect("a poller");
            waited(Session::new(echo, io))
        },
        client: |stream, echo| {
            let connection = Connection::new(false);
            let io = xmpp_ws_blocking::client_socket(stream, connection, limits());
            waited(Session::new(echo, io.expect("a poller")))
        },
    }
}

fn waited(mut session: Session<Echo, xmpp_ws_blocking::SocketIo>) -> Vec<String> {
    std::iter::from_fn(|| session.wait()).map(String::from).collect()
}

async fn all<I: Io>(mut session: Session<Echo, I>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(text) = session.next().await {
        texts.push(text.into());
    }
    texts
}

/// As they are by default, but for the longest message: the longest of the cases has 16 MiB.
fn limits() -> WebSocketLimits {
    let mut limits = WebSocketLimits::default();
    limits.max_message_bytes = 16 * 1024 * 1024;
    limits.max_unwritten_bytes = 2 * limits.max_message_bytes;
    limits
}

fn not_blocking(stream: TcpStream) -> TcpStream {
    stream.set_nonblocking(true).expect("TCP");
    stream
}

fn under_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

//! The adapters, as the echo wants them.

use std::future::Future;
use std::net::{TcpListener, TcpStream};
use std::thread;

use xmpp_ws::endpoint::Connection;
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tokio::WebSocketLimits;

use crate::echo::Echo;
use crate::{route, upgrade};

/// The sides that one has.
#[derive(Clone, Copy)]
pub(crate) struct Adapter {
    /// Serves whoever comes, for ever.
    pub(crate) server: fn(TcpListener),
    /// Goes on to the end, and tells what it heard.
    pub(crate) client: Option<fn(TcpStream, Echo) -> Vec<String>>,
}

/// The adapter of this name.
pub(crate) fn adapter(name: &str) -> Result<Adapter, String> {
    Ok(match name {
        "tokio" => tokio_adapter(),
        "smol" => smol_adapter(),
        "async-std" => async_std_adapter(),
        "blocking" => blocking_adapter(),
        "axum" => Adapter { server: route::serve, client: None },
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
                server: |listener| {
                    each(listener, |stream| {
                        $block_on(async {
                            let (stream, limits) = ($stream(stream), Some(limits().into()));
                            let socket =
                                WebSocketStream::from_raw_socket(stream, Role::Server, limits);
                            let io = $krate::server_socket(socket.await);
                            all(Session::new(Echo::new(), io)).await
                        })
                    });
                },
                client: Some(|stream, echo| {
                    $block_on(async {
                        let (stream, limits) = ($stream(stream), Some(limits().into()));
                        let socket =
                            WebSocketStream::from_raw_socket(stream, Role::Client, limits).await;
                        let io = $krate::client_socket(socket, Connection::new(false));
                        all(Session::new(echo, io)).await
                    })
                }),
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
        server: |listener| {
            each(listener, |stream| {
                let io = xmpp_ws_blocking::server_socket(stream, limits()).expect("a poller");
                waited(Session::new(Echo::new(), io))
            });
        },
        client: Some(|stream, echo| {
            let connection = Connection::new(false);
            let io = xmpp_ws_blocking::client_socket(stream, connection, limits());
            waited(Session::new(echo, io.expect("a poller")))
        }),
    }
}

/// Serves each in a thread of its own.
fn each(listener: TcpListener, serve: fn(TcpStream) -> Vec<String>) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("somebody comes");
        thread::spawn(move || {
            // Some cases are of clients that go away.
            if upgrade::answer(&mut stream).is_ok() {
                serve(stream);
            }
        });
    }
}

fn waited(mut session: Session<Echo, xmpp_ws_blocking::SocketIo>) -> Vec<String> {
    std::iter::from_fn(|| session.wait()).map(String::from).collect()
}

pub(crate) async fn all<I: Io>(mut session: Session<Echo, I>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(text) = session.next().await {
        texts.push(text.into());
    }
    texts
}

/// As they are by default, but for the longest message: the longest of the cases has 16 MiB.
pub(crate) fn limits() -> WebSocketLimits {
    let mut limits = WebSocketLimits::default();
    limits.max_message_bytes = 16 * 1024 * 1024;
    limits.max_unwritten_bytes = 2 * limits.max_message_bytes;
    limits
}

fn not_blocking(stream: TcpStream) -> TcpStream {
    stream.set_nonblocking(true).expect("TCP");
    stream
}

pub(crate) fn under_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

//! Dialing and sleeping by async-std.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use async_std::net::ToSocketAddrs;
use async_std::task;
use xmpp_ws_tungstenite::{Runtime, RuntimeTimer, Sleeper};

use crate::tcp::TcpStream;

/// The time, by the system's clock and async-std's alarm.
pub type AsyncStdTimer = RuntimeTimer<AsyncStd>;

/// async-std's [`Runtime`].
#[derive(Clone, Copy, Debug, Default)]
pub struct AsyncStd;

impl Sleeper for AsyncStd {
    type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn sleep(&self, time: Duration) -> Self::Sleep {
        Box::pin(task::sleep(time))
    }
}

impl Runtime for AsyncStd {
    type Tcp = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs().await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = async_std::net::TcpStream::connect(address).await?;
        // An error only makes it slower.
        let _ = stream.set_nodelay(true);
        Ok(stream.into())
    }
}

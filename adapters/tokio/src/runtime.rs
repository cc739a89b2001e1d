//! Dialing and sleeping by tokio.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::Sleep;
use xmpp_ws_tungstenite::{Runtime, RuntimeTimer, Sleeper};

/// The time, by the system's clock and tokio's alarm.
pub type TokioTimer = RuntimeTimer<Tokio>;

/// The [`Runtime`] that the caller is in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

impl Sleeper for Tokio {
    type Sleep = Pin<Box<Sleep>>;

    fn sleep(&self, time: Duration) -> Self::Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

impl Runtime for Tokio {
    type Tcp = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        // An error only makes it slower.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

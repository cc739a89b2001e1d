//! Dialing and sleeping by smol.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_io::Timer;
use async_net::TcpStream;
use xmpp_ws_tungstenite::{Runtime, RuntimeTimer, Sleeper};

/// The time, by the system's clock and smol's alarm.
pub type SmolTimer = RuntimeTimer<Smol>;

/// smol's [`Runtime`]: its reactor has a thread of its own, so that any executor will do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Smol;

impl Sleeper for Smol {
    type Sleep = Timer;

    fn sleep(&self, time: Duration) -> Timer {
        Timer::after(time)
    }
}

impl Runtime for Smol {
    type Tcp = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        async_net::resolve((host, port)).await
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        // An error only makes it slower.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

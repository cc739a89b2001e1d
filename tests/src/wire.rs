//! A TCP proxy that cuts connections at chosen bytes.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// A way to a server that can be cut. It is there while this lives, and needs tokio's runtime.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    listening: AbortHandle,
    counts: Arc<Counts>,
    connections: Connections,
}

/// What is to happen to a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cut {
    /// In which direction bytes are counted.
    pub direction: Direction,
    /// After how many of them.
    pub after: u64,
    /// And then.
    pub how: How,
}

/// One of a connection's two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the client.
    Up,
    /// To the client.
    Down,
}

/// How a connection is cut. What has not come through is lost, in both directions.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum How {
    /// Both sides get a reset.
    Reset,
    /// Both sides see an end, as if the other had hung up.
    End,
    /// Nothing comes through any more, and nobody is told.
    Silence,
    /// The same in the direction in which bytes were counted only.
    HalfSilence,
}

type Connections = Arc<Mutex<JoinSet<()>>>;

#[derive(Debug, Default)]
struct Counts {
    opened: AtomicUsize,
    cuts: AtomicUsize,
}

impl Wire {
    /// A wire to this server. `plan` says for each connection, told how many were cut so far, what is to become of it.
    pub async fn to(
        server: SocketAddr,
        mut plan: impl FnMut(usize) -> Option<Cut> + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let connections = Connections::default();
        let (counted, opened) = (Arc::clone(&counts), Arc::clone(&connections));
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                counted.opened.fetch_add(1, Ordering::Relaxed);
                let cut = plan(counted.cuts.load(Ordering::Relaxed));
                let counts = Arc::clone(&counted);
                let mut connections = opened.lock().expect("nobody panics while it is locked");
                connections.spawn(async move {
                    // Where there is no server the client finds that its connection ends.
                    if let Ok(far) = TcpStream::connect(server).await {
                        carry(near, far, cut, &counts.cuts).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, listening: listening.abort_handle(), counts, connections })
    }

    /// Where its near end is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there were.
    pub fn opened(&self) -> usize {
        self.counts.opened.load(Ordering::Relaxed)
    }

    /// How many of them were cut as planned.
    pub fn cuts(&self) -> usize {
        self.counts.cuts.load(Ordering::Relaxed)
    }

    /// Cuts whatever there is now.
    pub fn cut(&self) {
        self.connections.lock().expect("nobody panics while it is locked").abort_all();
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

/// Carries what both sides say, until they are through or it is cut.
async fn carry(mut near: TcpStream, mut far: TcpStream, cut: Option<Cut>, cuts: &AtomicUsize) {
    let (mut near_in, mut near_out) = near.split();
    let (mut far_in, mut far_out) = far.split();
    let cut_in = |direction| cut.filter(|cut| cut.direction == direction);
    let up = pump(&mut near_in, &mut far_out, cut_in(Direction::Up), cuts);
    let down = pump(&mut far_in, &mut near_out, cut_in(Direction::Down), cuts);
    match tokio::try_join!(up, down) {
        Ok(_) => {}
        Err(How::Reset) => {
            let _ = (near.set_zero_linger(), far.set_zero_linger());
        }
        Err(How::End) => {
            let _ = (near.shutdown().await, far.shutdown().await);
        }
        // The sockets stay open until the wire is dropped.
        Err(How::Silence | How::HalfSilence) => pending().await,
    }
}

/// Carries what one side says, until it is through. The error is that it was cut.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    cut: Option<Cut>,
    cuts: &AtomicUsize,
) -> Result<(), How> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut carried = 0;
    loop {
        let left = cut.map_or(u64::MAX, |cut| cut.after - carried);
        if let Some(Cut { how, .. }) = cut.filter(|_| left == 0) {
            cuts.fetch_add(1, Ordering::Relaxed);
            if how == How::HalfSilence {
                // The other direction goes on.
                pending::<()>().await;
            }
            return Err(how);
        }
        let room = usize::try_from(left).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
        match from.read(&mut buffer[..room]).await {
            Ok(length) if length > 0 => {
                carried += u64::try_from(length).expect("no buffer is that long");
                if to.write_all(&buffer[..length]).await.is_err() {
                    return Ok(());
                }
            }
            // However it ends.
            Ok(_) | Err(_) => {
                let _ = to.shutdown().await;
                return Ok(());
            }
        }
    }
}

const BUFFER_BYTES: usize = 16 * 1024;

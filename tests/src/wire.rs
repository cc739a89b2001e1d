//! A TCP proxy that cuts connections at chosen bytes.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

/// A way to a server that can be cut. It is there while this lives, and needs tokio's runtime.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    listening: AbortHandle,
    counts: Arc<Counts>,
    connections: Connections,
    silence: watch::Sender<()>,
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
    /// Whether what the client says comes through in whole WebSocket frames only. (Without TLS.)
    pub in_frames: bool,
    /// Whether the server, too, is told of a reset or an end. Otherwise what it says goes nowhere.
    pub is_server_told: bool,
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
        let silence = watch::Sender::new(());
        let (counted, opened) = (Arc::clone(&counts), Arc::clone(&connections));
        let silent = silence.subscribe();
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                counted.opened.fetch_add(1, Ordering::Relaxed);
                let cut = plan(counted.cuts.load(Ordering::Relaxed));
                let counts = Arc::clone(&counted);
                let mut silenced = silent.clone();
                silenced.mark_unchanged();
                let mut connections = opened.lock().expect("nobody panics while it is locked");
                connections.spawn(async move {
                    // Where there is no server the client finds that its connection ends.
                    if let Ok(far) = TcpStream::connect(server).await {
                        carry(near, far, cut, &counts.cuts, silenced).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, listening: listening.abort_handle(), counts, connections, silence })
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

    /// Lets nothing through any more of whatever there is now, and tells nobody.
    pub fn silence(&self) {
        self.silence.send_replace(());
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

/// Carries what both sides say, until they are through or it is cut.
async fn carry(
    mut near: TcpStream,
    mut far: TcpStream,
    cut: Option<Cut>,
    cuts: &AtomicUsize,
    mut silenced: watch::Receiver<()>,
) {
    // It adds no waits of its own.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (mut near_in, mut near_out) = near.split();
    let (mut far_in, mut far_out) = far.split();
    let cut_in = |direction| cut.filter(|cut| cut.direction == direction);
    let (mut to_far, mut to_near) = (Carrier::default(), Carrier::default());
    to_far.frames = cut.filter(|cut| cut.in_frames).map(|_| Frames::default());
    let up = to_far.pump(&mut near_in, &mut far_out, cut_in(Direction::Up), cuts);
    let down = to_near.pump(&mut far_in, &mut near_out, cut_in(Direction::Down), cuts);
    let carried = async { tokio::try_join!(up, down) };
    let carried = tokio::select! {
        carried = carried => carried,
        Ok(()) = silenced.changed() => Err(How::Silence),
    };
    let Err(how) = carried else { return };
    if to_far.frames.is_some() {
        // Of a frame that the server has the beginning of it gets the end.
        let _ = timeout(TIME_TO_END, far.write_all(&to_far.unwritten)).await;
    }
    match how {
        How::Reset | How::End if cut.is_some_and(|cut| !cut.is_server_told) => {
            let end = async move {
                if how == How::Reset {
                    let _ = near.set_zero_linger();
                } else {
                    let _ = near.shutdown().await;
                    let _ = timeout(TIME_TO_END, discard(&mut near)).await;
                }
            };
            // Until the server finds out by itself.
            tokio::join!(end, discard(&mut far));
        }
        How::Reset => {
            let _ = (near.set_zero_linger(), far.set_zero_linger());
        }
        How::End => {
            let _ = (near.shutdown().await, far.shutdown().await);
            // A socket that is closed with something to read in it resets its connection.
            let ends = async { tokio::join!(discard(&mut near), discard(&mut far)) };
            let _ = timeout(TIME_TO_END, ends).await;
        }
        // The sockets stay open until the wire is dropped.
        How::Silence | How::HalfSilence => pending().await,
    }
}

/// What is on its way in one direction.
#[derive(Debug, Default)]
struct Carrier {
    frames: Option<Frames>,
    unwritten: Vec<u8>,
}

impl Carrier {
    /// Carries what one side says, until it is through. The error is that it was cut.
    async fn pump(
        &mut self,
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
                    let come = &buffer[..length];
                    match &mut self.frames {
                        Some(frames) => self.unwritten.extend(frames.whole(come)),
                        None => self.unwritten.extend(come),
                    }
                    if self.write(to).await.is_err() {
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

    /// Writes what there is. Where this is dropped half-way what is left is known.
    async fn write(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            let length = to.write(&self.unwritten).await?;
            self.unwritten.drain(..length);
        }
        Ok(())
    }
}

async fn discard(stream: &mut TcpStream) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

/// Holds back what is not a whole frame yet.
#[derive(Debug, Default)]
struct Frames {
    held: Vec<u8>,
    is_open: bool,
}

impl Frames {
    /// The whole frames that there are with these bytes; before them, the whole HTTP request.
    fn whole(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let mut end = 0;
        while let Some(length) = self.first(&self.held[end..]) {
            self.is_open = true;
            end += length;
        }
        self.held.drain(..end).collect()
    }

    /// How long the first of these is, if it is whole.
    fn first(&self, bytes: &[u8]) -> Option<usize> {
        if !self.is_open {
            return bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        }
        // RFC 6455 § 5.2: a client's frame is masked by four bytes.
        let (extra, short) = match bytes.get(1)? & 0x7f {
            126 => (2, 0),
            127 => (8, 0),
            short => (0, u64::from(short)),
        };
        let length =
            bytes.get(2..2 + extra)?.iter().fold(short, |sum, byte| sum << 8 | u64::from(*byte));
        let whole = 2 + extra + 4 + usize::try_from(length).ok()?;
        (bytes.len() >= whole).then_some(whole)
    }
}

const TIME_TO_END: Duration = Duration::from_secs(5);
const BUFFER_BYTES: usize = 16 * 1024;

//! A wire that loses what is on it, and breaks, when it is told to.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// A way to a server over a port of its own. It is gone when this is dropped.
pub(super) struct Wire {
    address: SocketAddr,
    condition: watch::Sender<Condition>,
    /// Says that something was lost.
    lost: Arc<Notify>,
    carrying: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Condition {
    Whole,
    /// What is written to it disappears, in both directions, as in a radio hole.
    Losing,
    /// Its connections are gone.
    Cut,
}

impl Wire {
    pub(super) async fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (condition, receiver) = watch::channel(Condition::Whole);
        let lost = Arc::new(Notify::new());
        let losing = Arc::clone(&lost);
        let carrying = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if let Ok(far) = TcpStream::connect(server).await {
                    tokio::spawn(carry(near, far, receiver.clone(), Arc::clone(&losing)));
                }
            }
        });
        Ok(Self { address, condition, lost, carrying })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on what is written to it is lost, though nobody sees it.
    pub(super) fn lose(&self) {
        self.condition.send_replace(Condition::Losing);
    }

    /// Waits until something was lost since this was asked last.
    pub(super) fn lost(&self) -> impl Future<Output = ()> {
        self.lost.notified()
    }

    /// Its connections break.
    pub(super) fn cut(&self) {
        self.condition.send_replace(Condition::Cut);
    }

    /// New connections can be had, once both ends have seen that the old ones are gone.
    pub(super) fn mend(&self) {
        self.condition.send_replace(Condition::Whole);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Carries bytes both ways, until one end is gone or the wire is cut.
async fn carry(
    mut near: TcpStream,
    mut far: TcpStream,
    mut condition: watch::Receiver<Condition>,
    lost: Arc<Notify>,
) {
    let now = condition.clone();
    let (near_reads, near_writes) = near.split();
    let (far_reads, far_writes) = far.split();
    // An end that is gone, a cut: each is the end for both directions.
    tokio::select! {
        _ = condition.wait_for(|it| *it == Condition::Cut) => {}
        _ = carry_one_way(near_reads, far_writes, &now, &lost) => {}
        _ = carry_one_way(far_reads, near_writes, &now, &lost) => {}
    }
}

async fn carry_one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    condition: &watch::Receiver<Condition>,
    lost: &Notify,
) -> io::Result<()> {
    let mut bytes = [0; AT_ONCE];
    loop {
        let read = from.read(&mut bytes).await?;
        let Some(bytes @ [_, ..]) = bytes.get(..read) else { return Ok(()) };
        if *condition.borrow() == Condition::Losing {
            lost.notify_one();
        } else {
            to.write_all(bytes).await?;
        }
    }
}

const AT_ONCE: usize = 4096;

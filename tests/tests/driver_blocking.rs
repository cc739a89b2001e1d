//! A session that blocks the thread, in virtual time.

use std::mem;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytestring::ByteString;
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Broken, Io, NeverPending, Session, Waited};
use xmpp_ws_tests::memory::{MemoryIo, World};
use xmpp_ws_tests::scripted::{Scripted, Seen};

#[test]
fn a_thread_that_blocks_drives_it_too() {
    let (world, left, mut right) = World::new(64);
    let mut session = Session::new(
        Scripted::new().ticking(Duration::from_secs(60)),
        Blocking::new(left, world.clone()),
    );
    right.start_send(Transmit::Close { code: 1000 }).unwrap();
    assert!(right.poll_flush(&mut noop()).is_ready());
    let closed = Input::Closed { code: Some(1000) };
    assert_eq!(session.wait(), Some(Seen::Input(closed)));
    assert_eq!(session.wait(), Some(Seen::Ended));
    assert_eq!(session.wait(), None);
}

#[test]
fn a_thread_waits_no_longer_than_it_wants() {
    let (world, left, mut right) = World::new(64);
    let mut session = Session::new(
        Scripted::new().ticking(Duration::from_secs(60)),
        Blocking::new(left, world.clone()),
    );
    let deadline = Instant::ORIGIN + Duration::from_secs(10);
    assert!(matches!(session.wait_until(Some(deadline)), Waited::TimedOut));
    assert_eq!(session.now(), deadline);
    // A deadline that has passed asks without waiting.
    assert!(matches!(session.wait_until(Some(deadline)), Waited::TimedOut));
    right.start_send(Transmit::Text("<message/>".into())).unwrap();
    assert!(right.poll_flush(&mut noop()).is_ready());
    let text = text("<message/>".into());
    assert!(matches!(session.wait_until(Some(deadline)), Waited::Event(seen) if seen == text));
    // The endpoint's own deadline is not forgotten, and no other is left behind.
    assert_eq!(session.wait(), Some(Seen::Input(Input::Timeout)));
    assert_eq!(session.now(), Instant::ORIGIN + Duration::from_secs(60));
}

#[test]
fn a_thread_that_waits_is_notified() {
    let (world, left, _right) = World::new(64);
    let mut io = Blocking::new(left, world);
    io.notified = true;
    let mut session = Session::new(Scripted::new().ticking(Duration::from_secs(60)), io);
    assert!(matches!(session.wait_until(None), Waited::Notified));
    assert_eq!(session.now(), Instant::ORIGIN);
    let event = session.wait_until(None);
    assert!(matches!(event, Waited::Event(Seen::Input(Input::Timeout))), "{event:?}");
}

/// Moves the time where others wait.
struct Blocking {
    io: MemoryIo,
    world: World,
    give_up_at: Option<Instant>,
    notified: bool,
}

impl Blocking {
    fn new(io: MemoryIo, world: World) -> Self {
        Self { io, world, give_up_at: None, notified: false }
    }
}

impl NeverPending for Blocking {
    fn give_up_at(&mut self, at: Option<Instant>) {
        self.give_up_at = at;
    }

    fn take_notified(&mut self) -> bool {
        mem::take(&mut self.notified)
    }
}

impl Io for Blocking {
    fn now(&self) -> Instant {
        self.io.now()
    }

    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)> {
        let until = [deadline, self.give_up_at].into_iter().flatten().min();
        loop {
            match self.io.poll_input(cx, until) {
                Poll::Pending if self.notified => return Poll::Pending,
                Poll::Pending => assert!(self.world.advance(), "it would block for ever"),
                Poll::Ready((now, Input::Timeout)) if deadline.is_none_or(|at| now < at) => {
                    return Poll::Pending;
                }
                ready @ Poll::Ready(_) => return ready,
            }
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>, at: Option<Instant>) -> Poll<Instant> {
        self.io.poll_deadline(cx, at)
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.io.poll_ready(cx)
    }

    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
        self.io.start_send(transmit)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.io.poll_flush(cx)
    }
}

fn text(text: ByteString) -> Seen {
    Seen::Input(Input::Text(text))
}

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

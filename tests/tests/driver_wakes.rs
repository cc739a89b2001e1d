//! Who is woken, and when: a session that is polled for two things by two tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tests::memory::World;
use xmpp_ws_tests::scripted::{Scripted, Seen};

#[test]
fn a_wait_that_was_dropped_takes_no_wake_up_along() {
    let (_world, left, mut right) = World::new(64);
    let mut session = Session::new(Scripted::new(), left);
    let (events, flush) = (Task::new(), Task::new());
    session.send("x".repeat(1000)).unwrap();
    assert!(session.poll_flush(&mut flush.context()).is_pending());
    assert!(session.poll_next(&mut events.context()).is_pending());

    // The other task is the last to wait for the wire, which remembers its waker; then it gives up.
    assert!(session.poll_flush(&mut flush.context()).is_pending());
    assert_eq!(events.woken(), 0);

    right.start_send(Transmit::Ping).unwrap();
    assert!(right.poll_flush(&mut flush.context()).is_ready());
    assert_eq!(events.woken(), 1);
    let event = session.poll_next(&mut events.context());
    assert_eq!(event, Poll::Ready(Some(Seen::Input(Input::Ping))));
}

#[test]
fn what_one_task_moves_wakes_the_other() {
    let (_world, left, _right) = World::new(64);
    let mut session = Session::new(Scripted::new().telling_sent(), left);
    let (events, flush) = (Task::new(), Task::new());
    assert!(session.poll_next(&mut events.context()).is_pending());

    // Nothing comes from the wire: to send is what makes the event.
    session.send("<message/>").unwrap();
    assert!(session.poll_flush(&mut flush.context()).is_ready());
    assert_eq!(events.woken(), 1);
    assert_eq!(session.poll_next(&mut events.context()), Poll::Ready(Some(Seen::Sent)));
}

#[test]
fn the_same_holds_for_two_waits_in_one_task() {
    let (_world, left, _right) = World::new(64);
    let mut session = Session::new(Scripted::new().telling_sent(), left);
    let task = Task::new();
    assert!(session.poll_next(&mut task.context()).is_pending());
    session.send("<message/>").unwrap();
    assert!(session.poll_flush(&mut task.context()).is_ready());
    assert_eq!(task.woken(), 1);
}

#[test]
fn what_moves_nothing_wakes_nobody() {
    let (_world, left, _right) = World::new(64);
    let mut session = Session::new(Scripted::new(), left);
    let (events, flush) = (Task::new(), Task::new());
    session.send("x".repeat(1000)).unwrap();
    assert!(session.poll_next(&mut events.context()).is_pending());
    for _ in 0..10 {
        assert!(session.poll_flush(&mut flush.context()).is_pending());
        assert!(session.poll_next(&mut events.context()).is_pending());
    }
    assert_eq!((events.woken(), flush.woken()), (0, 0));
}

#[test]
fn a_flood_without_events_lets_others_have_their_turn() {
    let (_world, left, mut right) = World::new(usize::MAX);
    let mut session = Session::new(Scripted::new().ignoring_pings(), left);
    let task = Task::new();
    for _ in 0..1000 {
        right.start_send(Transmit::Ping).unwrap();
        assert!(right.poll_flush(&mut task.context()).is_ready());
    }
    right.start_send(Transmit::Close { code: 1000 }).unwrap();
    assert!(right.poll_flush(&mut task.context()).is_ready());
    let mut polls = 0;
    let event = loop {
        polls += 1;
        match session.poll_next(&mut task.context()) {
            Poll::Ready(event) => break event,
            // It came back only to be asked again.
            Poll::Pending => assert_eq!(task.woken(), polls),
        }
    };
    assert_eq!(event, Some(Seen::Input(Input::Closed { code: Some(1000) })));
    assert!(polls > 10, "{polls} polls for 1,000 inputs");
}

/// Counts how often it was woken.
struct Task(Arc<Count>, Waker);

#[derive(Default)]
struct Count(AtomicUsize);

impl Task {
    fn new() -> Self {
        let count = Arc::new(Count::default());
        Self(Arc::clone(&count), Waker::from(count))
    }

    fn context(&self) -> Context<'_> {
        Context::from_waker(&self.1)
    }

    fn woken(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

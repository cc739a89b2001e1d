//! A client's transport from one connection to the next, in virtual time.

use std::collections::VecDeque;
use std::future::{Future, Ready, poll_fn, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, select};
use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Fetch, Input, Target};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{Broken, Dial, Frame, Io, Link, Session, Timer, Transport, no_http};
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES, lasting_config, stanza};
use xmpp_ws_tests::memory::{MemoryIo, World};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{PLAIN_FEATURES, SERVER_OPEN, SUCCESS, attribute, bound};

#[test]
fn a_client_that_waits_is_woken_for_its_next_try_and_not_before() {
    let mut it = Lasting::new([]);
    let (world, mut polls) = (it.world.clone(), 0);
    world.run(vec![Box::pin(async {
        let mut due = Instant::ORIGIN;
        for _ in 0..20 {
            let mut next = pin!(it.session.next());
            let event = poll_fn(|cx| {
                polls += 1;
                next.as_mut().poll(cx)
            });
            let Some(ClientEvent::Disconnected { again_in, .. }) = event.await else {
                panic!("it gives up");
            };
            assert_eq!(world.now(), due, "not when it was said");
            due = due + again_in;
        }
    })]);
    // A poll to begin to wait with, and one when it is over.
    assert!(polls <= 40, "{polls} polls for 20 tries");
}

#[test]
fn a_nudge_ends_the_wait_for_the_next_try() {
    let mut it = Lasting::new([]);
    let world = it.world.clone();
    world.run(vec![Box::pin(async {
        let mut last = it.session.next().await;
        for _ in 0..3 {
            let Some(ClientEvent::Disconnected { again_in, .. }) = last else { panic!("{last:?}") };
            assert!(!again_in.is_zero());
            let before = world.now();
            it.session.nudge();
            last = it.session.next().await;
            assert_eq!(world.now(), before);
        }
    })]);
}

#[test]
fn the_next_connection_is_written_to_after_one_that_took_nothing() {
    let broken = Wire { breaks_after: 5, ..Wire::new() };
    let mut it = Lasting::new([broken, Wire::new()]);
    let world = it.world.clone();
    world.run(vec![Box::pin(async {
        it.until("Bound").await;
        it.session.send(stanza("1")).expect("bound");
        it.until("Disconnected").await;
        it.until("Undelivered").await;
        it.until("Bound").await;
        it.session.send(stanza("2")).expect("bound");
        it.session.flush().await;
    })]);
    let log = it.log();
    assert_eq!(log[0].written.len(), 5, "{log:?}");
    assert!(log[0].is_dropped && !log[1].is_dropped);
    let sent: Vec<_> = log[1].written.iter().filter(|it| it.starts_with("<message ")).collect();
    assert_eq!(sent, [&stanza("2")]);
}

#[test]
fn a_connection_that_ended_is_seen_off_while_the_next_is_used() {
    // One peer takes its time, and the other never does its part.
    for (takes, seen_off) in [(500, Some(500)), (u64::MAX, None)] {
        let first = Wire { redirects: true, leaves_after: millis(takes), ..Wire::new() };
        let mut it = Lasting::new([first, Wire::new()]);
        let world = it.world.clone();
        world.run(vec![Box::pin(async {
            it.until("Bound").await;
            // The next was opened at once.
            assert_eq!(it.world.now(), Instant::ORIGIN);
            assert!(!it.log()[0].is_dropped);
            for (second, is_dropped) in [(0, false), (1, seen_off.is_some()), (3, true)] {
                it.nothing_comes_until(at(second * 1000)).await;
                assert_eq!(it.log()[0].is_dropped, is_dropped, "after {second} s");
            }
        })]);
        let log = it.log();
        assert_eq!(log[0].seen_off, seen_off.map(at));
        assert!(!log[1].is_dropped);
    }
}

/// It has no room for a word more, and is left without one.
#[test]
fn a_connection_whose_peer_is_silent_is_dropped_before_the_next_is_tried() {
    let mut it = Lasting::new([Wire { is_stuck_after: 5, ..Wire::new() }, Wire::new()]);
    let world = it.world.clone();
    world.run(vec![Box::pin(async {
        it.until("Bound").await;
        it.session.send(stanza("1")).expect("bound");
        it.until("Disconnected").await;
        let given_up = it.world.now();
        // It was asked for an acknowledgement after a second, which may take a minute, but is silent for longer.
        assert!(given_up > at(50_000) && given_up < at(75_000), "{given_up:?}");
        it.nothing_comes_until(given_up + millis(1)).await;
        let log = it.log();
        assert_eq!((log.len(), log[0].is_dropped), (1, true), "{log:?}");
        it.until("Bound").await;
    })]);
    assert!(!it.log()[1].is_dropped);
}

/// A client that connects again, over connections of the test's.
struct Lasting {
    world: World,
    clock: Clock,
    session: Session<Client, Transport<Dialer, Clock>>,
    logs: Logs,
}

type Logs = Arc<Mutex<Vec<Log>>>;

/// What is seen of one connection.
#[derive(Clone, Debug, Default)]
struct Log {
    written: Vec<String>,
    seen_off: Option<Instant>,
    is_dropped: bool,
}

impl Lasting {
    /// These connections can be had, and no more.
    fn new(wires: impl IntoIterator<Item = Wire>) -> Self {
        let (world, io, _) = World::new(0);
        let clock = Clock(Arc::new(Mutex::new(io)));
        let logs = Logs::default();
        let dialer = Dialer {
            wires: wires.into_iter().collect(),
            clock: clock.clone(),
            logs: Arc::clone(&logs),
        };
        let mut config = lasting_config();
        config.reconnect.as_mut().expect("lasting").from_start = true;
        let client = Client::new(config, Seeded::boxed(1), clock.now());
        let session = Session::new(client, Transport::new(dialer, clock.clone()));
        Self { world, clock, session, logs }
    }

    fn log(&self) -> Vec<Log> {
        self.logs.lock().unwrap().clone()
    }

    async fn nothing_comes_until(&mut self, at: Instant) {
        let clock = self.clock.clone();
        let passing = poll_fn(|cx| clock.0.lock().unwrap().poll_deadline(cx, Some(at)));
        let event = pin!(self.session.next());
        assert!(matches!(select(event, passing).await, Either::Right(_)), "an event");
    }

    async fn until(&mut self, event: &str) {
        let mut told = Vec::new();
        while told.len() < 20 {
            told.push(format!("{:?}", self.session.next().await.expect("not over")));
            if told.last().is_some_and(|it| it.starts_with(event)) {
                return;
            }
        }
        panic!("no {event}: {told:#?}");
    }
}

#[derive(Clone)]
struct Clock(Arc<Mutex<MemoryIo>>);

impl Timer for Clock {
    fn now(&self) -> Instant {
        self.0.lock().unwrap().now()
    }

    fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        self.0.lock().unwrap().poll_deadline(cx, Some(at)).map(|_| ())
    }
}

struct Dialer {
    wires: VecDeque<Wire>,
    clock: Clock,
    logs: Logs,
}

impl Dial for Dialer {
    type Link = Opened;
    type Dialing = Ready<Result<(Opened, Connection), DialError>>;
    type Fetching = Ready<Fetch>;

    fn dial(&mut self, _: Target) -> Self::Dialing {
        let Some(wire) = self.wires.pop_front() else {
            return ready(Err(DialError::new(DialErrorKind::Unreachable, "a test")));
        };
        let mut logs = self.logs.lock().unwrap();
        logs.push(Log::default());
        let (logs, number) = (Arc::clone(&self.logs), logs.len() - 1);
        let clock = self.clock.clone();
        let opened =
            Opened { wire, clock, logs, number, inputs: VecDeque::new(), streams: 0, left: None };
        ready(Ok((opened, Connection::new(true))))
    }

    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        no_http(uri)
    }
}

/// How a connection goes.
struct Wire {
    /// After so many frames it takes no more.
    breaks_after: usize,
    /// After so many frames it has no room for more, and nothing comes.
    is_stuck_after: usize,
    /// Whether the server sends the client elsewhere.
    redirects: bool,
    /// How long the peer takes to do its part of the end.
    leaves_after: Duration,
}

impl Wire {
    /// One that works.
    fn new() -> Self {
        Self {
            breaks_after: usize::MAX,
            is_stuck_after: usize::MAX,
            redirects: false,
            leaves_after: Duration::ZERO,
        }
    }
}

/// A connection to a server that lets everybody in, and resumes nothing.
struct Opened {
    wire: Wire,
    clock: Clock,
    logs: Logs,
    number: usize,
    inputs: VecDeque<Input>,
    streams: usize,
    /// When the peer has done its part of the end.
    left: Option<Instant>,
}

impl Opened {
    fn log<R>(&self, change: impl FnOnce(&mut Log) -> R) -> R {
        let mut logs: MutexGuard<'_, Vec<Log>> = self.logs.lock().unwrap();
        change(&mut logs[self.number])
    }

    fn answer(&mut self, said: &str) {
        let starts = |name| said.starts_with(name);
        let answers = if starts("<open ") && self.wire.redirects {
            vec![SERVER_OPEN.into(), REDIRECT.into()]
        } else if starts("<open ") {
            self.streams += 1;
            let features = if self.streams == 1 { PLAIN_FEATURES } else { MANAGED_FEATURES };
            vec![SERVER_OPEN.into(), features.to_owned()]
        } else if starts("<auth ") {
            vec![SUCCESS.into()]
        } else if starts("<enable ") {
            vec![ENABLED.into()]
        } else if starts("<resume ") {
            vec!["<failed xmlns='urn:xmpp:sm:3'/>".into()]
        } else if starts("<iq ") {
            vec![bound(&attribute(said, "id"))]
        } else if starts("<close ") {
            self.inputs.push_back(Input::Closed { code: Some(1000) });
            Vec::new()
        } else {
            Vec::new()
        };
        self.inputs.extend(answers.into_iter().map(|it| Input::Text(it.into())));
    }
}

impl Link for Opened {
    fn poll_input(&mut self, _: &mut Context<'_>) -> Poll<Input> {
        // Whatever comes is an answer, and whoever writes goes on to read.
        self.inputs.pop_front().map_or(Poll::Pending, Poll::Ready)
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.poll_flush(cx)
    }

    fn start_send(&mut self, frame: Frame) -> Result<(), Broken> {
        if self.log(|log| log.written.len()) >= self.wire.breaks_after {
            return Err(Broken);
        }
        if let Frame::Text(text) = frame {
            self.log(|log| log.written.push(text.to_string()));
            self.answer(&text);
        }
        Ok(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.log(|log| log.written.len()) >= self.wire.is_stuck_after {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = self.clock.now();
        let left = *self.left.get_or_insert(now + self.wire.leaves_after);
        if now < left {
            return self.clock.poll_until(cx, left);
        }
        self.log(|log| log.seen_off = Some(now));
        Poll::Ready(())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.log(|log| log.is_dropped = true);
    }
}

const fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn at(milliseconds: u64) -> Instant {
    Instant::ORIGIN + millis(milliseconds)
}

const REDIRECT: &str =
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b/'/>";

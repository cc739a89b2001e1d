//! A wire in memory and virtual time, for the driver's [`Io`].

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use bytestring::ByteString;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Fetch, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Broken, Io};

/// Two ends, a pipe of few bytes each way, and the time, which moves only in [`run`](World::run).
#[derive(Clone, Debug)]
pub struct World(Arc<Mutex<Shared>>);

/// One end of the wire.
#[derive(Debug)]
pub struct MemoryIo {
    world: World,
    /// Which pipe it writes to; it reads from the other.
    writes_to: usize,
    /// Bytes that were taken to be sent and did not fit into the pipe yet.
    unsent: VecDeque<u8>,
    /// Bytes that were read and are no whole frame yet.
    unread: Vec<u8>,
    answers: VecDeque<Input>,
    slowness: Duration,
}

impl World {
    /// A world in which a pipe holds `capacity` bytes, and its two ends.
    pub fn new(capacity: usize) -> (Self, MemoryIo, MemoryIo) {
        let world = Self(Arc::new(Mutex::new(Shared {
            now: Instant::ORIGIN,
            alarms: Vec::new(),
            pipes: [Pipe::new(capacity), Pipe::new(capacity)],
        })));
        let end = |writes_to| MemoryIo {
            world: world.clone(),
            writes_to,
            unsent: VecDeque::new(),
            unread: Vec::new(),
            answers: VecDeque::new(),
            slowness: Duration::ZERO,
        };
        let ends = (end(0), end(1));
        (world, ends.0, ends.1)
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.lock().now
    }

    /// Lets writing of the first (0) or second (1) end fail from now on; what was written still arrives.
    pub fn break_writing(&self, end: usize) {
        let mut shared = self.lock();
        if let Some(pipe) = shared.pipes.get_mut(end) {
            pipe.broken = true;
            pipe.wake();
        }
    }

    /// Lets writing of the first (0) or second (1) end work again, on a connection that is new.
    pub fn mend_writing(&self, end: usize) {
        if let Some(pipe) = self.lock().pipes.get_mut(end) {
            pipe.broken = false;
        }
    }

    /// Ends what the first (0) or second (1) end writes: the other sees the end after what was written.
    pub fn end_writing(&self, end: usize) {
        let mut shared = self.lock();
        if let Some(pipe) = shared.pipes.get_mut(end) {
            pipe.ended = true;
            pipe.wake();
        }
    }

    /// Polls the tasks until all are done. Each is polled only after it was woken, and the time moves only when no
    /// task is awake.
    ///
    /// # Panics
    ///
    /// When nothing can ever move again although not all are done: a wake-up was lost, or two wait for each other.
    pub fn run(&self, tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
        let mut tasks: Vec<_> = tasks
            .into_iter()
            .map(|task| Some((task, Arc::new(Awake(AtomicBool::new(true))))))
            .collect();
        loop {
            let mut polled = false;
            for slot in &mut tasks {
                let Some((task, awake)) = slot else { continue };
                if !awake.0.swap(false, Ordering::SeqCst) {
                    continue;
                }
                polled = true;
                let waker = Waker::from(Arc::clone(awake));
                if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    *slot = None;
                }
            }
            if tasks.iter().all(Option::is_none) {
                return;
            }
            assert!(polled || self.advance(), "stuck: nothing can move any more");
        }
    }

    /// Moves the time to the next alarm. False: there is none.
    pub fn advance(&self) -> bool {
        let mut shared = self.lock();
        let Some(next) = shared.alarms.iter().map(|(at, _)| *at).min() else {
            return false;
        };
        shared.now = shared.now.max(next);
        let now = shared.now;
        let alarms = mem::take(&mut shared.alarms);
        let (due, later) = alarms.into_iter().partition(|(at, _)| *at <= now);
        shared.alarms = later;
        let due: Vec<(Instant, Waker)> = due;
        drop(shared);
        for (_, waker) in due {
            waker.wake();
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Io for MemoryIo {
    fn now(&self) -> Instant {
        self.world.now()
    }

    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)> {
        if let Some(answer) = self.answers.pop_front() {
            return Poll::Ready((self.now(), answer));
        }
        if let Poll::Ready(input) = self.poll_read(cx) {
            let mut shared = self.world.lock();
            shared.now = shared.now + self.slowness;
            drop(shared);
            return Poll::Ready((self.now(), input));
        }
        let now = ready!(self.poll_deadline(cx, deadline));
        Poll::Ready((now, Input::Timeout))
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant> {
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        let mut shared = self.world.lock();
        if deadline <= shared.now {
            return Poll::Ready(shared.now);
        }
        shared.alarms.push((deadline, cx.waker().clone()));
        Poll::Pending
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.poll_flush(cx)
    }

    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
        let (kind, body): (u8, &[u8]) = match &transmit {
            Transmit::Text(text) => (TEXT, text.as_bytes()),
            Transmit::Ping => (PING, &[]),
            Transmit::Close { code } => (CLOSE, &code.to_be_bytes()),
            Transmit::Drop => {
                self.unsent.clear();
                self.answers.clear();
                return Ok(());
            }
            Transmit::Dial(_) => {
                self.unsent.clear();
                let connection = Connection::new(true);
                self.answers.push_back(Input::Connected(connection));
                return Ok(());
            }
            Transmit::Fetch(uri) => {
                let error = DialError::new(DialErrorKind::Unsupported, "in memory");
                self.answers.push_back(Input::Fetched(Fetch::new(uri.clone(), Err(error))));
                return Ok(());
            }
        };
        assert!(self.unsent.is_empty(), "a frame before there was room");
        let length = u32::try_from(body.len()).map_err(|_| Broken)?;
        self.unsent.push_back(kind);
        self.unsent.extend(length.to_be_bytes());
        self.unsent.extend(body);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let mut shared = self.world.lock();
        let Some(pipe) = shared.pipes.get_mut(self.writes_to) else {
            return Poll::Ready(Err(Broken));
        };
        if pipe.broken {
            return Poll::Ready(Err(Broken));
        }
        let room = pipe.capacity.saturating_sub(pipe.bytes.len());
        let moving = room.min(self.unsent.len());
        if moving > 0 {
            pipe.bytes.extend(self.unsent.drain(..moving));
            pipe.wake_reader();
        }
        if self.unsent.is_empty() {
            return Poll::Ready(Ok(()));
        }
        pipe.writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl MemoryIo {
    /// Lets time pass with every input that is read.
    pub fn slow(mut self, slowness: Duration) -> Self {
        self.slowness = slowness;
        self
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        let mut shared = self.world.lock();
        let Some(pipe) = shared.pipes.get_mut(1 - self.writes_to) else {
            return Poll::Pending;
        };
        loop {
            if let Some(input) = decode(&mut self.unread) {
                return Poll::Ready(input);
            }
            if pipe.bytes.is_empty() {
                break;
            }
            self.unread.extend(pipe.bytes.drain(..));
            if let Some(writer) = pipe.writer.take() {
                writer.wake();
            }
        }
        if mem::take(&mut pipe.ended) {
            return Poll::Ready(Input::Lost);
        }
        pipe.reader = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[derive(Debug)]
struct Shared {
    now: Instant,
    alarms: Vec<(Instant, Waker)>,
    pipes: [Pipe; 2],
}

/// One direction. Like a socket, it remembers one waker a side, the last.
#[derive(Debug)]
struct Pipe {
    capacity: usize,
    bytes: VecDeque<u8>,
    broken: bool,
    ended: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            bytes: VecDeque::new(),
            broken: false,
            ended: false,
            reader: None,
            writer: None,
        }
    }

    fn wake_reader(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    fn wake(&mut self) {
        self.wake_reader();
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }
}

/// Takes one whole frame off the front.
fn decode(bytes: &mut Vec<u8>) -> Option<Input> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let [kind, length @ ..] = *head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    let body = rest.get(..length)?.to_vec();
    bytes.drain(..HEAD + length);
    Some(match kind {
        TEXT => ByteString::try_from(body).map_or(Input::Binary, Input::Text),
        PING => Input::Ping,
        _ => Input::Closed { code: body.try_into().ok().map(u16::from_be_bytes) },
    })
}

struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

const HEAD: usize = 5;
const TEXT: u8 = 0;
const PING: u8 = 1;
const CLOSE: u8 = 2;

//! Two users who go about their business.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::login::{bound, message};
use crate::server::Server;
use crate::wire::Wire;

/// A pair that exchanges messages, one way and the other, until it is told to stop.
pub(crate) struct Pair {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// How long each message took to its recipient.
    taken: Mutex<Vec<Duration>>,
}

impl Pair {
    pub(crate) fn start(server: &Server) -> Self {
        let (mut alice, mut bob) = (bound(server, "alice", "pair"), bound(server, "bob", "pair"));
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let talk = move || {
            for number in 0_u64.. {
                exchange(&mut alice, &mut bob, "bob@localhost/pair", number, &theirs);
                exchange(&mut bob, &mut alice, "alice@localhost/pair", number, &theirs);
                if theirs.stop.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(PAUSE);
            }
        };
        Self { shared, thread: Some(thread::spawn(talk)) }
    }

    /// How long the messages took since the last call, of which there are some from after this call.
    pub(crate) fn taken(&self) -> Vec<Duration> {
        let mut taken = std::mem::take(&mut *self.shared.taken.lock().expect("it is whole"));
        let start = Instant::now();
        loop {
            let mut more = self.shared.taken.lock().expect("it is whole");
            if more.len() >= 2 {
                taken.append(&mut more);
                return taken;
            }
            drop(more);
            assert!(start.elapsed() < Duration::from_secs(20), "the pair no longer talks");
            assert!(self.thread.as_ref().is_some_and(|it| !it.is_finished()), "the pair gave up");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn stop(mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("every message arrived");
        }
    }
}

fn exchange(from: &mut Wire, to: &mut Wire, address: &str, number: u64, shared: &Shared) {
    let start = Instant::now();
    from.text(&message(address, &number.to_string()));
    let came = to.next_text();
    assert!(came.contains(&format!("<body>{number}</body>")), "{came}");
    shared.taken.lock().expect("it is whole").push(start.elapsed());
}

const PAUSE: Duration = Duration::from_millis(10);

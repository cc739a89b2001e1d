//! Attacks, one after the other, and what each did to the server and to others.

use std::thread;
use std::time::{Duration, Instant};

use crate::pair::Pair;
use crate::server::Server;

/// One server, the pair that uses it, and what it was before.
pub(crate) struct Trials {
    pub(crate) server: Server,
    pair: Pair,
    /// What it held and had open before the first attack.
    memory: u64,
    files: usize,
}

impl Trials {
    pub(crate) fn start(options: &[&str]) -> Self {
        let server = Server::start(options);
        let pair = Pair::start(&server);
        // What a server holds after its first messages is what it holds at rest.
        pair.taken();
        thread::sleep(Duration::from_millis(100));
        let process = server.process();
        let (memory, files) = (process.resident(), process.files());
        eprintln!(
            "\n{:44} {:62} {:>10} {:>7} {:>7} {:>9} {:>6}",
            "attack", "met with", "peak KiB", "CPU s", "s", "slowest", "of"
        );
        Self { server, pair, memory, files }
    }

    /// Runs one attack; it tells what it met. The server may grow by `kib` meanwhile.
    pub(crate) fn run(&self, attack: &str, kib: u64, run: impl FnOnce(&Server) -> String) {
        let process = self.server.process();
        process.forget_peak();
        let (before, processor, start) = (process.resident(), process.processor(), Instant::now());
        self.pair.taken();
        let outcome = run(&self.server);
        let took = start.elapsed();
        let taken = self.pair.taken();
        let growth = process.peak().saturating_sub(before);
        let processor = process.processor().saturating_sub(processor);
        let slowest = taken.iter().max().copied().unwrap_or_default();
        eprintln!(
            "{attack:44} {outcome:62} {growth:>10} {:>7.2} {:>7.2} {:>6} ms {:>6}",
            processor.as_secs_f64(),
            took.as_secs_f64(),
            slowest.as_millis(),
            taken.len(),
        );
        assert!(growth <= kib, "{attack}: the server grew by {growth} KiB, {kib} are allowed");
        assert!(slowest < SANE, "{attack}: a message of others took {slowest:?}");
    }

    /// Everything is as it was before, but for `kib` of memory that the allocator may keep.
    pub(crate) fn finish(self, kib: u64) {
        self.server.settle(self.files, Duration::from_secs(60));
        let rest = self.server.process().resident();
        let kept = rest.saturating_sub(self.memory);
        eprintln!("{} KiB at the start, {rest} KiB at the end", self.memory);
        assert!(
            kept <= kib,
            "the server keeps {kept} KiB more than at the start, {kib} are allowed"
        );
        self.pair.stop();
        self.server.stop();
    }
}

// On an idle machine they take less than a millisecond; tests run beside others, on whatever there is.
const SANE: Duration = Duration::from_secs(3);

//! Attacks, one after the other, and what each did to the server and to others.

use std::thread;
use std::time::{Duration, Instant};

use crate::pair::Pair;
use crate::server::Server;
use crate::table::{self, Row};

/// One server, the pair that uses it, and what it was before.
pub(crate) struct Trials {
    pub(crate) server: Server,
    pair: Pair,
    /// What it held and had open before the first attack.
    memory: u64,
    files: usize,
}

impl Trials {
    /// Against a server with these options.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::on(Server::start(options))
    }

    pub(crate) fn on(server: Server) -> Self {
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

    /// Runs one attack; it tells what it met. The server may grow by `kib` meanwhile, and use a processor for
    /// [`USUAL`], which is a lot for what is refused at once.
    pub(crate) fn run(&self, attack: &str, kib: u64, run: impl FnOnce(&Server) -> String) {
        self.run_costly(attack, kib, USUAL, run);
    }

    /// The same for what makes the server work for as long as this.
    pub(crate) fn run_costly(
        &self,
        attack: &str,
        kib: u64,
        work: Duration,
        run: impl FnOnce(&Server) -> String,
    ) {
        let process = self.server.process();
        process.forget_peak();
        let (before, processor, start) = (process.resident(), process.processor(), Instant::now());
        self.pair.taken();
        let met = run(&self.server);
        let after = start.elapsed();
        let taken = self.pair.taken();
        let row = Row {
            attack: attack.to_owned(),
            met,
            after,
            kib: process.peak().saturating_sub(before),
            processor: process.processor().saturating_sub(processor),
            slowest: taken.iter().max().copied().unwrap_or_default(),
        };
        eprintln!(
            "{:44} {:62} {:>10} {:>7.2} {:>7.2} {:>6} ms {:>6}",
            row.attack,
            row.met,
            row.kib,
            row.processor.as_secs_f64(),
            row.after.as_secs_f64(),
            row.slowest.as_millis(),
            taken.len(),
        );
        assert!(row.kib <= kib, "{attack}: it grew by {} KiB, {kib} are allowed", row.kib);
        let used = row.processor;
        assert!(used <= work, "{attack}: it used {used:?} of a processor, {work:?} are allowed");
        assert!(row.slowest < SANE, "{attack}: a message of others took {:?}", row.slowest);
        table::add(row);
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

/// What is refused at once costs some milliseconds, also in a build without optimisation; the pair, that talks on, some
/// hundredths of each second.
const USUAL: Duration = Duration::from_secs(3);
// On an idle machine they take less than a millisecond; tests run beside others, on whatever there is.
const SANE: Duration = Duration::from_secs(3);

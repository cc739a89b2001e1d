//! What the system tells of a process.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

/// A process, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The memory that it holds now, in KiB.
    pub(crate) fn resident(self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it held since [`forget_peak`](Self::forget_peak), in KiB.
    pub(crate) fn peak(self) -> u64 {
        self.status("VmHWM:")
    }

    pub(crate) fn forget_peak(self) {
        // proc(5): 5 resets the peak to what is held now.
        fs::write(self.path("clear_refs"), "5").expect("one's own child");
    }

    /// The processor time that it has used.
    pub(crate) fn processor(self) -> Duration {
        let stat = fs::read_to_string(self.path("stat")).expect("it lives");
        // proc(5): the name is in parentheses; utime and stime are the 12th and 13th field after it.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 =
            fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 1000 / TICKS_A_SECOND)
    }

    /// How many files it has open.
    pub(crate) fn files(self) -> usize {
        fs::read_dir(self.path("fd")).expect("it lives").count()
    }

    /// Lets it have no more than so many files open.
    pub(crate) fn allow_files(self, files: u64) {
        let pid = i32::try_from(self.0).ok().and_then(Pid::from_raw);
        let limit = Rlimit { current: Some(files), maximum: Some(files) };
        prlimit(pid, Resource::Nofile, limit).expect("one's own child");
    }

    fn status(self, field: &str) -> u64 {
        let status = fs::read_to_string(self.path("status")).expect("it lives");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("Linux has it");
        line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
    }

    fn path(self, file: &str) -> String {
        format!("/proc/{}/{file}", self.0)
    }
}

// proc(5): USER_HZ, which is 100 on every architecture in use.
const TICKS_A_SECOND: u64 = 100;

//! Measuring several things side by side, and the table that comes of it.
//!
//! All take their turns within a round, and of all rounds the fastest counts: a machine that is busy with other things
//! slows all of them down, and none of them can be faster than it is. Time is the thread's own.

use std::fmt;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

/// Something to measure: its name, and what it does with a text, which it may refuse.
pub type Contestant<T> = (&'static str, Box<dyn FnMut(&T) -> bool>);

/// Texts to measure with, under one heading.
pub struct Column<T> {
    pub name: String,
    pub texts: Vec<T>,
}

/// The time that each contestant takes for each column, and how that compares to one of them.
pub struct Table {
    base: &'static str,
    columns: Vec<String>,
    rows: Vec<(&'static str, Vec<f64>)>,
}

impl Table {
    /// Measures everything.
    pub fn measure<T>(
        base: &'static str,
        columns: &[Column<T>],
        contestants: &mut [Contestant<T>],
    ) -> Self {
        let mut rows: Vec<_> = contestants.iter().map(|(name, _)| (*name, Vec::new())).collect();
        for column in columns {
            for ((_, row), time) in rows.iter_mut().zip(fastest(column, contestants)) {
                row.push(time.as_secs_f64() * 1e9 / column.texts.len() as f64);
            }
        }
        let columns = columns.iter().map(|column| column.name.clone()).collect();
        Self { base, columns, rows }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| ns a message (of {}) | {} |", self.base, self.columns.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(self.columns.len()))?;
        let base = self.rows.iter().find(|(name, _)| *name == self.base);
        let base = &base.expect("what is compared with is measured").1;
        for (name, times) in &self.rows {
            write!(f, "| {name} |")?;
            for (time, base) in times.iter().zip(base) {
                write!(f, " {time:.0} ({:.2}) |", time / base)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The fastest round of each contestant.
fn fastest<T>(column: &Column<T>, contestants: &mut [Contestant<T>]) -> Vec<Duration> {
    for (name, takes) in contestants.iter_mut() {
        let taken = column.texts.iter().filter(|text| takes(text)).count();
        if taken < column.texts.len() {
            let refused = column.texts.len() - taken;
            eprintln!("{name} refuses {refused} of {}", column.name);
        }
    }
    let mut fastest = vec![Duration::MAX; contestants.len()];
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < MIN_ROUNDS || start.elapsed() < TIME_A_COLUMN {
        rounds += 1;
        for ((_, takes), fastest) in contestants.iter_mut().zip(&mut fastest) {
            let start = ThreadTime::now();
            let taken = column.texts.iter().filter(|text| takes(text)).count();
            let elapsed = start.elapsed();
            std::hint::black_box(taken);
            *fastest = elapsed.min(*fastest);
        }
    }
    fastest
}

const MIN_ROUNDS: usize = 10;
const TIME_A_COLUMN: Duration = Duration::from_secs(4);

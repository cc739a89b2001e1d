//! Runs scenarios, each with a bound of time, and tells how they went.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How one scenario went for one adapter.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The scenario, and with whom.
    pub row: String,
    /// The adapter.
    pub column: String,
    /// What there is to say of it.
    pub outcome: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs a scenario. One that does not end in time has failed, and its thread is left behind.
pub fn cell(row: &str, column: &str, scenario: impl FnOnce() -> String + Send + 'static) -> Cell {
    let begin = Instant::now();
    let (sender, outcome) = channel();
    let run = move || {
        // It says what went wrong on standard error.
        let outcome = catch_unwind(AssertUnwindSafe(scenario));
        let _ = sender.send(outcome.unwrap_or_else(|_| FAILED.into()));
    };
    thread::Builder::new().name(format!("{column}: {row}")).spawn(run).expect("a thread");
    let outcome = outcome.recv_timeout(LIMIT).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => format!("{FAILED}: not done within {LIMIT:?}"),
        RecvTimeoutError::Disconnected => FAILED.into(),
    });
    Cell { row: row.into(), column: column.into(), outcome, took: begin.elapsed() }
}

/// All of them, a row each scenario and a column each adapter. What an adapter has no part in is a dash.
pub fn table(columns: &[&str], cells: &[Cell]) -> String {
    let mut text = format!("| scenario | {} |\n|---|", columns.join(" | "));
    text.push_str(&"---|".repeat(columns.len()));
    text.push('\n');
    let mut rows: Vec<&str> = Vec::new();
    for cell in cells {
        if !rows.contains(&cell.row.as_str()) {
            rows.push(&cell.row);
        }
    }
    for row in rows {
        write!(text, "| {row} |").expect("memory");
        for column in columns {
            let cell = cells.iter().find(|cell| cell.row == row && cell.column == *column);
            write!(text, " {} |", cell.map_or("-", |cell| &cell.outcome)).expect("memory");
        }
        text.push('\n');
    }
    text
}

/// Those that failed.
pub fn failures(cells: &[Cell]) -> Vec<&Cell> {
    cells.iter().filter(|cell| cell.outcome.starts_with(FAILED)).collect()
}

const FAILED: &str = "FAIL";
const LIMIT: Duration = Duration::from_secs(240);

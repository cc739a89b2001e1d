//! What is told on standard output, a line each: for people, or as JSON.

use std::io::{self, Write};

use serde::Serialize;

/// Standard output, in one of two languages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Writes one line at once: `event` as JSON, or `words`, where people want to know of it.
    pub(crate) fn write(self, event: &impl Serialize, words: Option<&str>) -> io::Result<()> {
        let mut output = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut output, event)?;
            output.write_all(b"\n")?;
        } else if let Some(words) = words {
            writeln!(output, "{words}")?;
        }
        output.flush()
    }

    /// Writes one line that is only for people.
    pub(crate) fn say(self, words: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let mut output = io::stdout().lock();
        writeln!(output, "{words}")?;
        output.flush()
    }
}

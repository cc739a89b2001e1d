//! Standard input, line by line.

use std::io::{self, BufRead};
use std::thread;

use tokio::sync::mpsc;

/// One line of input, without its end, or why there are no more.
pub(super) type Line = Result<String, InputError>;

/// Why a line cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// The next may be better.
    #[error("a line of the input is not UTF-8, and is skipped")]
    Encoding,
    /// It is the last.
    #[error("standard input cannot be read: {0}")]
    Read(io::Error),
}

/// The lines of standard input. Few are read ahead: whoever writes them waits until they can be sent.
///
/// It takes a thread of its own, which nobody waits for: a read from a terminal cannot be given up half-way.
pub(super) fn standard_input() -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let line = match input.read_until(b'\n', &mut bytes) {
                Ok(0) => return,
                Ok(_) => line(&bytes),
                Err(error) => Err(InputError::Read(error)),
            };
            let is_last = matches!(line, Err(InputError::Read(_)));
            if sender.blocking_send(line).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

fn line(bytes: &[u8]) -> Line {
    match str::from_utf8(bytes) {
        Ok(line) => Ok(line.trim().to_owned()),
        Err(_) => Err(InputError::Encoding),
    }
}

const READ_AHEAD: usize = 16;

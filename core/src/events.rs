//! What waits for the application, and which of the peer's stanzas count as handled.

use std::collections::VecDeque;

/// A queue of events. Those that carry a stanza keep its number, so that a stanza counts as handled (XEP-0198 § 4)
/// when the application has taken it, and not before.
#[derive(Debug)]
pub(crate) struct Events<E> {
    queue: VecDeque<Entry<E>>,
    /// With how many of them input is no longer wanted.
    limit: usize,
}

#[derive(Debug)]
struct Entry<E> {
    event: E,
    /// How many stanzas had come in the session when this one did.
    number: Option<u32>,
}

impl<E> Events<E> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { queue: VecDeque::with_capacity(limit.min(INITIAL_CAPACITY)), limit }
    }

    pub(crate) fn push(&mut self, event: E) {
        self.queue.push_back(Entry { event, number: None });
    }

    /// Adds the event that carries the stanza with this number.
    pub(crate) fn push_stanza(&mut self, event: E, number: Option<u32>) {
        self.queue.push_back(Entry { event, number });
    }

    pub(crate) fn pop(&mut self) -> Option<E> {
        self.queue.pop_front().map(|entry| entry.event)
    }

    /// All that is there, in order.
    pub(crate) fn take(&mut self) -> Vec<E> {
        self.queue.drain(..).map(|entry| entry.event).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the application does not take its events.
    pub(crate) fn is_behind(&self) -> bool {
        self.queue.len() >= self.limit
    }

    /// The number of the oldest stanza that was not taken.
    pub(crate) fn unhandled(&self) -> Option<u32> {
        self.queue.iter().find_map(|entry| entry.number)
    }

    /// The session is over: its numbers mean nothing in the next.
    pub(crate) fn forget_numbers(&mut self) {
        for entry in &mut self.queue {
            entry.number = None;
        }
    }
}

/// What a lively conversation has in the queue at once; it grows when it must.
const INITIAL_CAPACITY: usize = 16;

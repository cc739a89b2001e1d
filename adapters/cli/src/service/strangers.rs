//! The connections on which nobody has logged in yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;

/// Whether somebody has logged in on a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Arc<AtomicBool>);

impl Standing {
    pub(super) fn log_in(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_logged_in(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The connections of strangers, the oldest first.
///
/// Where there are as many connections as there may be, the oldest of these makes room: a crowd that connects and
/// says nothing locks nobody out, for a login is done long before it is the oldest, and who is logged in stays.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    queue: VecDeque<(Standing, AbortHandle)>,
    /// How many there may be before it is looked who still is one.
    enough: usize,
}

impl Strangers {
    pub(super) fn add(&mut self, standing: Standing, task: AbortHandle) {
        if self.queue.len() >= self.enough.max(FEW) {
            self.queue.retain(|(standing, task)| is_stranger(standing, task));
            self.enough = self.queue.len() * 2;
        }
        self.queue.push_back((standing, task));
    }

    /// Cuts off the one who came first. False: there is none.
    pub(super) fn make_room(&mut self) -> bool {
        while let Some((standing, task)) = self.queue.pop_front() {
            if is_stranger(&standing, &task) {
                tracing::info!("too many connections: the oldest without a login makes room");
                task.abort();
                return true;
            }
        }
        false
    }
}

fn is_stranger(standing: &Standing, task: &AbortHandle) -> bool {
    !standing.is_logged_in() && !task.is_finished()
}

const FEW: usize = 64;

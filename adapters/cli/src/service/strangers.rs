//! The connections on which nobody has logged in yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How far somebody on a connection has come, shared with the connection's task.
#[derive(Clone, Debug)]
pub(super) struct Standing(Arc<watch::Sender<Stage>>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Nothing of worth was said.
    Silent,
    /// There is a stream.
    Opened,
    LoggedIn,
    /// The connection has to make room.
    Leaving,
}

impl Default for Standing {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Silent)))
    }
}

impl Standing {
    /// There is a stream.
    pub(super) fn open(&self) {
        self.move_on(|stage| stage == Stage::Silent, Stage::Opened);
    }

    /// Nobody is a stranger here any more. False: too late, it has to go.
    pub(super) fn log_in(&self) -> bool {
        self.move_on(|stage| stage != Stage::Leaving, Stage::LoggedIn)
    }

    /// Waits until the connection has to make room; may be dropped and called again.
    pub(super) async fn told_to_leave(&self) {
        // The sender is here.
        let _ = self.0.subscribe().wait_for(|stage| *stage == Stage::Leaving).await;
    }

    fn leave(&self) -> bool {
        self.move_on(|stage| matches!(stage, Stage::Silent | Stage::Opened), Stage::Leaving)
    }

    fn move_on(&self, may: impl FnOnce(Stage) -> bool, to: Stage) -> bool {
        self.0.send_if_modified(|stage| {
            let may = may(*stage);
            if may {
                *stage = to;
            }
            may
        })
    }

    fn stage(&self) -> Stage {
        *self.0.borrow()
    }
}

/// The connections of strangers, the oldest first.
///
/// Where there are as many connections as there may be, one of these makes room, so that a crowd locks nobody out, and
/// who is logged in stays. It is the oldest of the more numerous kind, of those who have opened a stream and those who
/// have not: a crowd of one kind puts out only its own, and whoever comes meanwhile has the time in which as many as
/// half of the strangers come to take the next step.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    queue: VecDeque<(Standing, AbortHandle)>,
    /// How many there may be before it is looked who still is one.
    enough: usize,
    /// Those who were told to go.
    leaving: VecDeque<AbortHandle>,
}

impl Strangers {
    pub(super) fn add(&mut self, standing: Standing, task: AbortHandle) {
        if self.queue.len() >= self.enough.max(FEW) {
            self.tidy();
            self.enough = self.queue.len() * 2;
        }
        self.queue.push_back((standing, task));
    }

    /// How many are on their way out, and take nobody's place.
    pub(super) fn leaving(&mut self) -> usize {
        self.leaving.retain(|task| !task.is_finished());
        self.leaving.len()
    }

    /// Tells one to go. False: there is none.
    pub(super) fn make_room(&mut self) -> bool {
        let Some(task) = self.choose() else { return false };
        self.see_off(task);
        true
    }

    /// Cuts one off, so that what it holds is free at once. False: there is none.
    pub(super) fn cut_off(&mut self) -> bool {
        let Some(task) = self.choose() else { return false };
        task.abort();
        true
    }

    /// One who has to go, and knows it.
    fn choose(&mut self) -> Option<AbortHandle> {
        self.tidy();
        loop {
            let opened = self.queue.iter().filter(|(standing, _)| has_opened(standing)).count();
            let wanted = opened > self.queue.len() - opened;
            let oldest = self.queue.iter().position(|(standing, _)| has_opened(standing) == wanted);
            let (standing, task) = oldest.and_then(|at| self.queue.remove(at))?;
            // It may have taken its next step meanwhile, or logged in.
            if standing.leave() {
                tracing::info!("too many connections: one without a login makes room");
                return Some(task);
            }
        }
    }

    fn see_off(&mut self, task: AbortHandle) {
        if self.leaving() >= MAX_LEAVING
            && let Some(first) = self.leaving.pop_front()
        {
            first.abort();
        }
        self.leaving.push_back(task);
    }

    fn tidy(&mut self) {
        self.queue.retain(|(standing, task)| {
            matches!(standing.stage(), Stage::Silent | Stage::Opened) && !task.is_finished()
        });
    }
}

fn has_opened(standing: &Standing) -> bool {
    standing.stage() == Stage::Opened
}

const FEW: usize = 64;
/// How many may be on their way out at a time; the first of more is cut off.
const MAX_LEAVING: usize = 64;
/// How long one who has to make room may take to go.
pub(super) const LEAVING_TIME: Duration = Duration::from_secs(1);

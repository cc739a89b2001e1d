//! What an endpoint waits for, and until when.

use crate::time::Instant;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Timer {
    /// The WebSocket shall be open.
    #[error("to open the connection")]
    Dial,
    /// The peer's `<open/>` shall be there, and a server's features after it.
    #[error("to open the stream")]
    Open,
    /// The client shall be logged in, with its resource bound.
    #[error("to log in")]
    Negotiate,
    /// Nothing came for a while: a ping is due.
    #[error("to say something")]
    Idle,
    /// Something shall come after a ping.
    #[error("to answer a ping")]
    Answer,
    /// What was sent has waited for a while: an acknowledgement is asked for (XEP-0198 § 4).
    #[error("to acknowledge by itself")]
    Request,
    /// The acknowledgement that was asked for shall be there.
    #[error("to acknowledge what was sent")]
    Acknowledge,
    /// Something of what waits to be written shall have been taken.
    #[error("to take what was sent")]
    Write,
    /// The peer's `<close/>` shall be there.
    #[error("to close the stream")]
    Close,
    /// The peer's close frame shall be there.
    #[error("to close the connection")]
    Hangup,
}

/// The deadlines that are running.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers([Option<Instant>; Timer::COUNT]);

impl Timer {
    const COUNT: usize = 10;

    const ALL: [Self; Self::COUNT] = [
        Self::Dial,
        Self::Open,
        Self::Negotiate,
        Self::Idle,
        Self::Answer,
        Self::Request,
        Self::Acknowledge,
        Self::Write,
        Self::Close,
        Self::Hangup,
    ];
}

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.replace(timer, Some(at));
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.replace(timer, None);
    }

    pub(crate) fn stop_all(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_running(&self, timer: Timer) -> bool {
        self.0.get(timer as usize).is_some_and(Option::is_some)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes one deadline that has passed by `now`, the earliest first.
    pub(crate) fn expired(&mut self, now: Instant) -> Option<Timer> {
        let at = self.next().filter(|at| *at <= now)?;
        let timer = Timer::ALL.into_iter().zip(self.0).find(|(_, due)| *due == Some(at))?.0;
        self.stop(timer);
        Some(timer)
    }

    fn replace(&mut self, timer: Timer, at: Option<Instant>) {
        if let Some(place) = self.0.get_mut(timer as usize) {
            *place = at;
        }
    }
}

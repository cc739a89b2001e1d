//! What became of messages.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// What became of messages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) sent: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) disordered: usize,
    pub(super) fateless: usize,
    pub(super) handed_back: usize,
    pub(super) damaged: usize,
    /// How many sessions the server gave up, though they could have been resumed.
    pub(super) sessions: usize,
    /// What was lost or came twice though no session was given up with it.
    pub(super) unexplained: usize,
}

impl Tally {
    /// Whether all that was sent came once and in order, but for what went down with a session that the server gave
    /// up; and every ticket had its one fate.
    pub(super) fn is_good(&self) -> bool {
        (self.unexplained, self.disordered, self.fateless, self.damaged) == (0, 0, 0, 0)
    }

    /// Whether, in addition, no session was given up.
    pub(super) fn is_perfect(&self) -> bool {
        self.is_good() && (self.sessions, self.lost, self.doubled) == (0, 0, 0)
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            disordered: self.disordered + other.disordered,
            fateless: self.fateless + other.fateless,
            handed_back: self.handed_back + other.handed_back,
            damaged: self.damaged + other.damaged,
            sessions: self.sessions + other.sessions,
            unexplained: self.unexplained + other.unexplained,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, lost, doubled, disordered, fateless, handed_back, sessions, .. } = self;
        if (self.unexplained, self.damaged) != (0, 0) {
            write!(f, "({} unexplained, {} damaged) ", self.unexplained, self.damaged)?;
        }
        write!(
            f,
            "{sessions} | {sent} | {lost} | {doubled} | {disordered} | {fateless} | {handed_back}"
        )
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Add::add)
    }
}

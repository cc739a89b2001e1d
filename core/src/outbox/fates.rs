//! Which stanza has which fate, and which of them were told.

use std::collections::VecDeque;
use std::ops::Range;

use crate::endpoint::Ticket;

/// What became of a stanza that was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Acked(Ticket),
    Unconfirmed(Ticket),
}

/// Hands tickets out, and what became of their stanzas, each once.
///
/// Tickets rise by one and their fates are decided in their order, so three numbers say which of them are to be told
/// as what; but for the few that were handed back before their turn.
#[derive(Debug)]
pub(super) struct Fates {
    /// The ticket of the next stanza to be given.
    next: Ticket,
    /// The ticket of the first stanza whose fate is open.
    undecided: Ticket,
    /// The ticket of the first stanza that the peer acknowledges, where it does.
    counted: Option<Ticket>,
    /// The ticket of the next stanza whose fate is to be told.
    untold: Ticket,
    /// Tickets after that one whose stanzas were handed back before their turn, in order.
    handed_back: VecDeque<Range<Ticket>>,
}

impl Fates {
    pub(super) fn new() -> Self {
        Self {
            next: Ticket::FIRST,
            undecided: Ticket::FIRST,
            counted: None,
            untold: Ticket::FIRST,
            handed_back: VecDeque::new(),
        }
    }

    /// The ticket of the next stanza to be given.
    pub(super) fn next(&self) -> Ticket {
        self.next
    }

    /// A ticket for a stanza that is given.
    pub(super) fn give(&mut self) -> Ticket {
        let ticket = self.next;
        self.next = ticket.next();
        ticket
    }

    /// From this one on the peer acknowledges.
    pub(super) fn count_from(&mut self, first: Ticket) {
        self.counted = Some(first);
    }

    /// The peer acknowledges no more.
    pub(super) fn stop_counting(&mut self) {
        debug_assert_eq!(self.untold, self.undecided, "fates were not told");
        self.counted = None;
    }

    /// The fate of all up to this one is known.
    pub(super) fn decide(&mut self, last: Ticket) {
        self.undecided = last.next();
    }

    /// A fate that is decided and was not told yet.
    pub(super) fn poll(&mut self) -> Option<Fate> {
        while self.untold < self.undecided
            && let Some(tickets) =
                self.handed_back.front().filter(|tickets| tickets.start <= self.untold)
        {
            self.untold = self.untold.max(tickets.end);
            self.handed_back.pop_front();
        }
        (self.untold < self.undecided).then(|| {
            let ticket = self.untold;
            self.untold = ticket.next();
            match self.counted {
                Some(first) if first <= ticket => Fate::Acked(ticket),
                _ => Fate::Unconfirmed(ticket),
            }
        })
    }

    /// These, of which none was before, are handed back before their turn.
    pub(super) fn hand_back(&mut self, tickets: impl IntoIterator<Item = Ticket>) {
        let before = self.handed_back.len();
        self.handed_back.extend(tickets.into_iter().map(|ticket| ticket..ticket.next()));
        if self.handed_back.len() > before {
            self.handed_back.make_contiguous().sort_unstable_by_key(|tickets| tickets.start);
        }
    }

    /// All up to this one are handed back that were not told of.
    pub(super) fn hand_back_up_to(&mut self, last: Ticket) {
        self.undecided = last.next();
        self.untold = self.undecided;
        self.handed_back.retain(|tickets| tickets.end > self.untold);
    }

    /// Whoever goes on with the session tells of all that is open.
    pub(super) fn leave(&mut self) {
        self.stop_counting();
        self.undecided = self.next;
        self.untold = self.next;
        self.handed_back.clear();
    }

    /// Goes on where another left: these are open, in order; those that are missing between them were handed back.
    pub(super) fn go_on(&mut self, open: impl IntoIterator<Item = Ticket>, next: Ticket) {
        debug_assert_eq!(self.next, Ticket::FIRST, "something was given before the session");
        let mut open = open.into_iter();
        let first = open.next().unwrap_or(next);
        let mut due = first.next();
        for ticket in open {
            if due < ticket {
                self.handed_back.push_back(due..ticket);
            }
            due = ticket.next();
        }
        self.next = next;
        self.undecided = first;
        self.untold = first;
        self.counted = Some(Ticket::FIRST);
    }
}

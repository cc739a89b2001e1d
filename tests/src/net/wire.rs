//! The network between the two sides: what is under way, and how it is cut.

use std::collections::VecDeque;

use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Input, Transmit};
use xmpp_ws::time::Instant;

use super::Net;

/// Where and how a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// After so many messages, in both directions, of all connections.
    pub at: usize,
    /// What becomes of the last of them.
    pub last: Last,
    /// Whether the service notices. Otherwise its connection stays there, half-open.
    pub noticed: bool,
}

/// What becomes of the message at which a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Last {
    /// It arrives, with all that went before it; nothing in the other direction does any more.
    Arrives,
    /// It is lost, with all that is under way.
    IsLost,
    /// It cannot even be written: whose it is learns that before it learns of the cut.
    IsUnwritable,
}

/// What is wrong with the network and at its ends, for as long as it lasts.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each goes wrong for itself")]
pub struct Trouble {
    /// Nothing arrives, and nobody learns of it. The connection that there is stays so.
    pub swallows: bool,
    /// Nobody listens where the client dials to.
    pub refuses_dials: bool,
    /// The client's application takes no events.
    pub client_is_slow: bool,
    /// The service's application takes no events.
    pub service_is_slow: bool,
    /// The client's process stands still: when it goes on, it sees first what is at hand, and then the time.
    pub client_sleeps: bool,
    /// The network takes nothing from the client.
    pub client_is_stuck: bool,
    /// The network takes nothing from the service.
    pub service_is_stuck: bool,
}

/// The present connection.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Link {
    None,
    /// It will be there then.
    Dialing(Instant),
    Up,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Arrival {
    Input(Input),
    /// The connection ends behind the message before.
    Cut {
        noticed: bool,
    },
}

/// What is under way in one direction.
pub(super) type Way = VecDeque<(Instant, Arrival)>;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Net {
    pub(super) fn dial(&mut self) {
        self.give_up();
        self.link = Link::Dialing(self.now + self.latency);
    }

    /// There is no connection any more, nor the way to one.
    pub(super) fn give_up(&mut self) {
        self.drop_link();
        self.link = Link::None;
    }

    /// The dial has its answer.
    pub(super) fn answer_dial(&mut self) {
        let now = self.client_now();
        self.link = Link::None;
        if self.trouble.swallows {
            // Nobody answers.
        } else if self.trouble.refuses_dials {
            let error = DialError::new(DialErrorKind::Unreachable, "a test");
            self.client.handle(now, Input::ConnectFailed(error));
        } else {
            self.link = Link::Up;
            self.is_dead = false;
            self.service.accept(self.now, connection());
            self.client.handle(now, Input::Connected(connection()));
        }
    }

    pub(super) fn cross(&mut self, from: Side, transmit: Transmit) {
        if self.link != Link::Up {
            return;
        }
        self.crossed += 1;
        if from == Side::Client && self.is_poison(&transmit) {
            return self.break_link(true);
        }
        let fault = self.faults.front().copied().filter(|fault| fault.at <= self.crossed);
        let input = carried(transmit);
        if self.is_dead {
            return;
        }
        let Some(fault) = fault else {
            return self.carry(from, Arrival::Input(input));
        };
        self.faults.pop_front();
        match fault.last {
            Last::Arrives => {
                self.carry(from, Arrival::Input(input));
                self.carry(from, Arrival::Cut { noticed: fault.noticed });
                self.is_dead = true;
                match from {
                    Side::Client => self.to_client.clear(),
                    Side::Server => self.to_server.clear(),
                }
            }
            Last::IsLost => self.break_link(fault.noticed),
            Last::IsUnwritable => {
                match from {
                    Side::Client => self.client.handle(self.client_now(), Input::Unwritable),
                    Side::Server => self.service.handle(self.now, Input::Unwritable),
                }
                self.break_link(fault.noticed || from == Side::Server);
            }
        }
    }

    fn is_poison(&self, transmit: &Transmit) -> bool {
        let Transmit::Text(text) = transmit else { return false };
        self.poison.iter().any(|poison| **poison == **text)
    }

    /// A WebSocket answers a ping by itself.
    pub(super) fn answer_ping(&mut self, by: Side, input: &Input) {
        let is_stuck = match by {
            Side::Client => self.trouble.client_is_stuck,
            Side::Server => self.trouble.service_is_stuck,
        };
        if *input == Input::Ping && !is_stuck && !self.is_dead {
            self.carry(by, Arrival::Input(Input::Pong));
        }
    }

    /// Nothing overtakes what went before it.
    fn carry(&mut self, from: Side, arrival: Arrival) {
        let way = match from {
            Side::Client => &mut self.to_server,
            Side::Server => &mut self.to_client,
        };
        let soonest = self.now + self.latency;
        let at = way.back().map_or(soonest, |(last, _)| soonest.max(*last));
        way.push_back((at, arrival));
    }

    /// Both ends learn that the connection is gone, unless the service does not notice.
    pub(super) fn break_link(&mut self, noticed: bool) {
        if self.link == Link::Up {
            self.lose_link(noticed);
            if self.trouble.client_sleeps {
                self.to_client.push_back((self.now, Arrival::Input(Input::Lost)));
            } else {
                self.client.handle(self.client_now(), Input::Lost);
            }
        }
    }

    /// The client leaves its connection for another one: the service sees that, if it is still there.
    pub(super) fn drop_link(&mut self) {
        if self.link == Link::Up {
            self.lose_link(!self.is_dead);
        }
    }

    /// The connection is gone from under the client.
    pub(super) fn lose_link(&mut self, noticed: bool) {
        self.link = Link::None;
        self.to_client.clear();
        self.to_server.clear();
        if noticed {
            self.service.handle(self.now, Input::Lost);
        } else {
            self.service.leave_half_open();
        }
    }
}

/// Takes what has arrived by now, if the one that it is for reads; a cut is seen all the same.
pub(super) fn due(way: &mut Way, now: Instant, reads: bool) -> Option<Arrival> {
    let is_due = next_arrival(way, reads).is_some_and(|at| at <= now);
    if is_due { way.pop_front().map(|(_, arrival)| arrival) } else { None }
}

/// When something arrives that is taken.
pub(super) fn next_arrival(way: &Way, reads: bool) -> Option<Instant> {
    let (at, arrival) = way.front()?;
    (reads || matches!(arrival, Arrival::Cut { .. })).then_some(*at)
}

/// A connection by whose certificate each side knows the other: a login that costs no time.
fn connection() -> Connection {
    let mut connection = Connection::new(true);
    connection.peer_certificate = Some("a certificate".into());
    connection
}

/// What the other side sees of it.
fn carried(transmit: Transmit) -> Input {
    match transmit {
        Transmit::Text(text) => Input::Text(text),
        Transmit::Ping => Input::Ping,
        Transmit::Close { code } => Input::Closed { code: Some(code) },
        Transmit::Drop | Transmit::Dial(_) | Transmit::Fetch(_) => {
            unreachable!("not a thing of a connection")
        }
    }
}

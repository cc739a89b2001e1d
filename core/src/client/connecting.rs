//! Between two connections: what is over, what comes next, and the way there.

use std::mem;

use super::life::Next;
use super::state::State;
use super::{Client, ClientConfig, ClientEvent};
use crate::discovery::{self, Discovery};
use crate::ending::Ending;
use crate::endpoint::{Fetch, Input, Transmit};
use crate::time::Instant;
use crate::timer::Timer;

impl Client {
    /// A connection is over, or could not be had.
    pub(super) fn go_on_after(&mut self, now: Instant, why: Ending) {
        self.note_poison(&why);
        if !self.connection.can_dial {
            return self.finish(why);
        }
        let location = self.resumption().and_then(|it| it.location.clone());
        let random = self.random.as_mut();
        match self.life.after(now, why.clone(), location.as_deref(), random) {
            Next::Over(why) => self.finish(why),
            Next::Elsewhere => {
                let uri = self.life.target().map(|target| target.uri.clone());
                if let Some(uri) = uri {
                    self.events.push(ClientEvent::Redirected(uri));
                }
                self.wait(now, why, now);
            }
            Next::At(until) => self.wait(now, why, until),
        }
    }

    /// Asks for a connection to where the way leads now, or asks first where that is.
    pub(super) fn dial(&mut self, now: Instant) {
        let Some(target) = self.life.target() else {
            let ClientConfig { account, limits, tolerance, .. } = &self.config;
            let discovery = Discovery::new(account, limits, *tolerance);
            return self.discover(now, discovery);
        };
        self.stream.start(Timer::Dial, now + self.config.limits.dial);
        self.stream.transmit(Transmit::Dial(target.clone()));
        self.state = State::Dialing;
    }

    fn discover(&mut self, now: Instant, discovery: Discovery) {
        match discovery.step() {
            discovery::Step::Fetch(uri) => {
                self.stream.start(Timer::Dial, now + self.config.limits.dial);
                self.stream.transmit(Transmit::Fetch(uri));
                self.state = State::Discovering(Box::new(discovery));
            }
            discovery::Step::Found(targets) => {
                self.events.push(ClientEvent::Discovered(targets.clone()));
                self.life.found(targets);
                self.dial(now);
            }
            discovery::Step::Failed(error) => self.go_on_after(now, Ending::NotFound(error)),
        }
    }

    pub(super) fn on_fetched(&mut self, now: Instant, fetch: Fetch) {
        self.state = match mem::replace(&mut self.state, State::Over) {
            // The answer to an earlier question is of no interest.
            State::Discovering(mut discovery)
                if discovery.step() == discovery::Step::Fetch(fetch.uri.clone()) =>
            {
                discovery.on_fetched(fetch);
                return self.discover(now, *discovery);
            }
            state => state,
        };
    }

    pub(super) fn on_dialing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Connected(connection) => self.on_connected(now, connection),
            Input::ConnectFailed(error) => self.go_on_after(now, Ending::NotConnected(error)),
            // Nothing else is of interest before there is a connection.
            _ => {}
        }
    }

    /// There is no connection any more, and another is due.
    fn wait(&mut self, now: Instant, why: Ending, until: Instant) {
        let again_in = until.since(now);
        let resumable = self.resumption().is_some();
        self.tell_fates();
        self.events.push(ClientEvent::Disconnected { why, resumable, again_in });
        self.state = State::Waiting { until };
        self.stream.renew();
        self.pending.rest(self.stream.outbox().first_unwritten());
        self.pass_waiting(now);
    }

    /// Dials when the time has come.
    pub(super) fn pass_waiting(&mut self, now: Instant) {
        if matches!(self.state, State::Waiting { until } if until <= now) {
            self.dial(now);
        }
    }

    /// A session that broke on what the server sent again would break on it for ever: the next one is another.
    fn note_poison(&mut self, why: &Ending) {
        if matches!((why, &self.state), (Ending::Violated(_), State::Ready { resumed: true, .. })) {
            self.forget_resumption();
        }
    }

    pub(super) fn forget_resumption(&mut self) {
        if let Some(session) = &mut self.session {
            session.resumption = None;
        }
    }
}

//! Between two connections: what is over, what comes next, and the way there.

use std::mem;

use super::life::Next;
use super::state::State;
use super::{Client, ClientConfig, ClientEvent};
use crate::discovery::{self, Discovery};
use crate::ending::Ending;
use crate::endpoint::{DialError, DialErrorKind, Fetch, Input, Transmit};
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
            return self.discover(now, Box::new(discovery));
        };
        self.stream.start(Timer::Dial, now + self.config.limits.dial);
        self.stream.transmit(Transmit::Dial(target.clone()));
        self.has_transport = true;
        self.state = State::Dialing;
    }

    fn discover(&mut self, now: Instant, discovery: Box<Discovery>) {
        match discovery.step() {
            discovery::Step::Fetch(uri) => {
                let until = now + self.config.limits.fetch;
                self.stream.transmit(Transmit::Fetch(uri.clone()));
                self.has_transport = true;
                self.state = State::Discovering { discovery, asked: uri, until };
            }
            discovery::Step::Found(targets) => {
                self.events.push(ClientEvent::Discovered(targets.clone()));
                self.life.found(targets);
                self.dial(now);
            }
            discovery::Step::Failed(error) => self.go_on_after(now, Ending::NotFound(error)),
        }
    }

    /// Takes note of what was asked for, before time passes: it is at hand, and only the transport is late.
    pub(super) fn note_answer(&mut self, input: &Input) {
        let is_answer = matches!(input, Input::Connected(_) | Input::ConnectFailed(_));
        let is_end = matches!(input, Input::Closed { .. } | Input::Lost | Input::ConnectFailed(_));
        if !(is_answer || is_end) || !self.is_asked() {
            return;
        }
        if is_answer && matches!(self.state, State::Dialing) {
            self.stream.stop(Timer::Dial);
        }
        if is_end {
            self.has_transport = false;
        }
    }

    /// Whether the transport knows what it shall open or fetch. What it tells before that is of what it did before.
    fn is_asked(&mut self) -> bool {
        !self.stream.outbox().will_dial()
    }

    pub(super) fn on_discovering(&mut self, now: Instant, input: Input) {
        let is_asked = self.is_asked();
        match (mem::replace(&mut self.state, State::Over), input) {
            // The answer to an earlier question is of no interest.
            (State::Discovering { discovery, asked, .. }, Input::Fetched(fetch))
                if is_asked && fetch.uri == asked =>
            {
                self.has_transport = false;
                self.on_fetched(now, discovery, fetch);
            }
            (State::Discovering { discovery, asked: uri, until }, _) if until <= now => {
                let outcome = Err(DialError::new(DialErrorKind::TimedOut, "nothing came"));
                self.on_fetched(now, discovery, Fetch { uri, outcome });
            }
            (state, _) => self.state = state,
        }
    }

    fn on_fetched(&mut self, now: Instant, mut discovery: Box<Discovery>, fetch: Fetch) {
        discovery.on_fetched(fetch);
        self.discover(now, discovery);
    }

    pub(super) fn on_dialing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Connected(connection) if self.is_asked() => self.on_connected(now, connection),
            Input::ConnectFailed(error) if self.is_asked() => {
                self.go_on_after(now, Ending::NotConnected(error));
            }
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
        // To dial is to drop what was there before.
        if matches!(self.state, State::Waiting { .. }) && mem::take(&mut self.has_transport) {
            self.stream.transmit(Transmit::Drop);
        }
    }

    /// Dials when the time has come.
    pub(super) fn pass_waiting(&mut self, now: Instant) {
        if matches!(self.state, State::Waiting { until } if until <= now) {
            self.dial(now);
        }
    }

    /// A session that broke on what is sent again, on either side, would break on it for ever: the next one is another.
    fn note_poison(&mut self, why: &Ending) {
        let is_servers =
            matches!((why, &self.state), (Ending::Violated(_), State::Ready { resumed: true, .. }));
        if is_servers || self.is_fruitless() {
            self.forget_resumption();
        }
    }
}

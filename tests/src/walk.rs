//! Walks over everything that can be done to an endpoint, steered by bytes: the bodies of the fuzz targets.
//!
//! Each step is a byte that says what, and what it needs is read from the bytes after it. Well-chosen answers lead
//! deep into a conversation, damaged ones off its path. After each step the promises of
//! [`Endpoint`] are looked at.

mod arrival;
mod client;
mod fates;
mod frame;
mod peer;
mod script;
mod server;
mod transport;
mod wire;

use std::collections::BTreeMap;

use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Ticket};
use xmpp_ws::error::Misuse;
use xmpp_ws::frame::Decoder;
use xmpp_ws::limits::{Limits, XmlLimits};
use xmpp_ws::time::Instant;
use xmpp_ws::tolerance::Tolerance;

pub use self::client::client;
use self::fates::Sent;
pub use self::frame::frame;
pub use self::peer::FRAMES;
use self::script::{Script, TIMES, input};
pub use self::server::server;
use self::transport::Asked;
use crate::{managed, managed_server};

/// What an event means to every role.
enum Told<R> {
    /// A request to be answered.
    Request(R),
    /// What became of these stanzas.
    Fate(Vec<Ticket>),
    /// The answer to a request of our own.
    Reply(Ticket),
    /// The last event.
    Ended(Ending),
    /// Anything else.
    Other,
}

/// What a role adds to the walk.
trait Role: Endpoint {
    type Request;

    fn told(event: Self::Event) -> Told<Self::Request>;
    /// What a well-behaved peer would say to this.
    fn reply(peer: &mut peer::Peer, said: &str) -> Option<String>;
    /// Whether it may wait for ever.
    fn is_bound(&self) -> bool;
    /// Answers a request of its own, well or not.
    fn decide(&mut self, now: Instant, request: Self::Request, script: &mut Script<'_>);
    /// Does something that only this role can. A ticket, if it asked for something.
    fn command(&mut self, now: Instant, script: &mut Script<'_>) -> Option<Result<Ticket, Misuse>>;
    /// Says that the network changed.
    fn nudge(&mut self, _: Instant) {}
}

#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was seen")]
struct Walk<E: Role> {
    endpoint: E,
    now: Instant,
    limits: Limits,
    heeds: bool,
    peer: peer::Peer,
    requests: Vec<E::Request>,
    tickets: BTreeMap<Ticket, Sent>,
    decoder: Decoder,
    /// The last text that was said.
    said: String,
    has_closed: bool,
    has_hung_up: bool,
    must_close: bool,
    /// Why it is over.
    ended: Option<Ending>,
    /// What the endpoint asked its transport for, and has no answer to.
    asked: Option<Asked>,
    /// Whether there is a connection, as far as the transport knows.
    is_open: bool,
    /// Whether it was ever logged in.
    was_bound: bool,
    /// How many connections were asked for.
    dials: usize,
    /// Whether the transport answers every other dial when its time has passed.
    is_late: bool,
    /// Whether the connection is gone, and no other was asked for.
    is_gone: bool,
    /// Makes the endpoint that goes on where this one is, in another process; where one can.
    successor: Option<Successor<E>>,
    /// Whether another connection follows one that is over.
    reconnects: bool,
}

type Successor<E> = Box<dyn Fn(&mut E, Instant) -> Option<E>>;

impl<E: Role> Walk<E> {
    fn new(endpoint: E, limits: Limits, heeds: bool) -> Self {
        Self {
            // A server is made with its connection.
            is_open: !endpoint.wants_dial(),
            was_bound: false,
            dials: 0,
            is_late: false,
            endpoint,
            now: Instant::ORIGIN,
            limits,
            heeds,
            peer: peer::Peer::default(),
            requests: Vec::new(),
            tickets: BTreeMap::new(),
            decoder: Decoder::new(XmlLimits::default(), Tolerance::strict()),
            said: String::new(),
            has_closed: false,
            has_hung_up: false,
            must_close: false,
            ended: None,
            asked: None,
            is_gone: false,
            successor: None,
            reconnects: false,
        }
    }

    fn run(mut self, mut script: Script<'_>) {
        while !script.is_empty() {
            self.step(&mut script);
            self.check();
        }
        self.finish();
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() % 16 {
            0..=3 => self.go_on(),
            4 => {
                let frame = script.pick(FRAMES);
                self.sees(Input::Text(frame.into()));
            }
            5 => self.damaged(script),
            6 => {
                let text = script.text();
                self.sees(Input::Text(text.into()));
            }
            7 => {
                let input = input(script);
                self.sees(input);
            }
            8 => {
                self.now = self.now + script.pick(TIMES);
                self.sees(Input::Timeout);
            }
            9 => self.pass_to_deadline(),
            10 => {
                self.take_one();
            }
            11 => self.take_all(),
            12 => {
                self.tell_one();
            }
            13 => self.send(script),
            14 => {
                if let Some(request) = self.requests.pop() {
                    self.endpoint.decide(self.now, request, script);
                }
            }
            _ => self.command(script),
        }
    }

    /// What a well-behaved peer, transport and application would do next.
    fn go_on(&mut self) {
        self.take_all();
        self.tell_all();
        if let Some(request) = self.requests.pop() {
            return self.endpoint.decide(self.now, request, &mut Script(&[]));
        }
        if self.is_late && self.dials % 2 == 1 && self.answer_late(self.dials / 2) {
            return;
        }
        if self.has_asked() {
            return self.answer_asked();
        }
        if self.is_gone || !self.is_open {
            return self.pass_to_deadline();
        }
        match E::reply(&mut self.peer, &self.said) {
            Some(answer) => self.sees(Input::Text(answer.into())),
            None if self.has_hung_up => self.sees(Input::Closed { code: Some(1000) }),
            None if self.said.is_empty() => self.sees(Input::Connected(Connection::new(true))),
            None => self.sees(Input::Text(peer::MESSAGE.into())),
        }
    }

    /// The same with a byte of it changed.
    fn damaged(&mut self, script: &mut Script<'_>) {
        self.take_all();
        let Some(answer) = E::reply(&mut self.peer, &self.said) else { return };
        let mut bytes = answer.into_bytes();
        let place = usize::from(script.byte()) * bytes.len() / 256;
        if let Some(byte) = bytes.get_mut(place) {
            *byte = script.pick(b"<>/'\"= &;:!?xX\0\x01\xff");
        }
        if let Ok(text) = String::from_utf8(bytes) {
            self.sees(Input::Text(text.into()));
        }
    }

    fn sees(&mut self, input: Input) {
        // Only a transport that waits for nobody, such as a browser's, reads on.
        if self.heeds && !self.endpoint.wants_input() && input != Input::Timeout {
            return;
        }
        self.is_gone |= matches!(input, Input::Lost | Input::Closed { .. });
        if matches!(input, Input::Connected(_) | Input::ConnectFailed(_)) {
            let is_answer = self.asked.take_if(|asked| matches!(asked, Asked::Dial)).is_some();
            self.is_open |= is_answer && matches!(input, Input::Connected(_));
            self.is_gone &= !is_answer;
        }
        self.endpoint.handle(self.now, input);
        self.was_bound |= self.endpoint.is_bound();
        let next = self.endpoint.poll_timeout();
        assert!(next.is_none_or(|at| at > self.now), "a deadline is left in the past: {next:?}");
    }

    fn pass_to_deadline(&mut self) {
        if let Some(at) = self.endpoint.poll_timeout() {
            self.now = self.now.max(at);
            self.sees(Input::Timeout);
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    fn send(&mut self, script: &mut Script<'_>) {
        let stanza = script.pick(peer::STANZAS);
        let stanza = if stanza.is_empty() { script.text() } else { stanza };
        let had_room = self.endpoint.has_room();
        let sent = self.endpoint.send(self.now, stanza.into());
        assert!(had_room || sent.is_err(), "there was no room");
        assert!(!had_room || sent != Err(Misuse::Full), "there was room");
        self.note_ticket(sent, false);
    }

    fn command(&mut self, script: &mut Script<'_>) {
        match script.byte() % 16 {
            0 => drop(self.endpoint.close(self.now)),
            2 => self.sees(Input::Text(managed::answer(script.byte().into()).into())),
            3 => self.sees(Input::Text(managed::resumed(script.byte().into()).into())),
            4 => {
                let failed = managed_server::failed("item-not-found");
                let counted = format!("<failed h='{}'", script.byte());
                self.sees(Input::Text(failed.replace("<failed", &counted).into()));
            }
            5 | 6 => self.go_on_elsewhere(),
            7 => self.sees(Input::Lost),
            9 => drop(self.answer_late(script.byte().into())),
            8 => {
                let host = script.byte();
                let close = format!("{}='wss://{host}.example/'/>", peer::CLOSE_TO);
                self.sees(Input::Text(close.into()));
            }
            1 => {
                self.endpoint.nudge(self.now);
                self.sees(Input::Timeout);
            }
            _ => {
                if let Some(sent) = self.endpoint.command(self.now, script) {
                    self.note_ticket(sent, true);
                }
            }
        }
    }

    /// Another process goes on with what this endpoint has.
    fn go_on_elsewhere(&mut self) {
        self.tell_all();
        let Some(successor) = &self.successor else { return };
        if let Some(endpoint) = successor(&mut self.endpoint, self.now) {
            self.endpoint = endpoint;
            self.requests.clear();
            self.asked = None;
            self.is_open = false;
        }
    }

    fn check(&mut self) {
        assert_eq!(self.endpoint.is_over(), self.has_ended());
        let next = self.endpoint.poll_timeout();
        assert!(next.is_none_or(|at| at > self.now), "a deadline is left in the past: {next:?}");
        if self.has_ended() {
            assert!(self.endpoint.poll_event().is_none());
            assert!(self.endpoint.poll_transmit().is_none());
            assert!(next.is_none() && self.endpoint.has_room());
            assert_eq!(self.endpoint.send(self.now, peer::MESSAGE.into()), Err(Misuse::Over));
        }
    }

    /// Left alone it ends in time, unless it may wait for ever; cut off it ends at once.
    fn finish(mut self) {
        if self.reconnects {
            self.arrive();
            for _ in 0..FEW {
                self.go_on();
            }
            let _ = self.endpoint.close(self.now);
        }
        for _ in 0..ENOUGH {
            self.take_all();
            self.tell_all();
            if self.endpoint.poll_timeout().is_none() {
                break;
            }
            self.pass_to_deadline();
        }
        self.take_all();
        self.tell_all();
        let may_wait = self.endpoint.is_bound() && self.limits.ping_after.is_none();
        assert!(self.has_ended() || may_wait, "it goes on for ever");
        self.endpoint.handle(self.now, Input::Lost);
        self.tell_all();
        assert!(self.has_ended(), "it outlives its connection");
        self.check();
    }
}

/// What the library says at once on its own: header, features, an error, `<close/>`, a close frame, a ping.
const FEW: usize = 8;
/// More deadlines than any endpoint has between its last input and its end.
const ENOUGH: usize = 1000;

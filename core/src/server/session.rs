//! A session that outlasts its connection (XEP-0198), as a server has it.

use std::time::Duration;

use super::Server;
use super::event::{Detached, NotResumed, ResumeRequest, ServerEvent};
use super::state::{Bound, State, Unbound};
use crate::condition::Condition;
use crate::csi;
use crate::ending::Ending;
use crate::error::{Incomplete, Misuse, Violation};
use crate::frame::{Frame, Nonza};
use crate::random::Purpose;
use crate::role::Role;
use crate::sm::{Element, Enable, Enabled, Failed, Position, Resumable, Suspended};
use crate::stanza_error::StanzaCondition;
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::Timer;

impl Server {
    /// Answers [`ServerEvent::ResumeRequested`]: the session goes on here. The client has [`Suspended::jid`] from now
    /// on, and what it does not have is sent to it before anything new; the tickets go on, too.
    ///
    /// Where the stream ended meanwhile ([`Misuse::Stale`]), or the session is not what was asked for
    /// ([`Misuse::OtherSession`], and the client is refused), it comes back. A client that claims to have more of it
    /// than it was sent is told so, and the session is over.
    pub fn resume(
        &mut self,
        now: Instant,
        request: ResumeRequest,
        session: Suspended,
    ) -> Result<(), NotResumed> {
        let hand_back = |why, session| Err(NotResumed { why, session: Box::new(session) });
        let (unbound, position) = match self.take_resume(&request) {
            Ok(asked) => asked,
            Err(why) => return hand_back(why, session),
        };
        if session.account() != unbound.account || session.id() != position.previd {
            self.state = self.on_not_resumed(now, unbound, None);
            self.go_on(now);
            return hand_back(Misuse::OtherSession, session);
        }
        self.state = self.on_resume(now, position, session);
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::ResumeRequested`]: there is no such session for this account any more. `handled`: how
    /// many of the client's stanzas were handled in it, where that is still known ([`Suspended::handled`]). The
    /// client goes on to bind a resource.
    pub fn refuse_resume(
        &mut self,
        now: Instant,
        request: ResumeRequest,
        handled: Option<u32>,
    ) -> Result<(), Misuse> {
        let (unbound, _) = self.take_resume(&request)?;
        self.state = self.on_not_resumed(now, unbound, handled);
        self.go_on(now);
        Ok(())
    }

    /// Takes the session away from a connection that is still there, and ends its stream with this error:
    /// [`Condition::Conflict`] where the session is resumed over another connection (RFC 6120 § 4.9.3.3),
    /// [`Condition::SystemShutdown`] where it shall be when this service is back.
    ///
    /// With it comes what this endpoint had still to tell. `None`, and nothing happens, unless
    /// [`is_resumable`](Self::is_resumable).
    pub fn detach(&mut self, now: Instant, why: Condition) -> Option<Detached> {
        if !self.is_resumable() {
            return None;
        }
        self.tell_fates();
        let session = self.suspend(now)?;
        let events = self.events.take();
        self.note_known_end();
        self.stream.fail_for(now, StreamError::new(why));
        self.go_on(now);
        Some(Detached { session, events })
    }

    /// Whether a stanza can be sent: the client is bound, and neither side has begun to end the stream. The
    /// opposite is told by [`ServerEvent::Closing`].
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Ready(_)) && self.stream.is_talking()
    }

    /// What names the session, while it [could go on](Self::is_resumable) without this connection: where a
    /// [`ResumeRequest`] asks for it, [`detach`](Self::detach) takes it from here.
    pub fn session_id(&self) -> Option<&str> {
        let resumable = self.state.bound()?.resumable.as_ref();
        resumable.filter(|_| self.is_resumable()).map(|it| it.id.as_str())
    }

    /// Whether the session would go on without this connection: [`ServerEvent::Suspended`] would come with its end.
    pub fn is_resumable(&self) -> bool {
        self.state.bound().is_some_and(|bound| bound.resumable.is_some())
            && self.stream.ending().is_none_or(outlasts)
    }

    // ---- before there is a session

    /// Whether sessions go on without their connections here.
    fn resumes(&self) -> bool {
        self.config.stream_management.as_ref().is_some_and(|it| it.max.is_some())
    }

    /// Whether this is one of the requests that stream management begins with.
    pub(super) fn is_session_request(&self, nonza: &Nonza) -> bool {
        let is_request = |element| {
            matches!(
                element,
                Ok(Element::Enable(_) | Element::Resume(_))
                    | Err(Violation::Incomplete(Incomplete::Resume))
            )
        };
        // What is addressed is never obeyed.
        self.config.stream_management.is_some()
            && !nonza.is_addressed()
            && Element::read(nonza).is_some_and(is_request)
    }

    /// `<enable/>` or `<resume/>`, and no resource is bound.
    pub(super) fn on_session_request(
        &mut self,
        now: Instant,
        state: State,
        nonza: &Nonza,
    ) -> State {
        match (Element::read(nonza), state) {
            // Nobody keeps a session here.
            (Some(Ok(Element::Resume(_))), State::AwaitBind(unbound)) if !self.resumes() => {
                self.on_not_resumed(now, unbound, None)
            }
            (Some(Ok(Element::Resume(position))), State::AwaitBind(unbound)) => {
                let serial = self.next_serial();
                let (account, previd) = (unbound.account.clone(), position.previd.clone());
                self.events.push(ServerEvent::ResumeRequested(ResumeRequest {
                    account,
                    previd,
                    serial,
                }));
                State::Resuming { unbound, position, serial }
            }
            (Some(Err(_)), state @ State::AwaitBind(_)) => {
                self.say_failed(StanzaCondition::BadRequest, None);
                state
            }
            // XEP-0198 § 3, § 5: stream management begins with a resource, and a session after the login.
            (_, state) => {
                self.say_failed(StanzaCondition::UnexpectedRequest, None);
                state
            }
        }
    }

    fn take_resume(&mut self, request: &ResumeRequest) -> Result<(Unbound, Position), Misuse> {
        match std::mem::replace(&mut self.state, State::Leaving) {
            State::Resuming { unbound, position, serial } if serial == request.serial => {
                Ok((unbound, position))
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    fn on_not_resumed(&mut self, now: Instant, unbound: Unbound, handled: Option<u32>) -> State {
        self.say_failed(StanzaCondition::ItemNotFound, handled);
        // XEP-0198 § 5: the same stream goes on to bind.
        self.on_no_session(now, unbound)
    }

    fn on_resume(&mut self, now: Instant, position: Position, session: Suspended) -> State {
        let (resumable, jid, moved) = session.into_parts(now);
        let h = moved.ledger.received();
        self.stream.outbox().move_in(moved);
        // The counters go on where they were.
        self.stream.count_received();
        if let Err(fault) = self.stream.acknowledge(position.h) {
            self.stream.on_count_too_high(now, fault);
            return State::Leaving;
        }
        self.stream.say(Position { previd: position.previd, h }.encode_resumed());
        let waits = self.stream.outbox().has_stanzas();
        let too_long = self.stream.resend();
        if !too_long.is_empty() {
            self.events.push(ServerEvent::Undelivered(too_long));
        }
        if waits {
            self.stream.request(now);
        }
        self.ready(now, jid, Some(resumable))
    }

    fn say_failed(&mut self, condition: StanzaCondition, h: Option<u32>) {
        self.stream.say(Failed { h, ..Failed::new(condition) }.encode());
    }

    // ---- bound

    /// What is no stanza, from a bound client.
    pub(super) fn on_nonza(&mut self, now: Instant, bound: &mut Bound, nonza: Nonza) {
        // What is addressed is never obeyed.
        if !nonza.is_addressed() {
            if let Some(active) = csi::read(&nonza) {
                self.events.push(ServerEvent::ClientState { active });
                return;
            }
            if self.is_session_request(&nonza) {
                return self.on_late_session_request(now, bound, &nonza);
            }
        }
        self.give_up(now, super::login::unexpected(&Frame::Nonza(nonza)));
    }

    fn on_late_session_request(&mut self, now: Instant, bound: &mut Bound, nonza: &Nonza) {
        match Element::read(nonza) {
            // XEP-0198 § 3: once.
            Some(Ok(Element::Enable(_))) if self.stream.outbox().ledger().is_some() => {
                self.stream.violated(now, Violation::EnabledTwice);
            }
            Some(Ok(Element::Enable(enable))) => self.enable(bound, enable),
            // XEP-0198 § 5: in place of a resource, not beside one.
            _ => self.say_failed(StanzaCondition::UnexpectedRequest, None),
        }
    }

    fn enable(&mut self, bound: &mut Bound, enable: Enable) {
        // <enabled/> could not be said any more.
        if !self.stream.is_talking() {
            return;
        }
        let config = self.config.stream_management.clone().unwrap_or_default();
        let whole = |max: Duration| Duration::from_secs(max.as_secs());
        let max = config.max.map(whole).filter(|max| enable.resume && !max.is_zero());
        // XEP-0198 § 5: as long as the client would like, but not longer than is held here.
        let wish = enable.max.filter(|wish| !wish.is_zero());
        let max = max.map(|max| wish.map_or(max, |wish| wish.min(max)));
        bound.resumable = max.map(|max| {
            let id = self.random.token(Purpose::ResumptionId);
            Resumable { id, max }
        });
        let id = bound.resumable.as_ref().map(|it| it.id.clone());
        let location = config.location.filter(|_| id.is_some()).map(|it| it.to_string());
        if let Some(id) = id.clone() {
            self.events.push(ServerEvent::Resumable { id });
        }
        self.stream.say(Enabled { id, max, location }.encode());
        // XEP-0198 § 4: both counts begin here.
        self.stream.count_sent();
        self.stream.count_received();
    }

    /// Tells once that the client has ended its session.
    pub(super) fn note_end(&mut self) {
        let is_ended = match self.stream.ending() {
            // What the peer said before its connection broke may still be read.
            None | Some(Ending::Lost { .. }) => false,
            Some(_) => !self.is_resumable(),
        };
        let bound = self.state.bound_mut().filter(|bound| is_ended && !bound.knows_end);
        if let Some(bound) = bound {
            bound.knows_end = true;
            bound.resumable = None;
            self.events.push(ServerEvent::Closing);
        }
    }

    fn note_known_end(&mut self) {
        if let Some(bound) = self.state.bound_mut() {
            bound.knows_end = true;
        }
    }

    /// Takes the session out, where it can be resumed. The fates that are decided must have been told.
    pub(super) fn suspend(&mut self, now: Instant) -> Option<Box<Suspended>> {
        let bound = self.state.bound_mut()?;
        let session = bound.resumable.take()?;
        let moved = self.stream.outbox().move_out()?;
        Some(Box::new(Suspended::new(now, session, bound.jid.clone(), moved)))
    }

    /// The application ends the stream, and the session with it, whatever still comes; a connection that is given up
    /// already keeps it.
    pub(super) fn end_session(&mut self) {
        self.note_known_end();
        if let Some(bound) = self.state.bound_mut().filter(|_| self.stream.ending().is_none()) {
            bound.resumable = None;
        }
    }

    /// Moves what was decided into the queue, before something else comes that concerns stanzas.
    pub(super) fn tell_fates(&mut self) {
        while let Some(fate) = self.stream.outbox().poll_fate() {
            self.events.push(fate.into());
        }
    }
}

/// Whether a session goes on after a connection that ended for this.
///
/// XEP-0198 § 5: it does unless the client closed its stream, or a stream error ended it. But that one side found the
/// other too silent only says that the connection is gone.
pub(super) fn outlasts(why: &Ending) -> bool {
    match why {
        Ending::Lost { .. } => true,
        Ending::TimedOut(timer) => {
            matches!(timer, Timer::Answer | Timer::Acknowledge | Timer::Write)
        }
        Ending::PeerError(error) => error.condition() == Condition::ConnectionTimeout,
        _ => false,
    }
}

//! One client of the embedded server.

mod login;

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Undelivered};
use xmpp_ws::error::Misuse;
use xmpp_ws::server::{Detached, Server, ServerEvent, Suspended};
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_tokio::Session;
use xmpp_ws_tokio::xmpp_ws_driver::Io;

use super::Service;
use super::hub::Member;
use super::strangers::{LEAVING_TIME, Standing};
use crate::router::{Order, Patience, Routed};
use crate::stop::Stop;

/// One client: its stream, and its place among the others once it is bound.
pub(super) struct Guest<I> {
    service: Arc<Service>,
    session: Session<Server, I>,
    standing: Standing,
    /// When it is cut off, once it had to make room.
    leave_at: Option<Instant>,
    member: Option<Member>,
    reading: Reading,
    /// A stanza that waits for room at its recipient, and for how long. No other is read meanwhile.
    waiting: Option<(Stanza, Instant)>,
    /// Why it is over, once an event has said so.
    why: Ending,
}

/// What is known of how the client reads.
#[derive(Clone, Copy)]
enum Reading {
    /// It takes what is sent to it.
    Well,
    /// There is no room for more, and it has until then to take something.
    Stuck { until: Instant },
    /// It was given up.
    Never,
}

/// What happened first.
enum Step {
    Event(Option<ServerEvent>),
    /// There may be something to take, or room for what waits.
    Rung,
    /// What waits has waited long enough.
    Impatient,
    /// The client has taken nothing for long enough.
    Deaf,
    /// Another client needs the place, and nobody has logged in here.
    Leave,
    /// It took too long to go.
    Late,
    Stop,
}

impl<I: Io> Guest<I> {
    pub(super) fn new(
        service: Arc<Service>,
        session: Session<Server, I>,
        standing: Standing,
    ) -> Self {
        Self {
            service,
            session,
            standing,
            leave_at: None,
            member: None,
            reading: Reading::Well,
            waiting: None,
            why: Ending::Lost { code: None },
        }
    }

    /// Serves it to its end, and tells why that came.
    pub(super) async fn run(mut self, mut stop: Stop) -> Ending {
        let mut is_stopping = false;
        loop {
            if self.member.as_ref().is_some_and(Member::is_wanted)
                && !self.release(Condition::Conflict)
            {
                // It is being closed.
                self.member = None;
            }
            self.hand_over();
            let heard_by = self.heard_by();
            let until = self.waiting.as_ref().map(|(_, until)| *until);
            let member = self.member.as_ref();
            let has_room = member.is_none_or(Member::has_room);
            let is_stranger = member.is_none() && self.leave_at.is_none();
            let step = tokio::select! {
                event = next(&mut self.session, until.is_some(), has_room) => Step::Event(event),
                () = rung(member) => Step::Rung,
                () = sleep_until_some(until) => Step::Impatient,
                () = sleep_until_some(heard_by) => Step::Deaf,
                () = self.standing.told_to_leave(), if is_stranger => Step::Leave,
                () = sleep_until_some(self.leave_at) => Step::Late,
                () = stop.wait(), if !is_stopping => Step::Stop,
            };
            match step {
                Step::Event(Some(event)) => self.on_event(event).await,
                Step::Event(None) | Step::Late => return self.why,
                Step::Rung => self.try_again(Patience::Some),
                Step::Impatient => self.try_again(Patience::AtAnEnd),
                Step::Deaf => self.on_deaf(),
                Step::Leave => {
                    self.leave_at = Some(Instant::now() + LEAVING_TIME);
                    // RFC 6120 § 4.9.3.17.
                    self.fail(Condition::ResourceConstraint);
                }
                Step::Stop => {
                    is_stopping = true;
                    self.fail(Condition::SystemShutdown);
                }
            }
        }
    }

    /// Gives the client what is there for it, as far as it takes it.
    fn hand_over(&mut self) {
        while let Some(order) = self.take() {
            match order {
                Order::End(condition) => self.fail(condition),
                Order::Send(stanza) => {
                    let why = match self.session.send(stanza.clone()) {
                        Ok(_) => continue,
                        // With its sender's address in it; no later try would be better.
                        Err(Misuse::TooLong { .. }) => StanzaCondition::PolicyViolation,
                        // Its stream is being closed.
                        Err(_) => StanzaCondition::RecipientUnavailable,
                    };
                    self.service.hub.hand_back(&stanza, why);
                }
            }
        }
    }

    fn take(&self) -> Option<Order> {
        let endpoint = self.session.endpoint();
        // While its stream is being ended what is for it waits: the session may go on over another.
        self.member.as_ref()?.take(endpoint.is_open() && endpoint.has_room())
    }

    /// By when the client must have read something, where that is due.
    ///
    /// It is no use to ping it instead: a client that does not read may talk all the same.
    fn heard_by(&mut self) -> Option<Instant> {
        let patience = self.service.server.limits.ping_answer;
        self.reading = match (self.reading, self.session.endpoint().has_room()) {
            (Reading::Never, _) => Reading::Never,
            (_, true) => Reading::Well,
            (Reading::Well, false) => Reading::Stuck { until: Instant::now() + patience },
            (stuck @ Reading::Stuck { .. }, false) => stuck,
        };
        match self.reading {
            Reading::Stuck { until } => Some(until),
            Reading::Well | Reading::Never => None,
        }
    }

    fn on_deaf(&mut self) {
        if !self.session.endpoint().has_room() {
            self.reading = Reading::Never;
            if !self.release(Condition::ConnectionTimeout) {
                self.fail(Condition::ConnectionTimeout);
            }
        }
    }

    async fn on_event(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::OpenRequested(request) => self.open(request),
            ServerEvent::CredentialsWanted(request) => self.look_up(request),
            ServerEvent::PasswordPresented(request) => self.verify(request).await,
            ServerEvent::BindRequested(request) => self.bind(request),
            ServerEvent::ResumeRequested(request) => self.resume(request).await,
            ServerEvent::Resumable { id } => self.can_resume(&id),
            ServerEvent::Stanza(stanza) => {
                self.route(stanza, Patience::Some, Instant::now() + PATIENCE);
            }
            ServerEvent::Unconfirmed(_) | ServerEvent::Acked(_) => self.on_read(),
            ServerEvent::Closing => self.member = None,
            ServerEvent::Undelivered(stanzas) => self.hand_back(&stanzas),
            ServerEvent::Suspended(session) => self.suspend(*session),
            ServerEvent::Ended(why) => {
                self.member = None;
                self.why = why;
            }
            _ => {}
        }
    }

    /// Something was written, so the client reads.
    fn on_read(&mut self) {
        if let Reading::Stuck { .. } = self.reading {
            self.reading = Reading::Well;
        }
    }

    /// What the client did not get goes back to who sent it.
    fn hand_back(&mut self, stanzas: &[Undelivered]) {
        // What is sent to the account goes elsewhere from now on.
        self.member = None;
        for undelivered in stanzas {
            // XEP-0198 § 4: also what was written, and may have been read: nobody knows.
            let why = StanzaCondition::RecipientUnavailable;
            self.service.hub.hand_back(&undelivered.stanza, why);
        }
    }

    /// The client is away from now on.
    fn suspend(&mut self, session: Suspended) {
        match self.member.take() {
            Some(member) => {
                tracing::info!(jid = %session.jid(), "suspended");
                member.go_away(session);
            }
            // It was released before.
            None => debug_assert!(false, "a session without a place"),
        }
    }

    /// Gives the session up, for the client to resume it.
    fn release(&mut self, why: Condition) -> bool {
        let detached = self.session.command(|server, now| server.detach(now, why));
        let Some(Detached { session, events, .. }) = detached else { return false };
        // What the client said here comes before what it says over its next connection, and nobody waits for it.
        self.try_again(Patience::AtAnEnd);
        for event in events {
            // All else is about this connection.
            if let ServerEvent::Stanza(stanza) = event {
                self.route(stanza, Patience::AtAnEnd, Instant::now());
            }
        }
        self.suspend(*session);
        true
    }

    fn try_again(&mut self, patience: Patience) {
        if let Some((stanza, until)) = self.waiting.take() {
            self.route(stanza, patience, until);
        }
    }

    fn route(&mut self, stanza: Stanza, patience: Patience, until: Instant) {
        let Some(member) = &self.member else { return };
        let language = self.session.endpoint().language();
        match member.route(&stanza, language, patience) {
            Routed::Done => {}
            Routed::Wait => self.waiting = Some((stanza, until)),
        }
    }

    fn fail(&mut self, condition: Condition) {
        let error = StreamError::new(condition);
        // It is over already, otherwise.
        let _ = self.session.command(|server, now| server.fail(now, error));
    }
}

/// The next event; none while a stanza waits, and none while the client does not read what it made (`has_room`: more
/// of that can wait. A client's acknowledgement may stand behind many stanzas).
async fn next<I: Io>(
    session: &mut Session<Server, I>,
    waits: bool,
    has_room: bool,
) -> Option<ServerEvent> {
    if waits {
        session.flush().await;
        return pending().await;
    }
    if !has_room {
        session.ready().await;
    }
    session.next().await
}

async fn rung(member: Option<&Member>) {
    match member {
        Some(member) => member.rung().await,
        None => pending().await,
    }
}

async fn sleep_until_some(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}

/// How long a sender waits for a recipient who does not read. Others' stanzas go their way meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

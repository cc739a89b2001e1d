//! The conversation between standard input and a server.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::time::Duration;

use bytestring::ByteString;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input as Heard, Ticket, Undelivered};
use xmpp_ws::error::Misuse;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::timer::Timer;
use xmpp_ws_tokio::{ClientIo, Session};

use super::advice::Circumstances;
use super::event::Event;
use super::lines::Line;
use super::sent::Sent;
use crate::output::Output;
use crate::status::Status;
use crate::stop::Signals;

/// One session, its input and its output.
pub(super) struct Talk {
    session: Session<Client, ClientIo>,
    lines: mpsc::Receiver<Line>,
    output: Output,
    input: Input,
    /// A line that was read and cannot be sent yet.
    waiting: Option<ByteString>,
    /// Answers of our own that cannot be sent yet.
    answers: VecDeque<ByteString>,
    sent: Sent,
    /// Whether the client was ever logged in.
    was_bound: bool,
    here: Circumstances,
    /// Whether stanzas were handed back, and nobody sends them again.
    is_undelivered: bool,
    /// Whether a line of input could not be sent for its own fault.
    has_bad_input: bool,
    /// How long it may take at the end of the input until more is known of what was sent.
    linger: Duration,
    /// When nothing more is waited for, after the end of the input.
    give_up_at: Option<Instant>,
    /// When the stream is given up that is being closed.
    leave_at: Option<Instant>,
}

/// What is done with the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Input {
    /// It waits: nothing can be sent before the first login.
    Held,
    /// Each line is sent, or waits in the client for a connection.
    Sent,
    /// There is no more. The stream is closed as soon as it is known what became of each line.
    Ended,
    /// It does not matter any more.
    Over,
}

/// What happened first.
enum Step {
    Event(Option<ClientEvent>),
    /// There is room for an answer that waits.
    Room,
    Line(Option<Line>),
    Signal,
    /// The server has said nothing of what was sent for too long.
    Impatient,
    /// The stream took too long to be closed.
    Stuck,
}

impl Talk {
    pub(super) fn new(
        session: Session<Client, ClientIo>,
        lines: mpsc::Receiver<Line>,
        output: Output,
        here: Circumstances,
        linger: Duration,
    ) -> Self {
        Self {
            session,
            lines,
            output,
            input: Input::Held,
            waiting: None,
            answers: VecDeque::new(),
            sent: Sent::default(),
            was_bound: false,
            here,
            is_undelivered: false,
            has_bad_input: false,
            linger,
            give_up_at: None,
            leave_at: None,
        }
    }

    /// Talks to the end. An error means that nobody listens to what is told.
    pub(super) async fn run(mut self, mut signals: Signals) -> io::Result<Status> {
        let mut status = Status::Failed;
        let mut is_signalled = false;
        loop {
            self.go_on()?;
            let may_answer = self.answers.len() < MAX_ANSWERS;
            let may_send = self.input == Input::Sent
                && self.waiting.is_none()
                && self.session.endpoint().has_room();
            let step = tokio::select! {
                step = next(&mut self.session, may_answer) => step,
                line = self.lines.recv(), if may_send => Step::Line(line),
                () = signals.next() => Step::Signal,
                () = until(self.give_up_at) => Step::Impatient,
                () = until(self.leave_at) => Step::Stuck,
            };
            match step {
                Step::Event(Some(ClientEvent::Ended(ending))) => status = self.on_end(&ending)?,
                Step::Event(Some(event)) => self.on_event(event)?,
                Step::Event(None) => return Ok(status),
                Step::Room => {}
                Step::Line(Some(Ok(line))) => self.on_line(line.into())?,
                Step::Line(Some(Err(error))) => self.on_bad_input(error)?,
                Step::Line(None) => self.on_end_of_input(),
                Step::Signal if !is_signalled => {
                    is_signalled = true;
                    self.leave();
                }
                Step::Impatient => self.leave(),
                Step::Signal | Step::Stuck => return Ok(self.give_up()?.unwrap_or(status)),
            }
        }
    }

    /// Sends what waits; closes the stream when nothing is left to wait for.
    fn go_on(&mut self) -> io::Result<()> {
        while let Some(answer) = self.answers.front() {
            match self.session.send(answer.clone()) {
                Err(Misuse::Full) => break,
                // It is sent, or the session is gone in which it was asked for.
                Ok(_) | Err(_) => self.answers.pop_front(),
            };
        }
        if let Some(line) = self.waiting.take() {
            self.on_line(line)?;
        }
        let is_settled = self.waiting.is_none() && self.sent.is_settled();
        // Without a connection there is nothing that could be closed in good order: the server would keep the session.
        if self.input == Input::Ended && is_settled && self.session.endpoint().jid().is_some() {
            self.close();
        }
        Ok(())
    }

    fn on_event(&mut self, event: ClientEvent) -> io::Result<()> {
        match event {
            ClientEvent::Discovered(targets) => self.tell(&Event::discovered(&targets)),
            ClientEvent::Connected { secure } => {
                self.here.was_connected = true;
                self.here.was_secure = secure;
                Ok(())
            }
            ClientEvent::Bound(jid) => {
                self.on_bound();
                self.tell(&Event::Bound { jid: jid.to_string() })
            }
            ClientEvent::Resumed => self.tell(&Event::Resumed),
            ClientEvent::NotResumed(condition) => self.tell(&Event::not_resumed(condition)),
            ClientEvent::Disconnected { why, resumable, again_in } => {
                self.here.was_connected = false;
                self.tell(&Event::disconnected(&why, resumable, Some(again_in)))
            }
            ClientEvent::Redirected(uri) => {
                self.tell(&Event::Redirected { uri: uri.to_string(), followed: true })
            }
            ClientEvent::Discarded { violation, text } => {
                self.tell(&Event::discarded(&violation, &text))
            }
            ClientEvent::Ignored(text) => self.tell(&Event::Ignored { xml: text.to_string() }),
            ClientEvent::Stanza(stanza) => {
                self.answer(&stanza);
                self.tell(&Event::Stanza { xml: stanza.xml().to_string() })
            }
            ClientEvent::Acked(ticket) => match self.settle(ticket) {
                Some(xml) => self.tell(&Event::Acked { ticket: ticket.number(), xml }),
                None => Ok(()),
            },
            ClientEvent::Unconfirmed(ticket) => match self.settle(ticket) {
                Some(xml) => self.tell(&Event::Unconfirmed { xml: vec![xml] }),
                None => Ok(()),
            },
            ClientEvent::Undelivered(stanzas) => self.on_undelivered(&stanzas),
            // No request was made whose answer would be waited for, and the password is known.
            _ => Ok(()),
        }
    }

    fn on_bound(&mut self) {
        self.was_bound = true;
        if self.input == Input::Held {
            self.input = Input::Sent;
        }
        // Whoever writes the lines was told of those that were lost, and can write them again.
        if self.input == Input::Sent {
            self.is_undelivered = false;
        }
    }

    /// RFC 6120 § 8.2.3: whoever is asked must answer, and nobody else is here.
    fn answer(&mut self, stanza: &Stanza) {
        if stanza.is_request() {
            self.answers.push_back(stanza.error_reply(StanzaCondition::ServiceUnavailable));
        }
    }

    fn on_line(&mut self, line: ByteString) -> io::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        match self.session.send(line.clone()) {
            Ok(ticket) => {
                self.output.say(&format!("-> {line}"))?;
                self.sent.add(ticket, line);
            }
            // It is sent later, or handed back at the end.
            Err(Misuse::Full | Misuse::NotNow | Misuse::Over) => self.waiting = Some(line),
            Err(misuse) => self.on_bad_input(refusal(&misuse, &line))?,
        }
        Ok(())
    }

    fn on_bad_input(&mut self, why: impl ToString) -> io::Result<()> {
        self.has_bad_input = true;
        self.tell(&Event::error(BAD_INPUT, why))
    }

    /// Nothing is left to be sent: what is open is asked for now, and a connection is tried for now, once.
    fn on_end_of_input(&mut self) {
        self.input = Input::Ended;
        self.give_up_at = Some(Instant::now() + self.linger);
        self.session.nudge();
    }

    /// The fate of this line is known.
    fn settle(&mut self, ticket: Ticket) -> Option<String> {
        let line = self.sent.take(ticket)?;
        if let Some(at) = &mut self.give_up_at {
            *at = Instant::now() + self.linger;
        }
        Some(line)
    }

    fn on_undelivered(&mut self, stanzas: &[Undelivered]) -> io::Result<()> {
        let (mut xml, mut written) = (Vec::new(), Vec::new());
        for stanza in stanzas {
            // Answers of our own were not on the input.
            if let Some(line) = self.sent.take(stanza.ticket) {
                xml.push(line);
                written.push(stanza.written);
            }
        }
        self.tell_undelivered(xml, written)
    }

    fn tell_undelivered(&mut self, xml: Vec<String>, written: Vec<bool>) -> io::Result<()> {
        if xml.is_empty() {
            return Ok(());
        }
        self.is_undelivered = true;
        self.tell(&Event::Undelivered { xml, written })
    }

    /// Each line that was read has a fate, also where nobody ever was logged in.
    fn hand_back_unsent(&mut self) -> io::Result<()> {
        let mut unsent: Vec<String> = self.waiting.take().iter().map(ToString::to_string).collect();
        self.lines.close();
        while let Ok(line) = self.lines.try_recv() {
            match line {
                Ok(line) => unsent.extend(Some(line).filter(|line| !line.is_empty())),
                Err(error) => self.on_bad_input(error)?,
            }
        }
        let written = vec![false; unsent.len()];
        self.tell_undelivered(unsent, written)
    }

    fn on_end(&mut self, ending: &Ending) -> io::Result<Status> {
        self.hand_back_unsent()?;
        // Nobody here closed it, and nobody ever was logged in: a login that failed, however politely.
        let is_refused = *ending == Ending::Clean && !self.was_bound && self.input != Input::Over;
        self.input = Input::Over;
        if is_refused {
            self.tell(&Event::not_logged_in())?;
            return Ok(Status::Failed);
        }
        for event in Event::of_ending(ending, self.here) {
            self.tell(&event)?;
        }
        let is_good = *ending == Ending::Clean && !self.is_undelivered && !self.has_bad_input;
        Ok(if is_good { Status::Success } else { Status::Failed })
    }

    fn close(&mut self) {
        self.input = Input::Over;
        self.here.goes_on = false;
        self.give_up_at = None;
        // It is over already, otherwise.
        let _ = self.session.close();
    }

    /// Closes the stream, and waits for that no longer than this: the server may read nothing.
    fn leave(&mut self) {
        self.close();
        self.leave_at = Some(Instant::now() + CLOSE_TIME);
    }

    /// Ends it without the server, and tells what became of each line; `None`: that was told before.
    fn give_up(&mut self) -> io::Result<Option<Status>> {
        // Nothing is asked of the session any more, so that it misses nothing of what is taken from it here.
        let events: Vec<ClientEvent> = self.session.command(|client, now| {
            client.handle(now, Heard::Lost);
            std::iter::from_fn(|| client.poll_event()).collect()
        });
        let mut status = None;
        for event in events {
            match event {
                ClientEvent::Ended(Ending::Clean) => {
                    status = Some(self.on_end(&Ending::TimedOut(Timer::Close))?);
                }
                ClientEvent::Ended(ending) => status = Some(self.on_end(&ending)?),
                event => self.on_event(event)?,
            }
        }
        Ok(status)
    }

    fn tell(&self, event: &Event) -> io::Result<()> {
        self.output.write(event, event.words().as_deref())
    }
}

/// The next event. None is taken while too many answers wait: a server that asks without reading is not read from
/// either.
async fn next(session: &mut Session<Client, ClientIo>, may_answer: bool) -> Step {
    if may_answer {
        Step::Event(session.next().await)
    } else {
        session.ready().await;
        Step::Room
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Why a line was not sent.
fn refusal(misuse: &Misuse, line: &str) -> String {
    match misuse {
        Misuse::Xml(_) if !line.starts_with('<') => {
            "a line of the input is one stanza, such as <message to='bob@example.com'>\
             <body>Hi!</body></message>"
                .to_owned()
        }
        other => format!("a line of the input was not sent: {other}"),
    }
}

/// The condition of an error that is about one line of input.
const BAD_INPUT: &str = "bad-input";
/// How long the stream may take to be closed after a signal, or when nothing more is waited for.
const CLOSE_TIME: Duration = Duration::from_secs(5);
/// How many answers wait for room before nothing more that might be a request is taken.
const MAX_ANSWERS: usize = 64;

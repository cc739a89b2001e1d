//! The conversation between standard input and a server.

use std::collections::VecDeque;
use std::io;

use bytestring::ByteString;
use tokio::sync::mpsc;
use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Ticket};
use xmpp_ws::error::Misuse;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws_tokio::{ClientIo, Session};

use super::event::Event;
use super::lines::Line;
use crate::output::Output;
use crate::status::Status;
use crate::stop;

/// One session, its input and its output.
pub(super) struct Talk {
    session: Session<Client, ClientIo>,
    lines: mpsc::Receiver<Line>,
    output: Output,
    input: Input,
    /// The stanzas from the input whose fate is not known yet.
    sent: VecDeque<(Ticket, ByteString)>,
    was_connected: bool,
}

/// What is done with the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Input {
    /// It waits: nothing can be sent yet.
    Held,
    /// Each line is sent.
    Sent,
    /// There is no more, or it does not matter any more.
    Over,
}

/// What happened first.
enum Step {
    Event(Option<ClientEvent>),
    Line(Option<Line>),
    Signal,
}

impl Talk {
    pub(super) fn new(
        session: Session<Client, ClientIo>,
        lines: mpsc::Receiver<Line>,
        output: Output,
    ) -> Self {
        Self {
            session,
            lines,
            output,
            input: Input::Held,
            sent: VecDeque::new(),
            was_connected: false,
        }
    }

    /// Talks to the end. An error means that nobody listens to what is told.
    pub(super) async fn run(mut self) -> io::Result<Status> {
        let mut status = Status::Failed;
        let signal = stop::signalled();
        tokio::pin!(signal);
        let mut is_signalled = false;
        loop {
            let may_send = self.input == Input::Sent && self.session.endpoint().has_room();
            let step = tokio::select! {
                event = next(&mut self.session) => Step::Event(event),
                line = self.lines.recv(), if may_send => Step::Line(line),
                _ = &mut signal, if !is_signalled => Step::Signal,
            };
            match step {
                Step::Event(Some(ClientEvent::Ended(ending))) => status = self.on_end(&ending)?,
                Step::Event(Some(event)) => self.on_event(event)?,
                Step::Event(None) => return Ok(status),
                Step::Line(Some(Ok(line))) => self.on_line(line)?,
                Step::Line(Some(Err(error))) => self.tell(&Event::error(BAD_INPUT, error))?,
                Step::Line(None) => self.close(),
                Step::Signal => {
                    is_signalled = true;
                    self.close();
                }
            }
        }
    }

    fn on_event(&mut self, event: ClientEvent) -> io::Result<()> {
        match event {
            ClientEvent::Connected { .. } => self.was_connected = true,
            ClientEvent::Bound(jid) => {
                if self.input == Input::Held {
                    self.input = Input::Sent;
                }
                self.tell(&Event::Bound { jid: jid.to_string() })?;
            }
            ClientEvent::Stanza(stanza) => {
                self.tell(&Event::Stanza { xml: stanza.xml().to_string() })?;
                self.answer(&stanza);
            }
            ClientEvent::Acked(ticket) => {
                self.sent.retain(|(sent, _)| *sent != ticket);
                self.tell(&Event::Acked { ticket: ticket.number() })?;
            }
            ClientEvent::Unconfirmed(ticket) => {
                // Answers of our own were not on the input.
                if self.sent.front().is_some_and(|(sent, _)| *sent == ticket)
                    && let Some((_, xml)) = self.sent.pop_front()
                {
                    self.tell(&Event::Unconfirmed { xml: vec![xml.to_string()] })?;
                }
            }
            ClientEvent::Undelivered(unwritten) => {
                let xml = unwritten.iter().map(|it| it.stanza.to_string()).collect();
                self.tell(&Event::Undelivered { xml })?;
            }
            // No request was made whose answer would be waited for, and the password is known.
            _ => {}
        }
        Ok(())
    }

    /// RFC 6120 § 8.2.3: whoever is asked must answer, and nobody else is here.
    fn answer(&mut self, stanza: &Stanza) {
        if stanza.is_request() {
            let answer = stanza.error_reply(StanzaCondition::ServiceUnavailable);
            // The stream is being closed, otherwise: there was room.
            let _ = self.session.send(answer);
        }
    }

    fn on_line(&mut self, line: String) -> io::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        let stanza = ByteString::from(line);
        match self.session.send(stanza.clone()) {
            Ok(ticket) => {
                self.sent.push_back((ticket, stanza));
                Ok(())
            }
            Err(misuse) => self.tell(&Event::error(BAD_INPUT, refusal(&misuse, &stanza))),
        }
    }

    fn on_end(&mut self, ending: &Ending) -> io::Result<Status> {
        self.input = Input::Over;
        for event in Event::of_ending(ending, self.was_connected) {
            self.tell(&event)?;
        }
        Ok(if *ending == Ending::Clean { Status::Success } else { Status::Failed })
    }

    fn close(&mut self) {
        self.input = Input::Over;
        // It is over already, otherwise.
        let _ = self.session.close();
    }

    fn tell(&self, event: &Event) -> io::Result<()> {
        self.output.write(event, &event.words())
    }
}

/// The next event; none while the server does not read what is to be said.
async fn next(session: &mut Session<Client, ClientIo>) -> Option<ClientEvent> {
    session.ready().await;
    session.next().await
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

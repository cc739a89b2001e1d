//! A recorded server's half against our client.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use xmpp_ws::client::{Client, ClientEvent, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::error::Violation;
use xmpp_ws::sasl::{ChannelBinding, DerivedKeys, KeyDerivation, Mechanism, Password};
use xmpp_ws::time::Instant;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws::uri::Uri;

use super::account::{config, passwords, random};
use super::faults;
use super::history::{self, Leg};
use super::outcome::{Outcome, describe_counts};
use super::record::{Record, Transcript, data, is};
use super::said::{Login, Said, says_stanza};

/// What became of what our client sent, and of the session.
#[derive(Default)]
struct Tally {
    asked_again: usize,
    acked: usize,
    unconfirmed: usize,
    handed_back: usize,
    resent: usize,
    answered: usize,
    resumed: usize,
    not_resumed: usize,
    redirected: usize,
}

struct Replay<'a> {
    now: Instant,
    client: Client,
    said: Said,
    outcome: Outcome,
    tally: Tally,
    transcript: &'a Transcript,
    passwords: VecDeque<String>,
    manages: bool,
    /// The address that it is given where none was recorded.
    jid: String,
    /// Where the server sent it last.
    redirected: Option<Uri>,
    /// Whether this connection is over.
    is_gone: bool,
}

/// Replays what the server said, and on the connections before that one.
///
/// Where it is a stanza's XML that our client leaves for, it is told what becomes of the rest when that is passed over.
pub(crate) fn replay(all: &[Transcript], transcript: &Transcript) -> Outcome {
    let legs = history::of_client(all, transcript);
    let mut tolerance = Tolerance::default();
    // Some were recorded without TLS, and sent elsewhere there.
    tolerance.plain_without_tls = true;
    let mut outcome = Replay::new(&legs, transcript, tolerance).run(&legs);
    if outcome.is_bound && outcome.ends_with_ill_formed {
        let mut tolerance = tolerance;
        tolerance.ill_formed_stanzas = true;
        let lenient = Replay::new(&legs, transcript, tolerance).run(&legs).held_to(transcript);
        outcome.passing_over = Some(lenient.extent_with_reason());
    }
    outcome
}

impl<'a> Replay<'a> {
    fn new(legs: &[Leg<'a>], transcript: &'a Transcript, tolerance: Tolerance) -> Self {
        let connections = legs.iter().map(|leg| leg.transcript).chain([transcript]);
        let connections: Vec<_> = connections.collect();
        let mut config = config(&connections);
        config.tolerance = tolerance;
        Self {
            now: Instant::ORIGIN,
            manages: config.stream_management,
            jid: [config.account.bare_str(), "/before"].concat(),
            client: Client::new(config, random(&connections), Instant::ORIGIN),
            said: Said::new(),
            outcome: Outcome::new(transcript.count(false)),
            tally: Tally::default(),
            passwords: passwords(transcript),
            transcript,
            redirected: None,
            is_gone: false,
        }
    }

    fn run(mut self, legs: &[Leg<'_>]) -> Outcome {
        for leg in legs {
            self.begin(leg);
            if !self.connect(leg.transcript) || !self.live(leg) {
                self.outcome.stop("our client does not come back".into());
                return self.outcome;
            }
        }
        self.said.begin(Login::of(self.transcript), self.manages);
        if self.connect(self.transcript) {
            self.outcome.begin();
            self.records(&self.transcript.records);
        } else {
            self.outcome.stop("our client does not come back".into());
        }
        self.finish()
    }

    fn begin(&mut self, leg: &Leg<'_>) {
        match &leg.granted {
            Some(session) => self.said.begin_with(session, &self.jid),
            None => self.said.begin(Login::of(leg.transcript), self.manages),
        }
    }

    /// Waits until our client asks for a connection, and gives it one that can do what the recorded one could.
    fn connect(&mut self, transcript: &Transcript) -> bool {
        self.said.take(&mut self.client);
        if self.said.dialed.is_none() {
            // It waits, and then dials.
            let Some(at) = self.client.poll_timeout() else { return false };
            self.now = at;
            self.client.handle(self.now, Input::Timeout);
            self.said.take(&mut self.client);
        }
        let Some(target) = self.said.dialed.take() else { return false };
        if let Some(uri) = self.redirected.take() {
            assert_eq!(target.uri, uri, "{}: dials where it was sent", self.transcript.name);
        }
        let mut connection = Connection::new(true);
        // RFC 5802 § 6: who could bind to the channel, and thinks that the server cannot, says `y`.
        if transcript.texts(true).any(|it| is(it, "auth") && data(it).starts_with("y,")) {
            connection.channel_binding =
                Some(ChannelBinding::TlsExporter(Bytes::from_static(b"-")));
        }
        self.client.handle(self.now, Input::Connected(connection));
        self.is_gone = false;
        self.events();
        true
    }

    /// A connection that comes before: as far as it goes, then it is lost.
    fn live(&mut self, leg: &Leg<'_>) -> bool {
        self.records(leg.records);
        if !self.is_gone {
            self.client.handle(self.now, Input::Lost);
            self.events();
        }
        !self.client.is_over()
    }

    fn records(&mut self, records: &[Record]) {
        for record in records {
            if record.from_client {
                self.recorded_client(record);
            } else {
                self.recorded_server(record);
            }
            if self.client.is_over() || self.is_gone {
                break;
            }
        }
    }

    fn recorded_client(&mut self, record: &Record) {
        let Some(text) = record.text() else { return };
        if is(text, "close") {
            self.outcome.is_left_early = !self.outcome.is_bound;
            // Whatever its namespace: it means to leave. Ours may have left already.
            let _ = self.client.close(self.now);
            self.said.take(&mut self.client);
        } else {
            self.said.note(text);
        }
        self.go_on();
    }

    fn recorded_server(&mut self, record: &Record) {
        let before = self.said.take(&mut self.client);
        self.outcome.heed(&before);
        let input = match &record.input {
            Input::Text(text) => Input::Text(self.said.answer(text).into()),
            input => input.clone(),
        };
        let resumed = self.tally.resumed;
        self.client.handle(self.now, input);
        self.events();
        let mut said = self.said.take(&mut self.client);
        if self.tally.resumed > resumed {
            self.tally.resent += said.iter().filter(|it| says_stanza(it)).count();
        }
        said.extend(self.go_on());
        self.outcome.heed(&said);
        if let Input::Text(text) = &record.input {
            self.outcome.took(text, &said);
        }
    }

    /// Says what waits to be said, and answers what was not recorded.
    fn go_on(&mut self) -> Vec<Transmit> {
        let mut said = self.said.take(&mut self.client);
        while let Some(answer) = self.said.unrecorded() {
            self.client.handle(self.now, Input::Text(answer.into()));
            self.events();
            said.extend(self.said.take(&mut self.client));
        }
        said.extend(self.said.say(self.now, &mut self.client));
        self.events();
        said
    }

    fn events(&mut self) {
        while let Some(event) = self.client.poll_event() {
            match event {
                ClientEvent::KeysWanted(request) => {
                    let answer = keys(request.derivation());
                    let answer = request.answer(answer);
                    self.client.keys(self.now, answer).expect("the request was just made");
                }
                ClientEvent::PasswordWanted(request) => {
                    self.tally.asked_again += usize::from(request.failure.is_some());
                    let password = self.passwords.pop_front().expect("it is not asked more often");
                    let password = Password::new(&password);
                    let answered = self.client.password(self.now, request, &password);
                    answered.expect("the request was just made");
                }
                ClientEvent::Bound(_) => self.outcome.is_bound = true,
                ClientEvent::Resumed => {
                    self.outcome.is_bound = true;
                    self.tally.resumed += 1;
                }
                ClientEvent::NotResumed(_) => self.tally.not_resumed += 1,
                ClientEvent::Redirected(uri) => {
                    self.tally.redirected += 1;
                    self.redirected = Some(uri);
                }
                ClientEvent::Reply { reply: Reply::Result(_) | Reply::Error(..), .. } => {
                    self.tally.answered += 1;
                }
                ClientEvent::Acked(_) => self.tally.acked += 1,
                ClientEvent::Unconfirmed(_) => self.tally.unconfirmed += 1,
                ClientEvent::Undelivered(stanzas) => self.tally.handed_back += stanzas.len(),
                ClientEvent::Disconnected { why, .. } => self.end(&why),
                ClientEvent::Ended(why) if !self.is_gone => self.end(&why),
                _ => {}
            }
        }
    }

    fn end(&mut self, why: &Ending) {
        self.is_gone = true;
        let told = told(self.transcript, why, self.outcome.left_at());
        self.outcome.end(why.to_string(), told);
        let is_ill_formed =
            |it: &Violation| matches!(it, Violation::Xml(_) | Violation::StanzaNamespace);
        self.outcome.ends_with_ill_formed =
            matches!(why, Ending::Violated(violation) if is_ill_formed(violation));
    }

    /// What is not over yet ends as the record does: by nothing more being said.
    fn finish(mut self) -> Outcome {
        if !self.is_gone && !self.client.is_over() {
            self.client.handle(self.now, Input::Lost);
            self.events();
        }
        if !self.client.is_over() {
            self.client.close(self.now).expect("it is not over");
            self.events();
        }
        let Tally { acked, unconfirmed, handed_back, .. } = self.tally;
        let name = &self.transcript.name;
        assert_eq!(self.said.sent, acked + unconfirmed + handed_back, "{name}: each has its fate");
        self.outcome.mapped = std::mem::take(&mut self.said.mapped);
        self.outcome.fates = self.tally.describe(&self.said);
        self.outcome
    }
}

impl Tally {
    fn describe(&self, said: &Said) -> String {
        describe_counts(&[
            (self.asked_again, "asked again"),
            (self.redirected, "redirected"),
            (self.resumed, "resumed"),
            (self.not_resumed, "not resumed"),
            (said.sent, "sent"),
            (said.refused, "not sendable"),
            (self.resent, "resent"),
            (self.acked, "acked"),
            (self.unconfirmed, "unconfirmed"),
            (self.handed_back, "handed back"),
            (self.answered, "answered"),
        ])
    }
}

/// Keys by hash, salt and iterations.
type Kept = BTreeMap<(String, Vec<u8>, u32), DerivedKeys>;

thread_local! {
    /// Deriving takes long, and a server has few salts. All have the one password.
    static KEYS: RefCell<Kept> = const { RefCell::new(BTreeMap::new()) };
}

fn keys(derivation: &KeyDerivation) -> DerivedKeys {
    let hash = format!("{:?}", derivation.hash());
    let name = (hash, derivation.salt().to_vec(), derivation.iterations());
    KEYS.with_borrow_mut(|keys| {
        keys.entry(name).or_insert_with(|| derivation.clone().run()).clone()
    })
}

/// Why it is no whole replay; `None` where it ended as recorded. `at`: how much was taken before our side left.
fn told(transcript: &Transcript, why: &Ending, at: usize) -> Option<String> {
    let said = |what: &str| transcript.texts(false).any(|text| text.contains(what));
    let is_recorded = match why {
        // A server may go away in answer to the client's.
        Ending::Clean => said("<close") || transcript.says(true, "close"),
        Ending::Lost { .. } => true,
        Ending::PeerError(error) => said(&error.name),
        Ending::Redirected(uri) => said(uri),
        Ending::NotAuthenticated(failure) => said(&failure.name),
        _ => false,
    };
    let mechanism = transcript.mechanism();
    if !is_recorded && !mechanism.is_empty() && Mechanism::from_name(&mechanism).is_none() {
        return Some(format!("{mechanism} is not there"));
    }
    if is_recorded {
        return None;
    }
    // Where the server answers what ours would never say, it is the recorded client that is wrong.
    let is_surprised = matches!(
        why,
        Ending::Violated(
            Violation::OpenedTwice
                | Violation::OutOfOrder(_)
                | Violation::UnknownElement
                | Violation::WrongNamespace
                | Violation::OtherHost
                | Violation::Sasl(_)
        )
    );
    let frames_otherwise = transcript.texts(true).any(|text| text.contains("<stream:stream"));
    let fault = faults::of_client(transcript, at).filter(|_| is_surprised || frames_otherwise);
    Some(fault.map_or_else(|| why.to_string(), |fault| ["the recorded client ", fault].concat()))
}

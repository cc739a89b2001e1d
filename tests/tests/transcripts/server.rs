//! A recorded client's half against our server.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::random::Purpose;
use xmpp_ws::sasl::{Hash, Mechanism, Password, StoredKeys};
use xmpp_ws::server::{MemoryStore, ResumeRequest, Server, ServerEvent, SessionStore, Suspended};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::describe;
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::random::Recorded;

use super::counts::Counts;
use super::history;
use super::outcome::{Outcome, describe_counts};
use super::record::{Record, Transcript, attribute, data, is, scram};
use super::said::says_stanza;

/// What the recorded server added to each nonce, and its salt and iterations.
fn challenges(transcript: &Transcript) -> Vec<Challenge> {
    let mut nonces = transcript.texts(true).filter(|text| is(text, "auth")).map(data);
    let challenges = transcript.texts(false).filter(|text| is(text, "challenge")).map(data);
    challenges
        .filter_map(|challenge| {
            let first =
                nonces.find(|first| scram(&challenge, "r").starts_with(scram(first, "r")))?;
            let added = scram(&challenge, "r").strip_prefix(scram(&first, "r"))?;
            let salt = BASE64_STANDARD.decode(scram(&challenge, "s")).ok()?;
            Some((added.to_owned(), salt, scram(&challenge, "i").parse().ok()?))
        })
        .collect()
}

/// What was recorded of a challenge: the server's part of the nonce, the salt, the iterations.
type Challenge = (String, Vec<u8>, u32);

/// Keys by hash, salt and iterations.
type Kept = BTreeMap<(String, Vec<u8>, u32), StoredKeys>;

thread_local! {
    /// Deriving takes long, and a server has few salts.
    static KEYS: RefCell<Kept> = const { RefCell::new(BTreeMap::new()) };
}

fn keys(hash: Hash, salt: &[u8], iterations: u32) -> StoredKeys {
    let derive = || {
        StoredKeys::derive(hash, &Password::new("secret"), salt.to_vec(), iterations)
            .expect("the password can be prepared")
    };
    let name = (format!("{hash:?}"), salt.to_vec(), iterations);
    KEYS.with_borrow_mut(|keys| keys.entry(name).or_insert_with(derive).clone())
}

fn server(transcript: &Transcript, challenges: &[Challenge]) -> Server {
    let mut config = server_config();
    config.mechanisms.insert(0, Mechanism::ScramSha512);
    if transcript.mechanism() == "ANONYMOUS" {
        config.mechanisms = vec![Mechanism::Anonymous];
    }
    let nonces: VecDeque<String> = challenges.iter().map(|(added, ..)| added.clone()).collect();
    let enabled = transcript.texts(false).filter(|text| is(text, "enabled"));
    let sessions: VecDeque<String> = enabled.map(|text| attribute(text, "id")).collect();
    let random =
        Recorded::new(vec![(Purpose::ScramNonce, nonces), (Purpose::ResumptionId, sessions)]);
    Server::new(config, Connection::new(true), random, Instant::ORIGIN)
}

/// What became of what our server sent, and of the session.
#[derive(Default)]
struct Tally {
    sent: usize,
    acked: usize,
    unconfirmed: usize,
    handed_back: usize,
    resent: usize,
    resumed: usize,
    not_resumed: usize,
    suspended: usize,
}

/// One connection of the recorded client.
struct Replay<'a> {
    transcript: &'a Transcript,
    server: Server,
    challenges: Vec<Challenge>,
    counts: Counts,
    outcome: Outcome,
    tally: Tally,
    /// The sessions of clients that are away.
    store: MemoryStore,
}

/// Replays what the client said, and on the connections before that one.
pub(crate) fn replay(all: &[Transcript], transcript: &Transcript) -> Outcome {
    let mut store = MemoryStore::default();
    for leg in history::of_service(all, transcript) {
        let mut replay = Replay::new(leg.transcript, store);
        replay.records(leg.records);
        store = replay.leave();
    }
    let mut replay = Replay::new(transcript, store);
    let cut = Record { from_client: true, at: 0, input: Input::Lost };
    replay.records(&transcript.records);
    if !replay.is_over() {
        replay.records(&[cut]);
    }
    replay.outcome.fates = replay.tally.describe();
    replay.outcome
}

impl<'a> Replay<'a> {
    fn new(transcript: &'a Transcript, store: MemoryStore) -> Self {
        let challenges = challenges(transcript);
        let mut outcome = Outcome::new(transcript.count(true));
        if !challenges.is_empty() {
            outcome.mapped = vec!["the nonce"];
        }
        Self {
            server: server(transcript, &challenges),
            transcript,
            challenges,
            counts: Counts::default(),
            outcome,
            tally: Tally::default(),
            store,
        }
    }

    fn is_over(&self) -> bool {
        self.server.is_over() || !self.outcome.is_whole()
    }

    fn records(&mut self, records: &[Record]) {
        for record in records {
            if record.from_client {
                self.catch_up();
                self.recorded_client(&record.input);
            } else if let Some(text) = record.text() {
                self.counts.recorded.note(text);
            }
            if self.is_over() {
                break;
            }
        }
    }

    /// Sends what the recorded server had sent by now, for the client acknowledges it.
    fn catch_up(&mut self) {
        for stanza in self.counts.missing() {
            if self.server.is_open() {
                let sent = self.server.send(NOW, stanza);
                sent.expect("a server that counts is recorded with sound stanzas");
                self.tally.sent += 1;
            }
        }
        let said = self.take();
        self.counts.ours.note_all(&said);
    }

    fn recorded_client(&mut self, input: &Input) {
        let resumed = self.tally.resumed;
        self.server.handle(NOW, input.clone());
        self.events();
        self.outcome.is_bound |= self.server.jid().is_some();
        let said = self.take();
        if self.tally.resumed > resumed {
            self.tally.resent += said.iter().filter(|it| says_stanza(it)).count();
        }
        self.counts.ours.note_all(&said);
        self.outcome.heed(&said);
        if let Input::Text(text) = input {
            self.outcome.took(text, &said);
        }
        let is_refused = said.iter().any(|it| describe(it).contains("<invalid-mechanism/>"));
        if is_refused && self.transcript.says(false, "success") {
            self.outcome.stop("a mechanism that is not offered here".into());
        }
    }

    fn take(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.server.poll_transmit()).collect()
    }

    fn events(&mut self) {
        while let Some(event) = self.server.poll_event() {
            match event {
                ServerEvent::Ended(why) => self.outcome.end(why.to_string(), told(&why)),
                ServerEvent::Acked(_) => self.tally.acked += 1,
                ServerEvent::Unconfirmed(_) => self.tally.unconfirmed += 1,
                ServerEvent::Undelivered(stanzas) => self.tally.handed_back += stanzas.len(),
                ServerEvent::Suspended(session) => {
                    self.tally.suspended += 1;
                    self.keep(*session);
                }
                ServerEvent::ResumeRequested(request) => self.resume(request),
                event => answer(&mut self.server, event, &self.challenges),
            }
        }
    }

    fn keep(&mut self, session: Suspended) {
        let given_up = self.store.put(NOW, session);
        assert!(given_up.is_empty(), "{}: there is room", self.transcript.name);
    }

    fn resume(&mut self, request: ResumeRequest) {
        let session = self.store.take(NOW, request.account(), request.previd());
        let answered = if let Some(session) = session {
            let answered = self.server.resume(NOW, request, session).map_err(|it| it.why);
            // It is not where the client claims to have more of it than there was.
            self.tally.resumed += usize::from(self.server.is_open());
            answered
        } else {
            self.tally.not_resumed += 1;
            let handled = self.store.handled(NOW, request.account(), request.previd());
            self.server.refuse_resume(NOW, request, handled)
        };
        answered.expect("the request was just made");
    }

    /// The client comes back on another connection: where this one is still there, the session is taken from it.
    fn leave(mut self) -> MemoryStore {
        self.catch_up();
        if let Some(detached) = self.server.detach(NOW, Condition::Conflict) {
            assert!(detached.events.is_empty(), "caught up: {:?}", detached.events);
            self.keep(*detached.session);
        }
        self.store
    }
}

impl Tally {
    fn describe(&self) -> String {
        describe_counts(&[
            (self.resumed, "resumed"),
            (self.not_resumed, "not resumed"),
            (self.sent, "sent"),
            (self.resent, "resent"),
            (self.acked, "acked"),
            (self.unconfirmed, "unconfirmed"),
            (self.handed_back, "handed back"),
            (self.suspended, "suspended"),
        ])
    }
}

fn answer(server: &mut Server, event: ServerEvent, challenges: &[Challenge]) {
    let now = NOW;
    let known = |name: &str| ["alice", "bob", "carol"].contains(&name);
    let answered = match event {
        ServerEvent::OpenRequested(request) if request.to.as_str().starts_with("nosuch") => {
            let error = StreamError::new(Condition::HostUnknown);
            server.refuse(now, request, error).map_err(Misuse::from)
        }
        ServerEvent::OpenRequested(request) => server.accept(now, request),
        ServerEvent::CredentialsWanted(request) => {
            let recorded = challenges.first().filter(|_| known(request.username()));
            let keys = recorded.map(|(_, salt, count)| keys(request.hash(), salt, *count));
            server.credentials(now, request, keys.as_ref())
        }
        ServerEvent::PasswordPresented(request) => {
            let right = known(request.username()) && request.password() == "secret";
            let answer = if right { request.accept() } else { request.reject() };
            server.authenticate(now, answer)
        }
        ServerEvent::IdentityWanted(request) => {
            let guest = request.guest().to_owned();
            let is_guest = request.mechanism() == Mechanism::Anonymous;
            server.identify(now, request, is_guest.then_some(&*guest))
        }
        ServerEvent::BindRequested(request) => server.bind(now, request),
        _ => Ok(()),
    };
    answered.expect("the request was just made");
}

/// Why it is no whole replay; `None` where the client left, in good order or not.
fn told(why: &Ending) -> Option<String> {
    let is_clients = matches!(why, Ending::Clean | Ending::Lost { .. } | Ending::PeerError(_));
    let is_unknown_host =
        matches!(why, Ending::OwnError(error) if error.condition() == Condition::HostUnknown);
    (!is_clients && !is_unknown_host).then(|| why.to_string())
}

const NOW: Instant = Instant::ORIGIN;

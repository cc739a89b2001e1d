//! A recorded client's half against our server.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input};
use xmpp_ws::random::Purpose;
use xmpp_ws::sasl::{DecoySecret, Hash, Mechanism, Password, StoredKeys};
use xmpp_ws::server::{Server, ServerConfig, ServerEvent};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::describe;
use xmpp_ws_tests::random::Recorded;

use super::outcome::Outcome;
use super::record::{Transcript, data, is, scram};

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
    let mut config = ServerConfig::new(DecoySecret::new([7; 32]));
    config.mechanisms.insert(0, Mechanism::ScramSha512);
    if transcript.mechanism() == "ANONYMOUS" {
        config.mechanisms = vec![Mechanism::Anonymous];
    }
    let nonces: VecDeque<String> = challenges.iter().map(|(added, ..)| added.clone()).collect();
    let random = Recorded::new(vec![(Purpose::ScramNonce, nonces)]);
    Server::new(config, Connection::new(true), Box::new(random), Instant::ORIGIN)
}

/// Replays what the client said.
pub(crate) fn replay(transcript: &Transcript) -> Outcome {
    let now = Instant::ORIGIN;
    let challenges = challenges(transcript);
    let mut server = server(transcript, &challenges);
    let mut outcome = Outcome::new(transcript.count(true));
    if !challenges.is_empty() {
        outcome.mapped = vec!["the nonce"];
    }
    let inputs = transcript.records.iter().filter(|it| it.from_client).map(|it| it.input.clone());
    for input in inputs.chain([Input::Lost]) {
        let text = if let Input::Text(text) = &input { Some(text.clone()) } else { None };
        server.handle(now, input);
        while let Some(event) = server.poll_event() {
            if let ServerEvent::Ended(why) = &event {
                outcome.end(why.to_string(), told(why));
            }
            answer(&mut server, event, &challenges);
        }
        outcome.is_bound |= server.jid().is_some();
        let said: Vec<_> = std::iter::from_fn(|| server.poll_transmit()).collect();
        outcome.heed(&said);
        if let Some(text) = text {
            outcome.took(&text, &said);
        }
        let is_refused = said.iter().any(|it| describe(it).contains("<invalid-mechanism/>"));
        if is_refused && transcript.first(false, "success").is_some() {
            outcome.stop("a mechanism that is not offered here".into());
            break;
        }
        if server.is_over() {
            break;
        }
    }
    outcome
}

fn answer(server: &mut Server, event: ServerEvent, challenges: &[Challenge]) {
    let now = Instant::ORIGIN;
    let known = |name: &str| ["alice", "bob", "carol"].contains(&name);
    let answered = match event {
        ServerEvent::OpenRequested(request) if request.to.as_str().starts_with("nosuch") => {
            server.refuse(now, request, StreamError::new(Condition::HostUnknown))
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

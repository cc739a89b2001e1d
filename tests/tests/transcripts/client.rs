//! A recorded server's half against our client.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::random::Purpose;
use xmpp_ws::sasl::{DerivedKeys, KeyDerivation, Mechanism};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::random::Recorded;

use super::outcome::Outcome;
use super::record::{Transcript, attribute, data, is, scram};

/// The client that would have said what was recorded.
fn config(transcript: &Transcript) -> ClientConfig {
    let auth = transcript.first(true, "auth").unwrap_or_default();
    let message = data(auth);
    let (name, password) = match &*transcript.mechanism() {
        "PLAIN" => {
            let mut parts = message.split('\0').skip(1);
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        }
        _ => (scram(&message, "n"), "secret"),
    };
    let name = if name.is_empty() { "alice" } else { name };
    let open = transcript.first(true, "open").unwrap_or_default();
    let host = attribute(open, "to");
    let host = if host.is_empty() { "localhost" } else { &host };
    let bind = transcript.texts(true).find(|text| text.contains("<resource>"));
    let resource = bind.and_then(|bind| {
        let (_, rest) = bind.split_once("<resource>")?;
        Some(rest.split_once('<')?.0)
    });
    if transcript.mechanism() == "ANONYMOUS" {
        // A guest has no name.
        let account = host.parse().expect("a host");
        return ClientConfig::new(account, "wss://localhost/".parse().expect("a URI"));
    }
    let account = [name, "@", host, resource.map_or("", |_| "/"), resource.unwrap_or_default()];
    let account = account.concat().parse();
    let account = account.unwrap_or_else(|_| "alice@localhost".parse().expect("an address"));
    let uri = "wss://localhost/".parse().expect("a URI");
    let mut config = ClientConfig::new(account, uri);
    config.reconnect = None;
    config.stream_management = transcript.texts(true).any(|text| is(text, "enable"));
    config = config.with_password(if password.is_empty() { "secret" } else { password });
    if let Some(mechanism) = Mechanism::from_name(&transcript.mechanism()) {
        config.mechanisms = vec![mechanism];
    }
    config
}

fn random(transcript: &Transcript) -> Recorded {
    let nonces = transcript.texts(true).filter(|text| is(text, "auth")).map(data);
    let nonces: VecDeque<String> = nonces.map(|message| scram(&message, "r").to_owned()).collect();
    Recorded::new(vec![(
        Purpose::ScramNonce,
        nonces.into_iter().filter(|it| !it.is_empty()).collect(),
    )])
}

/// Replays what the server said.
pub(crate) fn replay(transcript: &Transcript) -> Outcome {
    let now = Instant::ORIGIN;
    let mut client = Client::new(config(transcript), Box::new(random(transcript)), now);
    client.handle(now, Input::Connected(Connection::new(true)));
    let mut outcome = Outcome::new(transcript.texts(false).count());
    let mut ids = Ids::new(transcript);
    for record in transcript.records.iter().filter(|record| !record.from_client) {
        ids.take(&mut client);
        let input = match &record.input {
            Input::Text(text) => Input::Text(ids.map(text).into()),
            input => input.clone(),
        };
        client.handle(now, input);
        while let Some(event) = client.poll_event() {
            match event {
                ClientEvent::KeysWanted(request) => {
                    let keys = keys(request.derivation());
                    client.keys(now, &request.answer(keys)).expect("the request was just made");
                }
                ClientEvent::Bound(_) => outcome.is_bound = true,
                ClientEvent::Ended(why) => outcome.end(why.to_string(), told(transcript, &why)),
                _ => {}
            }
        }
        let said = ids.take(&mut client);
        outcome.heed(&said);
        if let Input::Text(text) = &record.input {
            outcome.took(text, &said);
        }
        if client.is_over() {
            break;
        }
    }
    // What is not over yet ends as the record does: by nothing more being said.
    if !client.is_over() {
        client.handle(now, Input::Lost);
        while let Some(event) = client.poll_event() {
            if let ClientEvent::Ended(why) = event {
                outcome.end(why.to_string(), told(transcript, &why));
            }
        }
    }
    outcome.mapped = ids.mapped;
    outcome
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

/// Why it is no whole replay; `None` where it ended as recorded.
fn told(transcript: &Transcript, why: &Ending) -> Option<String> {
    let said = |what: &str| transcript.texts(false).any(|text| text.contains(what));
    let is_recorded = match why {
        Ending::Clean => said("<close"),
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
    let failures = transcript.texts(false).filter(|text| is(text, "failure")).count();
    if matches!(why, Ending::NotAuthenticated(_)) && failures > 1 {
        return Some("the recorded client tries again".into());
    }
    (!is_recorded).then(|| why.to_string())
}

/// The ids of requests: ours by the order in which they were made, as the recorded client's.
struct Ids {
    recorded: VecDeque<String>,
    pairs: Vec<(String, String)>,
    mapped: Vec<&'static str>,
}

impl Ids {
    fn new(transcript: &Transcript) -> Self {
        let own = |text: &&str| text.contains("xmpp-bind") || text.contains("xmpp-session");
        let recorded = transcript.texts(true).filter(|text| is(text, "iq")).filter(own);
        Self {
            recorded: recorded.map(|text| attribute(text, "id")).collect(),
            pairs: Vec::new(),
            mapped: Vec::new(),
        }
    }

    /// Takes what the client says.
    fn take(&mut self, client: &mut Client) -> Vec<Transmit> {
        let said: Vec<_> = std::iter::from_fn(|| client.poll_transmit()).collect();
        for transmit in &said {
            let Transmit::Text(text) = transmit else { continue };
            if !is(text, "iq") || attribute(text, "type") != "set" {
                continue;
            }
            if let Some(recorded) = self.recorded.pop_front() {
                self.pairs.push((recorded, attribute(text, "id")));
            }
        }
        said
    }

    fn map(&mut self, text: &str) -> String {
        let Some((old, new)) = self.pairs.iter().find(|(old, _)| {
            is(text, "iq") && attribute(text, "id") == *old && attribute(text, "type") != "set"
        }) else {
            return text.into();
        };
        self.mapped = vec!["ids"];
        let swap = |quote: &str| {
            let [old, new] = [old, new].map(|id| ["id=", quote, id, quote].concat());
            text.replacen(&old, &new, 1)
        };
        if text.contains(&["id='", old, "'"].concat()) { swap("'") } else { swap("\"") }
    }
}

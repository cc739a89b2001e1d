//! Clients that say anything.

use std::collections::BTreeMap;
use std::env;
use std::iter::once;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use xmpp_ws_tests::mutate::{Numbers, PIECES, edited};

use crate::login::{CLOSE, OPEN, Stage, auth, bind, bound, message, plain, response, until};
use crate::server::Server;
use crate::silence::SHORT;
use crate::trials::Trials;
use crate::wire::{CONTINUATION, FIN, Seen, TEXT, Wire, condition, frame, header};

/// A session that can be resumed.
struct Session {
    user: &'static str,
    id: String,
}

/// What a conversation has come to.
struct Heard {
    outcome: String,
    /// By what its session can be resumed.
    session: Option<String>,
}

/// Damaged conversations for `HOSTILE_SECONDS` (10), from the seed `HOSTILE_SEED` (1).
#[test]
fn random_clients_break_nothing() {
    let (seconds, seed) = (number("HOSTILE_SECONDS", 10), number("HOSTILE_SEED", 1));
    let trials = Trials::start(&[&SHORT[..], &["--resume-for", "2s"]].concat());
    let outcomes = Mutex::new(BTreeMap::new());
    let mut resident = Vec::new();
    // Both processors all the time, and some to come up to speed.
    let work = Duration::from_secs(2 * seconds + 10);
    trials.run_costly("random clients", 16 * 1024, work, |server| {
        let mut count = 0;
        for quarter in 0..4 {
            count += crowd(server, seed + quarter * ATTACKERS, seconds * 250, &outcomes);
            resident.push(server.process().resident());
        }
        let (first, last) = (resident.first().unwrap(), resident.last().unwrap());
        format!(
            "{count} conversations in {seconds} s from seed {seed}, {} kinds of an end; {first} KiB after a quarter, \
             {last} KiB at the end",
            outcomes.lock().expect("it is whole").len()
        )
    });
    let outcomes = outcomes.into_inner().expect("it is whole");
    eprintln!("seed {seed}, resident {resident:?} KiB, outcomes {outcomes:#?}");
    // Else they do not get far enough to break anything.
    assert!(outcomes.len() > 10, "there is little variety: {outcomes:?}");
    assert!(outcomes.contains_key("bound"));
    assert!(outcomes.contains_key("resumed"), "none is resumed: {outcomes:?}");
    let (first, last) = (resident.first().unwrap(), resident.last().unwrap());
    assert!(last.saturating_sub(*first) < 4096, "it grows: {resident:?} KiB");
    trials.finish(12 * 1024);
}

/// Some of them at the same time, for so long; tells how many conversations they had.
fn crowd(
    server: &Server,
    seed: u64,
    milliseconds: u64,
    outcomes: &Mutex<BTreeMap<String, usize>>,
) -> usize {
    let until = Instant::now() + Duration::from_millis(milliseconds);
    thread::scope(|scope| {
        let attackers: Vec<_> = (0..ATTACKERS)
            .map(|at| {
                let numbers = Numbers::new(seed + at);
                scope.spawn(move || attack(server, numbers, until, outcomes))
            })
            .collect();
        attackers.into_iter().map(|it| it.join().expect("it met nothing strange")).sum()
    })
}

fn attack(
    server: &Server,
    mut numbers: Numbers,
    until: Instant,
    outcomes: &Mutex<BTreeMap<String, usize>>,
) -> usize {
    let (mut count, mut sessions) = (0, Vec::new());
    while Instant::now() < until {
        let outcome = converse(server, &mut numbers, &mut sessions);
        *outcomes.lock().expect("it is whole").entry(outcome).or_default() += 1;
        count += 1;
    }
    count
}

/// One conversation with some damage, and how it ended. `sessions`: those that may be there to be resumed.
fn converse(server: &Server, numbers: &mut Numbers, sessions: &mut Vec<Session>) -> String {
    let (user, mut wire, mut texts) = begin(server, numbers, sessions);
    rearrange(&mut texts, numbers);
    let damaged = pick(numbers, texts.len() + 1);
    let mut heard = Heard { outcome: "silence".to_owned(), session: None };
    let mut end = None;
    for (at, text) in texts.iter().enumerate() {
        let bytes = if at == damaged {
            on_the_wire(&damage(text, numbers), numbers)
        } else {
            frame(FIN | TEXT, text.as_bytes())
        };
        if wire.bytes(&bytes).is_err() {
            end = Some("broken pipe".to_owned());
            break;
        }
        // Most wait for an answer; some go on at once.
        let wait = if pick(numbers, 4) == 0 { 1 } else { 150 };
        end = listen(&mut wire, Duration::from_millis(wait), &mut heard);
        // Some go before they say something wrong, and their session stays.
        if end.is_some() || (heard.session.is_some() && pick(numbers, 2) == 0) {
            break;
        }
    }
    // Some hang up without a word, some wait to be ended.
    if end.is_none() && pick(numbers, 2) == 0 {
        end = listen(&mut wire, Duration::from_millis(100), &mut heard);
    }
    sessions.extend(heard.session.map(|id| Session { user, id }));
    end.unwrap_or(heard.outcome)
}

/// Who it is, how far it is, and what it is to say. Most get in, and go on from there.
fn begin(
    server: &Server,
    numbers: &mut Numbers,
    sessions: &mut Vec<Session>,
) -> (&'static str, Wire, Vec<String>) {
    let user = *choose(&["mallory", "dave", "erin", "frank"], numbers);
    let resource = pick(numbers, 8).to_string();
    let left = sessions.len();
    match pick(numbers, 4) {
        0 if left > 0 => {
            let Session { user, id } = sessions.swap_remove(pick(numbers, left));
            let resume = format!("<resume xmlns='urn:xmpp:sm:3' h='0' previd='{id}'/>");
            let texts = once(resume).chain(stanzas(numbers)).collect();
            (user, until(server, Stage::Restarted, user, ""), texts)
        }
        0 | 1 => (user, Wire::open(server), conversation(user, &resource, numbers)),
        2 => (user, bound(server, user, &resource), stanzas(numbers)),
        _ => {
            let texts = once(ENABLE.to_owned()).chain(stanzas(numbers)).collect();
            (user, bound(server, user, &resource), texts)
        }
    }
}

/// Takes what there is; the end, if that is what comes.
fn listen(wire: &mut Wire, within: Duration, heard: &mut Heard) -> Option<String> {
    let mut within = within;
    loop {
        let outcome = &mut heard.outcome;
        match wire.next(within) {
            Seen::Text(text) => {
                if let Some(condition) = condition(&text) {
                    *outcome = condition;
                } else if text.contains("xmpp-sasl") && text.starts_with("<failure") {
                    "a failed login".clone_into(outcome);
                } else if text.contains("<jid>") {
                    "bound".clone_into(outcome);
                } else if let Some(id) = attribute(&text, "<enabled", "id") {
                    heard.session = Some(id);
                } else if let Some(id) = attribute(&text, "<resumed", "previd") {
                    heard.session = Some(id);
                    "resumed".clone_into(outcome);
                }
            }
            Seen::Ping(_) | Seen::Pong(_) => {}
            Seen::Close(code) => return Some(format!("{outcome}, {code:?}")),
            Seen::End => return Some(format!("{outcome}, end")),
            Seen::Reset => return Some(format!("{outcome}, reset")),
            Seen::Nothing => return None,
        }
        within = Duration::from_millis(2);
    }
}

/// What an attribute says of an element that begins like this, as this server writes it.
fn attribute(text: &str, begin: &str, name: &str) -> Option<String> {
    let (_, value) = text.strip_prefix(begin)?.split_once(&format!(" {name}='"))?;
    value.split('\'').next().map(str::to_owned)
}

/// What a client says from its <open/> to its <close/>.
fn conversation(user: &str, resource: &str, numbers: &mut Numbers) -> Vec<String> {
    let login = match pick(numbers, 4) {
        0 => vec![
            auth("SCRAM-SHA-256", &format!("n,,n={user},r=nonce")),
            response("c=biws,r=nonce,p=AAAA"),
        ],
        1 => vec![plain("", user, "wrong"), plain("", user, "secret")],
        _ => vec![plain("", user, "secret")],
    };
    let mut texts = vec![OPEN.to_owned()];
    texts.extend(login);
    texts.extend([OPEN.to_owned(), bind(resource)]);
    texts.extend(stanzas(numbers));
    texts.push(CLOSE.to_owned());
    texts
}

fn stanzas(numbers: &mut Numbers) -> Vec<String> {
    (0..=pick(numbers, 8)).map(|_| stanza(numbers)).collect()
}

fn stanza(numbers: &mut Numbers) -> String {
    if pick(numbers, 4) == 0 {
        return (*choose(&MANAGEMENT, numbers)).to_owned();
    }
    let to = *choose(&TARGETS, numbers);
    let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
    let kind = *choose(&KINDS, numbers);
    let name = *choose(&["message", "presence", "iq"], numbers);
    let content = *choose(&CONTENTS, numbers);
    let kind = if pick(numbers, 3) == 0 { String::new() } else { format!(" type='{kind}'") };
    format!("<{name} xmlns='jabber:client' id='i'{to}{kind}>{content}</{name}>")
}

/// Leaves one out, says one twice, swaps two, or puts something else in; mostly nothing of it.
fn rearrange(texts: &mut Vec<String>, numbers: &mut Numbers) {
    let (at, other) = (pick(numbers, texts.len()), pick(numbers, texts.len()));
    match pick(numbers, 12) {
        0 => drop(texts.remove(at)),
        1 => texts.insert(at, choose(texts, numbers).clone()),
        2 => texts.swap(at, other),
        3 => texts.insert(at, (*choose(PIECES, numbers)).to_owned()),
        4 => texts.insert(at, message("dave@localhost", &"a".repeat(pick(numbers, 400_000)))),
        _ => {}
    }
}

fn damage(text: &str, numbers: &mut Numbers) -> String {
    let edits = pick(numbers, 4);
    let edits: Vec<_> =
        (0..edits).map(|_| (pick(numbers, 1 << 20), pick(numbers, 1 << 20))).collect();
    edited(text, edits)
}

/// As a frame that may be one, or not.
fn on_the_wire(text: &str, numbers: &mut Numbers) -> Vec<u8> {
    let bytes = text.as_bytes();
    let at = pick(numbers, bytes.len() + 1);
    let (one, two) = bytes.split_at(at);
    match pick(numbers, 10) {
        0 => [frame(TEXT, one), frame(FIN | CONTINUATION, two)].concat(),
        1 => [frame(TEXT, one), frame(FIN | TEXT, two)].concat(),
        2 => frame(u8::try_from(pick(numbers, 256)).unwrap_or(FIN), bytes),
        3 => [header(FIN | TEXT, pick(numbers, 1 << 40) as u64), bytes.to_vec()].concat(),
        4 => one.to_vec(),
        5 => {
            let mut damaged = frame(FIN | TEXT, bytes);
            let at = pick(numbers, damaged.len());
            if let Some(byte) = damaged.get_mut(at) {
                *byte ^= 1 << pick(numbers, 8);
            }
            damaged
        }
        _ => frame(FIN | TEXT, bytes),
    }
}

fn pick(numbers: &mut Numbers, below: usize) -> usize {
    numbers.next().unwrap_or_default() % below.max(1)
}

fn choose<'a, T>(from: &'a [T], numbers: &mut Numbers) -> &'a T {
    from.get(pick(numbers, from.len())).expect("it is not empty")
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

const ATTACKERS: u64 = 8;

const ENABLE: &str = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";

/// XEP-0198.
const MANAGEMENT: [&str; 6] = [
    ENABLE,
    "<enable xmlns='urn:xmpp:sm:3'/>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h='0'/>",
    "<a xmlns='urn:xmpp:sm:3' h='3'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>",
];

const TARGETS: [&str; 8] = [
    "mallory@localhost",
    "dave@localhost/1",
    "dave@localhost/2",
    "localhost",
    "nobody@localhost",
    "x@elsewhere.example",
    "@",
    "",
];

const KINDS: [&str; 12] = [
    "chat",
    "normal",
    "headline",
    "error",
    "groupchat",
    "get",
    "set",
    "result",
    "unavailable",
    "probe",
    "subscribe",
    "x",
];

const CONTENTS: [&str; 8] = [
    "<body>a</body>",
    "<ping xmlns='urn:xmpp:ping'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='jabber:iq:roster'/>",
    "<priority>1</priority>",
    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
    "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
    "",
];

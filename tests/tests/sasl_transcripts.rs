//! Recorded logins of real clients at real servers, recomputed by both roles.
//!
//! The recordings are not part of this repository: they are looked for in `$XMPP_WS_CORPUS`, then beside the
//! checkout. Every account's password in them is `secret`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{ChannelBinding, DecoySecret, Failure, Mechanism, Password, StoredKeys};

const PASSWORD: &str = "secret";

/// The payloads of one login, in their order.
#[derive(Debug)]
struct Login {
    mechanism: Mechanism,
    messages: Vec<(&'static str, Vec<u8>)>,
}

#[test]
fn recorded_logins_come_out_the_same() {
    let Some(directory) = corpus() else {
        eprintln!(
            "no recordings: neither $XMPP_WS_CORPUS nor ../../shared/corpus has any; nothing was compared"
        );
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&directory)
        .expect("the recordings can be listed")
        .map(|entry| entry.expect("the recordings can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut seen = BTreeMap::new();
    for file in &files {
        for login in logins(file) {
            let outcome = match login.mechanism.scram_hash() {
                Some(_) => scram(&login),
                None if login.mechanism == Mechanism::Plain => plain(&login),
                None => continue,
            };
            let outcome =
                outcome.unwrap_or_else(|what| panic!("{}: {what}\n{login:?}", file.display()));
            *seen.entry((login.mechanism, outcome)).or_insert(0) += 1;
        }
    }
    for ((mechanism, outcome), count) in &seen {
        eprintln!("{count:4} {mechanism:14} {outcome}");
    }
    for mechanism in Mechanism::ALL
        .iter()
        .filter(|mechanism| mechanism.scram_hash().is_some() && !mechanism.binds())
    {
        assert!(
            seen.contains_key(&(*mechanism, "success")),
            "no {mechanism} in {}",
            directory.display()
        );
    }
}

/// Both halves of a SCRAM login; what became of it.
fn scram(login: &Login) -> Result<&'static str, String> {
    let mut messages = login.messages.iter().map(|(name, data)| (*name, data.as_slice()));
    let Some(("auth", client_first)) = messages.next() else {
        return Err("no auth".to_owned());
    };
    let Some((gs2, bare)) = split(client_first) else {
        return Ok("client's first is malformed");
    };
    let value = |text: &str, name: &str| {
        text.split(',').find_map(|part| part.strip_prefix(name)).map(str::to_owned)
    };
    let (Some(username), Some(nonce)) = (value(&bare, "n="), value(&bare, "r=")) else {
        return Ok("client's first is malformed");
    };
    let Some(("challenge", server_first)) = messages.next() else {
        return Ok("refused at once");
    };
    let server_first = str::from_utf8(server_first).map_err(|error| error.to_string())?;

    // The client, with the recorded nonce.
    let password = Password::new(PASSWORD);
    let authzid = value(&gs2, "a=");
    let channel = ChannelBinding::TlsExporter(vec![1; 32].into());
    let mut start = Start::new(&username, nonce.clone());
    start.password = Some(&password);
    start.channel_binding = Some(&channel).filter(|_| gs2.starts_with(['y', 'p']));
    start.authzid = authzid.as_deref();
    let (exchange, initial) =
        client::Exchange::start(login.mechanism, start).map_err(|error| error.to_string())?;
    same("client's first", initial.as_deref(), client_first)?;
    let step = exchange.challenge(server_first.as_bytes(), &ScramLimits::default());
    let Ok(client::Step::Derive(exchange, derivation)) = step else {
        return Err(format!("{step:?}"));
    };
    let (salt, iterations) = (derivation.salt().to_vec(), derivation.iterations());
    let keys = derivation.run();
    let (exchange, response) = exchange.derived(&keys).map_err(|error| error.to_string())?;

    // The server, with the recorded nonce and salt.
    let theirs = value(server_first, "r=")
        .and_then(|both| both.strip_prefix(nonce.as_str()).map(str::to_owned))
        .ok_or("a nonce that does not begin with the client's")?;
    let keys = keys.stored(salt, iterations).map_err(|error| error.to_string())?;
    let binding = Some(channel.clone()).filter(|_| login.mechanism.binds());
    let step = Exchange::start(login.mechanism, Some(client_first), theirs, binding);
    let Ok(Step::Lookup(server, lookup)) = step else {
        return Err(format!("{step:?}"));
    };
    if lookup.username != username {
        return Err(format!("{} looked up as {}", username, lookup.username));
    }
    let step = server.credentials(Some(&keys), &decoy(&keys));
    let Ok(Step::Challenge(server, challenge)) = step else {
        return Err(format!("{step:?}"));
    };
    same("server's first", Some(&challenge), server_first.as_bytes())?;

    let Some(("response", client_final)) = messages.next() else {
        return Ok("broken off");
    };
    let step = server.response(client_final);
    match (messages.next(), step) {
        (Some(("success", data)), Ok(Step::Success { data: Some(ours), .. })) => {
            same("client's final", Some(&response), client_final)?;
            same("server's final", Some(&ours), data)?;
            exchange.success(Some(data)).map_err(|fault| fault.to_string())?;
            Ok("success")
        }
        (Some(("failure", _)), Err(Failure::NotAuthorized | Failure::MalformedRequest)) => {
            if client_final == response {
                return Err("the server refused what is right".to_owned());
            }
            Ok("failure")
        }
        (next, step) => Err(format!("recorded {next:?}, but {step:?}")),
    }
}

/// A PLAIN login: the server reads it, and the client writes it just so.
fn plain(login: &Login) -> Result<&'static str, String> {
    let mut messages = login.messages.iter().map(|(name, data)| (*name, data.as_slice()));
    let Some((_, first)) = messages.next() else {
        return Err("no auth".to_owned());
    };
    let answer = messages.next().map(|(name, _)| name);
    let step = Exchange::start(login.mechanism, Some(first), String::new(), None);
    let check = match (step, answer) {
        (Ok(Step::CheckPassword(check)), _) => check,
        (Ok(other), _) => return Err(format!("{other:?}")),
        (Err(failure), Some("success")) => {
            return Err(format!("{failure}, but recorded a success"));
        }
        (Err(_), _) => return Ok("malformed"),
    };
    let password = Password::new(check.password());
    let mut start = Start::new(check.username(), String::new());
    start.password = Some(&password);
    start.authzid = check.authzid();
    let (_, initial) =
        client::Exchange::start(login.mechanism, start).map_err(|error| error.to_string())?;
    same("message", initial.as_deref(), first)?;
    match (check.password() == PASSWORD, answer) {
        (true, Some("success")) => Ok("success"),
        (false, Some("success")) => Err("a wrong password was accepted".to_owned()),
        _ => Ok("no success"),
    }
}

/// The logins in a recording, by the elements of SASL in it.
fn logins(file: &Path) -> Vec<Login> {
    let text = std::fs::read_to_string(file).expect("recordings can be read");
    let mut logins: Vec<Login> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let frame: Value =
            serde_json::from_str(line).expect("recordings are JSON, one object a line");
        if frame.get("op").and_then(Value::as_str) != Some("text") || frame.get("enc").is_some() {
            continue;
        }
        let Some(data) = frame.get("data").and_then(Value::as_str) else {
            continue;
        };
        let Some(name) = ["auth", "challenge", "response", "success", "failure"]
            .into_iter()
            .find(|name| data.strip_prefix('<').is_some_and(|rest| rest.starts_with(name)))
        else {
            continue;
        };
        if !data.contains("urn:ietf:params:xml:ns:xmpp-sasl") {
            continue;
        }
        let payload = match name {
            "failure" => Some(Vec::new()),
            _ => payload(data),
        };
        if name == "auth" {
            let mechanism =
                attribute(data, "mechanism").and_then(|name| Mechanism::from_name(&name));
            open = mechanism.is_some() && payload.is_some();
            logins.extend(
                mechanism
                    .filter(|_| open)
                    .map(|mechanism| Login { mechanism, messages: Vec::new() }),
            );
        }
        if let (true, Some(login)) = (open, logins.last_mut()) {
            match payload {
                Some(payload) => login.messages.push((name, payload)),
                None => open = false,
            }
            open &= !matches!(name, "success" | "failure");
        }
    }
    logins
}

/// The bytes in an element; `None` if they are not base64.
fn payload(element: &str) -> Option<Vec<u8>> {
    let Some((_, rest)) = element.split_once('>') else {
        return Some(Vec::new());
    };
    let text = rest.split_once('<').map_or("", |(text, _)| text);
    if text == "=" { Some(Vec::new()) } else { STANDARD.decode(text).ok() }
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let (_, rest) = element.split_once(&format!(" {name}="))?;
    let quote = rest.chars().next()?;
    rest.split(quote).nth(1).map(str::to_owned)
}

/// The GS2 header of a first message, and the rest.
fn split(message: &[u8]) -> Option<(String, String)> {
    let text = str::from_utf8(message).ok()?;
    let (comma, _) = text.match_indices(',').nth(1)?;
    let (gs2, rest) = text.split_at_checked(comma + 1)?;
    Some((gs2.to_owned(), rest.to_owned()))
}

fn same(what: &str, ours: Option<&[u8]>, recorded: &[u8]) -> Result<(), String> {
    if ours == Some(recorded) {
        return Ok(());
    }
    let ours = ours.map(String::from_utf8_lossy);
    Err(format!("{what}: ours is {ours:?}, recorded {:?}", String::from_utf8_lossy(recorded)))
}

fn decoy(keys: &StoredKeys) -> DecoySecret {
    DecoySecret::new([0; 32]).shaped_like(keys)
}

/// Where the recordings are, if they are anywhere.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let corpus = std::env::var_os("XMPP_WS_CORPUS").map_or(beside, PathBuf::from);
    Some(corpus.join("transcripts")).filter(|directory| directory.is_dir())
}

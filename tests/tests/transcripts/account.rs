//! Whose client was recorded, and what it is made with.

use std::collections::VecDeque;

use xmpp_ws::client::ClientConfig;
use xmpp_ws::random::Purpose;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws_tests::random::Recorded;

use super::record::{Transcript, attribute, data, is, namespace, scram};

/// The client that would have said what was recorded on these connections.
pub(crate) fn config(connections: &[&Transcript]) -> ClientConfig {
    let says =
        |what: &str| connections.iter().any(|it| it.texts(false).any(|it| it.contains(what)));
    let first = connections[0];
    let open = first.first(true, "open").unwrap_or_default();
    let host = Some(attribute(open, "to")).filter(|host| !host.is_empty());
    let host = host.unwrap_or_else(|| "localhost".into());
    // Where the server sends its clients to an address without TLS, they have come from one.
    let scheme =
        if says("see-other-uri='ws:") || says("see-other-uri=\"ws:") { "ws" } else { "wss" };
    let uri = [scheme, "://localhost/"].concat().parse().expect("a URI");
    let account = if first.mechanism() == "ANONYMOUS" {
        // A guest has no name.
        host.parse().expect("a host")
    } else {
        let resource = connections.iter().find_map(|it| resource(it));
        let resource = resource.map_or_else(String::new, |resource| ["/", resource].concat());
        let address = [&user(first), "@", &*host, &resource].concat().parse();
        address.unwrap_or_else(|_| "alice@localhost".parse().expect("an address"))
    };
    let mut config = ClientConfig::new(account, uri);
    if connections.len() == 1 {
        config.reconnect = None;
    }
    let manages = |it: &&Transcript| {
        let mut said = it.texts(true);
        said.any(|text| {
            (is(text, "enable") || is(text, "resume")) && namespace(text) == "urn:xmpp:sm:3"
        })
    };
    config.stream_management = connections.iter().any(manages);
    // Whoever tries again has to be asked again.
    let passwords = passwords(first);
    if passwords.len() == 1 || connections.len() > 1 {
        config = config.with_password(&passwords[0]);
    }
    config.limits.max_authentication_tries = u32::try_from(passwords.len()).expect("a few");
    let mechanisms = connections.iter().filter_map(|it| Mechanism::from_name(&it.mechanism()));
    // What was recorded of logins that bind was tried against servers that do not offer it.
    let mechanisms: Vec<_> = mechanisms.filter(|mechanism| !mechanism.binds()).collect();
    if !mechanisms.is_empty() {
        config.mechanisms = mechanisms;
        // It can, where the connection lets it.
        config.mechanisms.push(Mechanism::ScramSha1Plus);
    }
    config
}

fn user(transcript: &Transcript) -> String {
    let message = data(transcript.first(true, "auth").unwrap_or_default());
    let name = match &*transcript.mechanism() {
        "PLAIN" => message.split('\0').nth(1).unwrap_or_default(),
        _ => scram(&message, "n"),
    };
    if name.is_empty() { "alice".into() } else { name.into() }
}

/// The passwords that were tried, in order; all but those in PLAIN are taken to be the right one.
pub(crate) fn passwords(transcript: &Transcript) -> VecDeque<String> {
    let tried = transcript.texts(true).filter(|text| is(text, "auth"));
    let same = tried.filter(|auth| attribute(auth, "mechanism") == transcript.mechanism());
    let mut passwords: VecDeque<String> = same
        .map(|auth| {
            let message = data(auth);
            let password = message.split('\0').nth(2).filter(|it| !it.is_empty());
            password.unwrap_or("secret").to_owned()
        })
        .collect();
    if passwords.is_empty() {
        passwords.push_back("secret".into());
    }
    passwords
}

fn resource(transcript: &Transcript) -> Option<&str> {
    let bind = transcript.texts(true).find(|text| text.contains("<resource>"))?;
    let (_, rest) = bind.split_once("<resource>")?;
    Some(rest.split_once('<')?.0)
}

pub(crate) fn random(connections: &[&Transcript]) -> Recorded {
    let texts = connections.iter().flat_map(|it| it.texts(true));
    let nonces = texts.filter(|text| is(text, "auth")).map(data);
    let nonces: VecDeque<String> = nonces.map(|message| scram(&message, "r").to_owned()).collect();
    Recorded::new(vec![(
        Purpose::ScramNonce,
        nonces.into_iter().filter(|it| !it.is_empty()).collect(),
    )])
}

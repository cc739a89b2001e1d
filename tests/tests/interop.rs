//! The client against real servers: a Prosody and an ejabberd that the script `tests/run` starts.
//!
//! Without their addresses in the environment each test says so on standard error and ends.

use std::env;
use std::fmt::Write as _;
use std::time::Duration;

use tokio::time::timeout;
use xmpp_ws::client::{Client, ClientConfig, ClientEvent, Iq, Reply};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws::sasl::{Failure, Mechanism};
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_tokio::{ClientIo, OsRandom, Session, connect};
use xmpp_ws_tokio::{ClientTls, DialConfig};

type Live = Session<Client, ClientIo>;

/// The servers that are there: a name, and the address without and with TLS.
fn servers() -> Vec<(&'static str, String, String)> {
    let found: Vec<_> = ["PROSODY", "EJABBERD"]
        .into_iter()
        .filter_map(|name| {
            let plain = env::var(format!("XMPP_WS_{name}")).ok()?;
            Some((name, plain, env::var(format!("XMPP_WS_{name}_TLS")).ok()?))
        })
        .collect();
    if found.is_empty() {
        eprintln!(
            "left out: no server is named in XMPP_WS_PROSODY or XMPP_WS_EJABBERD (see tests/run)"
        );
    }
    found
}

fn config(uri: &str) -> ClientConfig {
    let account = "alice@localhost".parse().expect("an address");
    let mut config =
        ClientConfig::new(account, uri.parse().expect("a URI")).with_password("secret");
    config.tolerance.plain_without_tls = true;
    config
}

fn start(config: ClientConfig) -> Live {
    let mut dial = DialConfig::default();
    if let Ok(file) = env::var("XMPP_WS_SERVERS_CA") {
        dial.tls = Some(ClientTls::trusting_pem_file(file).expect("a certificate"));
    }
    start_with(dial, config)
}

fn start_with(dial: DialConfig, config: ClientConfig) -> Live {
    connect(dial, |now| Client::new(config, OsRandom, now))
}

async fn next(session: &mut Live) -> ClientEvent {
    let event = timeout(Duration::from_secs(20), session.next()).await;
    event.expect("an event in time").expect("an event before the end")
}

async fn until(session: &mut Live, wanted: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
    loop {
        let event = next(session).await;
        if wanted(&event) {
            return event;
        }
        assert!(!matches!(event, ClientEvent::Ended(_)), "ended too early: {event:?}");
    }
}

async fn ending(session: &mut Live) -> Ending {
    loop {
        if let ClientEvent::Ended(why) = next(session).await {
            let after = timeout(Duration::from_secs(5), session.next()).await;
            assert!(after.expect("an end in time").is_none(), "an event after the last one");
            return why;
        }
    }
}

async fn log_in(config: ClientConfig) -> Live {
    let mut session = start(config);
    until(&mut session, |event| matches!(event, ClientEvent::Bound(_))).await;
    session
}

#[tokio::test]
async fn a_client_talks_to_itself_and_leaves() {
    for (name, plain, tls) in servers() {
        for uri in [plain, tls] {
            let mut session = log_in(config(&uri)).await;
            let own = session.endpoint().jid().expect("bound").clone();
            let body = "Zwölf Boxkämpfer & <Sylt>";
            let mut message = String::new();
            write!(
                message,
                "<message to='{own}' type='chat' id='m1'><body>{}</body></message>",
                body.replace('&', "&amp;").replace('<', "&lt;")
            )
            .expect("memory");
            session.send("<presence/>").expect("bound");
            session.send(message).expect("bound");
            let event = until(&mut session, |event| {
                matches!(event, ClientEvent::Stanza(it) if it.kind() == StanzaKind::Message)
            })
            .await;
            let ClientEvent::Stanza(stanza) = event else { unreachable!("just matched") };
            assert_eq!(stanza.from().as_deref(), Some(own.as_str()), "{name} {uri}");
            let document = stanza.read();
            let received = document.root().children().find(|it| it.name() == "body");
            assert_eq!(received.expect("a body").text(), body, "{name} {uri}");
            session.close().expect("not over");
            assert_eq!(ending(&mut session).await, Ending::Clean, "{name} {uri}");
        }
    }
}

#[tokio::test]
async fn each_mechanism_logs_in() {
    for (name, plain, tls) in servers() {
        for (uri, secure) in [(plain, false), (tls, true)] {
            for mechanism in [
                Mechanism::ScramSha1,
                Mechanism::ScramSha256,
                Mechanism::ScramSha512,
                Mechanism::Plain,
            ] {
                // Prosody 0.12 has no SCRAM-SHA-512.
                if (name, mechanism) == ("PROSODY", Mechanism::ScramSha512) {
                    continue;
                }
                let mut only = config(&uri);
                only.mechanisms = vec![mechanism];
                let mut session = log_in(only).await;
                session.close().expect("not over");
                let ending = ending(&mut session).await;
                assert_eq!(ending, Ending::Clean, "{name} {mechanism} secure: {secure}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_password_ends_it_once_and_for_all() {
    for (name, plain, _) in servers() {
        let mut wrong = config(&plain);
        wrong.password = Some(xmpp_ws::sasl::Password::new("wrong"));
        let mut session = start(wrong);
        match ending(&mut session).await {
            Ending::NotAuthenticated(failure) => {
                assert_eq!(failure.condition(), Failure::NotAuthorized, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    for (name, plain, _) in servers() {
        let mut session = log_in(config(&plain)).await;
        let domain = "localhost".parse().expect("an address");
        let ping = Iq::get("<ping xmlns='urn:xmpp:ping'/>").to(domain);
        let ticket = session.command(|client, now| client.iq(now, ping)).expect("bound");
        let event = until(&mut session, |event| matches!(event, ClientEvent::Reply { .. })).await;
        match event {
            ClientEvent::Reply { ticket: answered, reply: Reply::Result(_) } => {
                assert_eq!(answered, ticket, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
        session.close().expect("not over");
        assert_eq!(ending(&mut session).await, Ending::Clean, "{name}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    for (name, plain, _) in servers() {
        let mut elsewhere = config(&plain);
        elsewhere.account = "alice@nosuch.example".parse().expect("an address");
        let mut session = start(elsewhere);
        match ending(&mut session).await {
            Ending::PeerError(error) => {
                assert_eq!(error.condition(), Condition::HostUnknown, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_second_client_with_the_same_resource_ends_the_first() {
    for (name, plain, _) in servers() {
        let mut same = config(&plain);
        same.account = "alice@localhost/twin".parse().expect("an address");
        let mut first = log_in(same.clone()).await;
        let mut second = log_in(same).await;
        match ending(&mut first).await {
            Ending::PeerError(StreamError { name: condition, .. }) => {
                assert_eq!(condition, "conflict", "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
        second.close().expect("not over");
        assert_eq!(ending(&mut second).await, Ending::Clean, "{name}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    for (name, _, tls) in servers() {
        let mut session = start_with(DialConfig::default(), config(&tls));
        match ending(&mut session).await {
            Ending::NotConnected(error) => assert_eq!(error.kind, DialErrorKind::Tls, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

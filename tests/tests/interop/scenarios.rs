//! What is done with each server, each giving what there is to say of how it went.

use xmpp_ws::client::{ClientEvent, Iq, Reply};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::DialErrorKind;
use xmpp_ws::sasl::{Failure, Mechanism, Password};
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws_tokio::DialConfig;

use crate::live::{Live, Peer, ask, ending, leave, log_in, next, start, start_with, until};

pub(crate) async fn log_in_with(peer: Peer, mechanism: Mechanism) -> String {
    let mut config = peer.config();
    config.mechanisms = vec![mechanism];
    // Prosody 0.12 has no SCRAM-SHA-512.
    if (peer.name, mechanism) == ("Prosody", Mechanism::ScramSha512) {
        let ending = ending(&mut start(config)).await;
        let Ending::NoMechanism(offered) = ending else { panic!("{ending:?}") };
        assert!(!offered.iter().any(|it| it == mechanism.name()), "{offered:?}");
        return "not offered".into();
    }
    leave(log_in(config).await).await;
    "pass".into()
}

pub(crate) async fn scram_sha_1(peer: Peer) -> String {
    log_in_with(peer, Mechanism::ScramSha1).await
}

pub(crate) async fn scram_sha_256(peer: Peer) -> String {
    log_in_with(peer, Mechanism::ScramSha256).await
}

pub(crate) async fn scram_sha_512(peer: Peer) -> String {
    log_in_with(peer, Mechanism::ScramSha512).await
}

pub(crate) async fn plain(peer: Peer) -> String {
    log_in_with(peer, Mechanism::Plain).await
}

pub(crate) async fn wrong_password(peer: Peer) -> String {
    let mut config = peer.config();
    config.password = Some(Password::new("wrong"));
    let ending = ending(&mut start(config)).await;
    let Ending::NotAuthenticated(failure) = ending else { panic!("{ending:?}") };
    assert_eq!(failure.condition(), Failure::NotAuthorized);
    format!("pass ({})", failure.name)
}

pub(crate) async fn unknown_host(peer: Peer) -> String {
    let mut config = peer.config();
    config.account = "alice@nosuch.example".parse().expect("an address");
    ended_with(&mut start(config), Condition::HostUnknown).await
}

/// Only over TLS is there a certificate to be refused.
pub(crate) async fn certificate(peer: Peer) -> String {
    if !peer.secure {
        return "no TLS".into();
    }
    let ending = ending(&mut start_with(DialConfig::default(), peer.config())).await;
    let Ending::NotConnected(error) = ending else { panic!("{ending:?}") };
    assert_eq!(error.kind, DialErrorKind::Tls);
    "pass".into()
}

pub(crate) async fn message(peer: Peer) -> String {
    let mut session = log_in(peer.config()).await;
    let own = session.endpoint().jid().expect("bound").clone();
    let (text, escaped) = ("Zwölf Boxkämpfer & <Sylt>", "Zwölf Boxkämpfer &amp; &lt;Sylt>");
    session.send("<presence/>").expect("bound");
    session
        .send(format!("<message to='{own}' type='chat' id='m1'><body>{escaped}</body></message>"))
        .expect("bound");
    // A server may have kept others from before.
    let is_it = |event: &ClientEvent| matches!(event, ClientEvent::Stanza(it) if it.id().as_deref() == Some("m1"));
    let event = until(&mut session, is_it).await;
    let ClientEvent::Stanza(stanza) = event else { unreachable!("just matched") };
    assert_eq!(stanza.from().as_deref(), Some(own.as_str()));
    let document = stanza.read();
    let body = document.root().children().find(|it| it.name() == "body");
    assert_eq!(body.expect("a body").text(), text);
    leave(session).await;
    "pass".into()
}

pub(crate) async fn ping(peer: Peer) -> String {
    let mut session = log_in(peer.config()).await;
    let iq = Iq::get("<ping xmlns='urn:xmpp:ping'/>").to("localhost".parse().expect("an address"));
    let reply = ask(&mut session, iq).await;
    assert!(matches!(reply, Reply::Result(_)), "{reply:?}");
    leave(session).await;
    "pass".into()
}

pub(crate) async fn nobody(peer: Peer) -> String {
    refused_by(peer, "nobody@localhost/nowhere").await
}

pub(crate) async fn another_domain(peer: Peer) -> String {
    refused_by(peer, "somebody@nosuch.example").await
}

async fn refused_by(peer: Peer, to: &str) -> String {
    let mut session = log_in(peer.config()).await;
    let iq = Iq::get("<query xmlns='jabber:iq:version'/>").to(to.parse().expect("an address"));
    let reply = ask(&mut session, iq).await;
    let Reply::Error(_, error) = reply else { panic!("{reply:?}") };
    leave(session).await;
    format!("pass ({})", error.name)
}

/// 300 kB are more than Prosody takes, and less than ejabberd does.
pub(crate) async fn oversize(peer: Peer) -> String {
    let mut config = peer.config();
    config.limits.max_message_bytes = 1_000_000;
    let mut session = log_in(config).await;
    let own = session.endpoint().jid().expect("bound").clone();
    let body = "x".repeat(300_000);
    session.send(format!("<message to='{own}'><body>{body}</body></message>")).expect("bound");
    loop {
        match next(&mut session).await {
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                assert!(stanza.xml().contains(&body));
                leave(session).await;
                return "taken".into();
            }
            ClientEvent::Ended(Ending::PeerError(error)) => {
                assert_eq!(error.condition(), Condition::PolicyViolation);
                return format!("ended ({})", error.name);
            }
            ClientEvent::Ended(why) => panic!("{why:?}"),
            _ => {}
        }
    }
}

pub(crate) async fn conflict(peer: Peer) -> String {
    let mut config = peer.config();
    config.account = "alice@localhost/twin".parse().expect("an address");
    let mut first = log_in(config.clone()).await;
    let second = log_in(config).await;
    let said = ended_with(&mut first, Condition::Conflict).await;
    leave(second).await;
    said
}

/// ejabberd ends the stream, Prosody puts the right name there.
pub(crate) async fn another_name(peer: Peer) -> String {
    let mut session = log_in(peer.config()).await;
    let own = session.endpoint().jid().expect("bound").clone();
    session
        .send(format!("<message from='bob@localhost' to='{own}' type='headline'/>"))
        .expect("bound");
    loop {
        match next(&mut session).await {
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                assert_eq!(stanza.from().as_deref(), Some(own.as_str()));
                leave(session).await;
                return "corrected".into();
            }
            ClientEvent::Ended(Ending::PeerError(error)) => {
                assert_eq!(error.condition(), Condition::InvalidFrom);
                return format!("ended ({})", error.name);
            }
            ClientEvent::Ended(why) => panic!("{why:?}"),
            _ => {}
        }
    }
}

async fn ended_with(session: &mut Live, condition: Condition) -> String {
    let ending = ending(session).await;
    let Ending::PeerError(error) = ending else { panic!("{ending:?}") };
    assert_eq!(error.condition(), condition);
    format!("pass ({})", error.name)
}

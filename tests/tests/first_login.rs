//! How a first login ends that does not succeed, and whether another try can.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::lasting_config;
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{
    BIND_FEATURES, CLOSE, PLAIN_FEATURES, SERVER_OPEN, SUCCESS, Solo, SoloClient, attribute,
    stream_error,
};

/// What happens instead of a first login.
#[derive(Clone, Copy, Debug)]
enum Mishap {
    Dial(DialErrorKind),
    StreamError(&'static str),
    Login(&'static str),
    /// The type of the error that binding is answered with.
    Bind(&'static str),
    Loss,
    Silence,
}

/// Each, and whether it may pass by itself.
const MISHAPS: &[(Mishap, bool)] = &[
    (Mishap::Dial(DialErrorKind::Unreachable), true),
    (Mishap::Dial(DialErrorKind::TimedOut), true),
    (Mishap::Dial(DialErrorKind::Tls), true),
    (Mishap::Dial(DialErrorKind::Rejected { status: 429 }), true),
    (Mishap::Dial(DialErrorKind::Rejected { status: 502 }), true),
    (Mishap::Dial(DialErrorKind::Rejected { status: 503 }), true),
    (Mishap::Dial(DialErrorKind::Rejected { status: 404 }), false),
    (Mishap::Dial(DialErrorKind::Subprotocol), false),
    (Mishap::Dial(DialErrorKind::NoDialer), false),
    (Mishap::StreamError("system-shutdown"), true),
    (Mishap::StreamError("resource-constraint"), true),
    (Mishap::StreamError("host-unknown"), false),
    (Mishap::StreamError("see-other-host"), false),
    (Mishap::StreamError("policy-violation"), false),
    (Mishap::Login("temporary-auth-failure"), true),
    (Mishap::Login("not-authorized"), false),
    (Mishap::Login("account-disabled"), false),
    (Mishap::Bind("wait"), true),
    (Mishap::Bind("cancel"), false),
    (Mishap::Loss, true),
    (Mishap::Silence, true),
];

/// What a client tells last that this happens to.
fn told_last(mishap: Mishap, from_start: bool) -> ClientEvent {
    let mut config = lasting_config();
    config.reconnect.as_mut().expect("lasting").from_start = from_start;
    let now = Instant::ORIGIN;
    let mut client = Solo::new(Client::new(config, Seeded::boxed(1), now), now);
    assert!(matches!(client.says_next(), Some(Transmit::Dial(_))));
    if let Mishap::Dial(kind) = mishap {
        client.sees(Input::ConnectFailed(DialError::new(kind, "a test")));
    } else {
        client.sees(Input::Connected(Connection::new(true)));
        happens(&mut client, mishap);
    }
    client.told().pop().expect("an event")
}

fn happens(client: &mut SoloClient, mishap: Mishap) {
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).said();
    match mishap {
        Mishap::Loss | Mishap::Dial(_) => {}
        Mishap::Silence => {
            client.wait(Duration::from_secs(60));
        }
        Mishap::StreamError(condition) => {
            client.hears(stream_error(condition)).hears(CLOSE);
        }
        Mishap::Login(failure) => {
            let sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
            client.hears(format!("<failure xmlns='{sasl}'><{failure}/></failure>")).hears(CLOSE);
        }
        Mishap::Bind(kind) => {
            client.hears(SUCCESS).said();
            client.hears(SERVER_OPEN).hears(BIND_FEATURES);
            let id = attribute(&client.says(), "id");
            client.hears(format!(
                "<iq xmlns='jabber:client' type='error' id='{id}'><error type='{kind}'>\
                 <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ));
            client.hears(CLOSE);
        }
    }
    client.sees(Input::Lost);
}

/// Who watches sees at once what is wrong, and whether it makes sense to begin again.
#[test]
fn by_default_it_is_the_end_and_says_whether_it_may_pass() {
    for (mishap, may_pass) in MISHAPS {
        let told = told_last(*mishap, false);
        let ClientEvent::Ended(why) = told else { panic!("{mishap:?}: {told:?}") };
        assert_eq!(why.is_transient(), *may_pass, "{mishap:?}: {why:?}");
    }
}

#[test]
fn where_nobody_watches_what_may_pass_is_waited_for() {
    for (mishap, may_pass) in MISHAPS {
        match told_last(*mishap, true) {
            ClientEvent::Disconnected { why, again_in, .. } => {
                assert!(*may_pass && why.is_transient(), "{mishap:?}: {why:?}");
                assert!(again_in >= Duration::from_millis(250), "{mishap:?}: {again_in:?}");
            }
            ClientEvent::Ended(why) => assert!(!may_pass, "{mishap:?}: {why:?}"),
            other => panic!("{mishap:?}: {other:?}"),
        }
    }
}

#[test]
fn an_end_that_somebody_wanted_does_not_pass() {
    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    client.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    assert!(!client.ended().is_transient());
    for why in [Ending::GivenUp, Ending::Redirected("wss://other.example/".into())] {
        assert!(!why.is_transient(), "{why:?}");
    }
}

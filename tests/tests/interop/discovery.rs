//! The endpoint of `localhost`, as the server publishes it: by a module of its own, or as files of ours.

use std::time::Duration;

use tokio::time::timeout;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::discovery::{Discovery, Step};
use xmpp_ws::endpoint::{Fetch, Fetched, Input, Target, Transmit};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws::uri::Uri;
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::{ClientIo, Session, connect};

use crate::live::{Peer, leave, start_with, trusting, until};

pub(crate) async fn discovery(peer: Peer) -> String {
    if !peer.secure {
        return "no TLS".into();
    }
    let uri: Uri = peer.uri.parse().expect("a URI");
    let mut dial = trusting();
    let address = ([127, 0, 0, 1], uri.port().expect("it has one")).into();
    dial.resolve.insert("localhost".into(), vec![address]);
    let mut session = connect(dial.clone(), |_| Scripted::new());
    for has_xrd in [true, false] {
        let targets = discovered(&mut session, has_xrd).await;
        let [target] = &targets[..] else { panic!("{targets:?}") };
        assert_eq!(target.uri, uri);
        assert_eq!(target.alternative_name.as_deref(), Some("localhost"));
    }
    // A client that is told no address finds it by itself.
    let mut config = peer.config();
    config.uri = None;
    let mut client = start_with(dial, config);
    let found = until(&mut client, |event| matches!(event, ClientEvent::Discovered(_))).await;
    assert!(matches!(found, ClientEvent::Discovered(targets) if targets[0].uri == uri));
    until(&mut client, |event| matches!(event, ClientEvent::Bound(_))).await;
    leave(client).await;
    "pass".into()
}

/// What is found by XRD, or by JRD as if there were no XRD.
async fn discovered(session: &mut Session<Scripted, ClientIo>, has_xrd: bool) -> Vec<Target> {
    let account = "alice@localhost".parse().expect("an address");
    let mut discovery = Discovery::new(&account, &Limits::default(), Tolerance::default());
    let mut is_there = has_xrd;
    loop {
        match discovery.step() {
            Step::Fetch(uri) if is_there => discovery.on_fetched(fetch(session, uri).await),
            Step::Fetch(uri) => {
                let outcome = Ok(Fetched::new(404, ""));
                discovery.on_fetched(Fetch::new(uri, outcome));
                is_there = true;
            }
            Step::Found(targets) => return targets,
            Step::Failed(error) => panic!("{error}"),
        }
    }
}

async fn fetch(session: &mut Session<Scripted, ClientIo>, uri: Uri) -> Fetch {
    session.command(|endpoint, _| endpoint.say(Transmit::Fetch(uri)));
    match timeout(Duration::from_secs(20), session.next()).await.expect("an answer in time") {
        Some(Seen::Input(Input::Fetched(fetch))) => fetch,
        other => panic!("{other:?}"),
    }
}

//! Two clients that talk while the wire of one is cut at random bytes (XEP-0198): with `xmpp-ws serve`, and with
//! Prosody and ejabberd where the script `tests/run` has started them and `XMPP_WS_CUTS` is set.
//!
//! Prints a table of what was lost and what came twice, and writes it to the file that `XMPP_WS_CUTS_TABLE` names.
//! `XMPP_WS_CUTS` is how often the wire is cut (20), fifty messages each way for each time; `XMPP_WS_CUTS_SEED` (1) is
//! where the randomness comes from.

mod plan;
mod side;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::uri::Uri;
use xmpp_ws_tests::wire::Wire;

use self::plan::{Peer, Plan};
use self::side::{Side, Tally};
use crate::process::Server;

#[test]
fn nothing_is_lost_and_nothing_comes_twice_however_the_wire_is_cut() {
    let (cuts, seed) = (number("XMPP_WS_CUTS", 20), number("XMPP_WS_CUTS_SEED", 1));
    let server = Server::start(&[]);
    let runtime = tokio::runtime::Runtime::new().expect("threads can be had");
    let mut table = String::from(
        "| peer | cuts | sessions given up by the peer | sent | lost | doubled | out of order | without a fate \
         | handed back |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let (mut faults, mut failed) = (String::new(), Vec::new());
    for peer in peers(&server, cuts) {
        let begin = Instant::now();
        let Outcome { cuts: made, tally, story } = runtime.block_on(talk(&peer, seed));
        let name = peer.name;
        println!("{name}, seed {seed}: {story}; it took {:.1?}", begin.elapsed());
        writeln!(table, "| {name} | {made} | {tally} |").expect("memory");
        if let Some(fault) = peer.fault.filter(|_| !tally.is_perfect()) {
            writeln!(faults, "\n{name}: {fault}").expect("memory");
        }
        let is_good = match peer.fault {
            None => tally.is_perfect(),
            // What a session that it gives up takes along is the server's affair.
            Some(_) => tally.is_good(),
        };
        if made < peer.cuts || !is_good {
            failed.push(name);
        }
    }
    let table = table + &faults;
    println!("{table}");
    if let Some(file) = env::var_os("XMPP_WS_CUTS_TABLE") {
        fs::write(file, &table).expect("the table can be written");
    }
    assert!(failed.is_empty(), "{failed:?}");
}

struct Outcome {
    cuts: usize,
    tally: Tally,
    /// What else is of interest.
    story: String,
}

/// Those that are there.
fn peers(server: &Server, cuts: usize) -> Vec<Peer> {
    let peer =
        |name, uri| Peer { name, uri, cuts, in_frames: false, negotiate: SHORT, fault: None };
    let mut peers = vec![peer("`xmpp-ws serve`", server.url.clone())];
    if env::var_os("XMPP_WS_CUTS").is_none() {
        // With them it takes minutes, for each has to time out what it does not notice.
        println!("left out: Prosody and ejabberd, for XMPP_WS_CUTS is not set");
        return peers;
    }
    match env::var("XMPP_WS_PROSODY") {
        Ok(uri) => {
            let whole = peer("Prosody, cut between frames", uri.clone());
            // Not always: a long frame may be half read when the other direction is cut.
            peers.push(Peer { in_frames: true, fault: Some(PROSODY_FAULT), ..whole });
            let broken = peer("Prosody, cut within frames", uri);
            peers.push(Peer { fault: Some(PROSODY_FAULT), ..broken });
        }
        Err(_) => println!("left out: Prosody, for XMPP_WS_PROSODY is not set (see tests/run)"),
    }
    match env::var("XMPP_WS_EJABBERD") {
        Ok(uri) => {
            // Each time that it is stuck takes as long as all else together.
            let fewer = cuts.div_ceil(5);
            let patient = Peer { negotiate: LONG, cuts: fewer, ..peer("ejabberd", uri) };
            peers.push(Peer { fault: Some(EJABBERD_FAULT), ..patient });
        }
        Err(_) => println!("left out: ejabberd, for XMPP_WS_EJABBERD is not set (see tests/run)"),
    }
    peers
}

/// Alice, over a wire that is cut, and Bob, over none, send each other so many messages.
async fn talk(peer: &Peer, seed: u64) -> Outcome {
    let uri: Uri = peer.uri.parse().expect("a URI");
    let server = SocketAddr::from(([127, 0, 0, 1], uri.port().expect("it has one")));
    let mut plan = Plan::new(seed, peer.clone());
    let wire = Wire::to(server, move |made| plan.next(made)).await.expect("a free port");
    let messages = peer.cuts * MESSAGES_PER_CUT;
    let mut alice = Side::new("alice@localhost/cut", peer, Some(wire.address()), messages, seed);
    let mut bob = Side::new("bob@localhost/whole", peer, None, messages, seed + 1);
    loop {
        if alice.is_bound() && bob.is_bound() {
            alice.say(&bob);
            bob.say(&alice);
        }
        // Afterwards, too, something could come again.
        let is_done = alice.is_done(&bob) && bob.is_done(&alice);
        let patience = if is_done { AFTERWARDS } else { PATIENCE };
        let step = async {
            tokio::select! {
                event = alice.next() => (&mut alice, &bob, event),
                event = bob.next() => (&mut bob, &alice, event),
            }
        };
        match timeout(patience, step).await {
            Ok((side, other, event)) => {
                let is_over = matches!(event, ClientEvent::Ended(_));
                if matches!(event, ClientEvent::NotResumed(_)) {
                    side.begins_anew(other.sent());
                }
                side.on_event(event);
                if is_over {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    let tally = alice.tally(&bob) + bob.tally(&alice);
    let story = format!("{} connections; alice {alice}; bob {bob}", wire.opened());
    let made = wire.cuts();
    for side in [alice, bob] {
        side.leave().await;
    }
    Outcome { cuts: made, tally, story }
}

fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    env::var(variable).map_or(default, |given| {
        given.parse().unwrap_or_else(|_| panic!("{variable}={given} is no number"))
    })
}

const MESSAGES_PER_CUT: usize = 50;
/// After so long without any event what has not come is lost.
const PATIENCE: Duration = Duration::from_secs(45);
const AFTERWARDS: Duration = Duration::from_millis(500);

const SHORT: Duration = Duration::from_secs(1);
/// Longer than ejabberd is stuck.
const LONG: Duration = Duration::from_secs(40);

const PROSODY_FAULT: &str = "Prosody 0.12 reads on with the old connection's buffer after a resumption. What it had \
    of a frame that was cut is completed with the new connection's first bytes, and the session ended with \
    <not-well-formed/> (its log shows half a message, and masked bytes behind it). What the client had not \
    acknowledged then goes to its next session, too.";
const EJABBERD_FAULT: &str = "ejabberd 23.01 waits without a bound for a connection's writer that is gone already \
    (route_text in ejabberd_http_ws), which holds the session up for 15 s; a client that resumes it meanwhile is told \
    <failed/> (its log: \"Session state copying timed out\"), and what waited in the session is lost.";

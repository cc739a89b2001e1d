//! Two clients that talk while the wire of one is cut at random bytes (XEP-0198): with `xmpp-ws serve`, and with
//! Prosody and ejabberd where the script `tests/run` has started them.
//!
//! Prints a table of what was lost and what came twice, and writes it to the file that `XMPP_WS_CUTS_TABLE` names.
//! `XMPP_WS_CUTS` is how often the wire to each peer is cut (20), fifty messages each way for each time;
//! `XMPP_WS_CUTS_SEED` (1) is where the randomness comes from.
//!
//! Prosody 0.12 and ejabberd 23.01 each lose messages over one kind of cut, by a fault of their own that the table names.
//! They are cut in every other way, where all must be well. In that way, too, only where `XMPP_WS_CUTS` is set, as the
//! script `tests/cuts` does: how much is lost is chance, and ejabberd takes fifteen seconds at a time for it. Of what is
//! lost then only so much is asked as that it went down with a session that the server gave up.
//!
//! All peers are cut at the same time, for most of it is waiting for what does not come.

mod plan;
mod side;
mod tally;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::uri::Uri;
use xmpp_ws_tests::wire::Wire;

use self::plan::{Peer, Plan, Spared};
use self::side::Side;
use self::tally::Tally;
use crate::process::Server;

#[test]
fn nothing_is_lost_and_nothing_comes_twice_however_the_wire_is_cut() {
    let (cuts, seed) = (number("XMPP_WS_CUTS", 20), number("XMPP_WS_CUTS_SEED", 1));
    let users = FOUR.iter().flat_map(|of| ["alice", "bob"].map(|who| format!("{who}{of}:secret")));
    let users: Vec<_> = users.flat_map(|user| ["--user".to_owned(), user]).collect();
    let server = Server::start(&users.iter().map(String::as_str).collect::<Vec<_>>());
    let runtime = tokio::runtime::Runtime::new().expect("threads can be had");
    let mut table = String::from(
        "| peer | seed | cuts | sessions given up by the peer | sent | lost | doubled | out of order \
         | without a fate | handed back |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    let (mut faults, mut failed) = (String::new(), Vec::new());
    let talks: Vec<_> = peers(&server, cuts)
        .into_iter()
        .map(|peer| {
            let talks: Vec<_> = (0..peer.pairs.len())
                .map(|pair| runtime.spawn(talk(peer.clone(), pair, seed)))
                .collect();
            (peer, talks)
        })
        .collect();
    for (peer, talks) in talks {
        let name = peer.name;
        let (mut made, mut tallies) = (0, Vec::new());
        for talk in talks {
            let Outcome { cuts, tally, story } = runtime.block_on(talk).expect("no panic");
            println!("{name}, seed {seed}: {story}");
            made += cuts;
            tallies.push(tally);
        }
        let tally: Tally = tallies.into_iter().sum();
        writeln!(table, "| {name} | {seed} | {made} | {tally} |").expect("memory");
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
    let peer = |name, uri| Peer {
        name,
        uri,
        cuts,
        pairs: enough(FOUR, cuts),
        spared: Spared::Nothing,
        negotiate: SHORT,
        fault: None,
    };
    let mut peers = vec![peer("`xmpp-ws serve`", server.url.clone())];
    let with_faults = env::var_os("XMPP_WS_CUTS").is_some();
    match env::var("XMPP_WS_PROSODY") {
        Ok(uri) => {
            let name = "Prosody, what the client says cut between frames";
            peers.push(Peer { spared: Spared::HalfFrames, ..peer(name, uri.clone()) });
            if with_faults {
                let fault = Some(PROSODY_FAULT);
                let pairs = enough(FOUR_MORE, cuts);
                peers.push(Peer { pairs, fault, ..peer("Prosody, cut anywhere", uri) });
            }
        }
        Err(_) => println!("left out: Prosody, for XMPP_WS_PROSODY is not set (see tests/run)"),
    }
    match env::var("XMPP_WS_EJABBERD") {
        Ok(uri) => {
            let name = "ejabberd, not told of a cut";
            peers.push(Peer { spared: Spared::Ends, ..peer(name, uri.clone()) });
            if with_faults {
                let (pairs, fault) = (enough(TEN_MORE, cuts), Some(EJABBERD_FAULT));
                let stuck = peer("ejabberd, told of a cut", uri);
                peers.push(Peer { pairs, negotiate: LONG, fault, ..stuck });
            }
        }
        Err(_) => println!("left out: ejabberd, for XMPP_WS_EJABBERD is not set (see tests/run)"),
    }
    if !with_faults {
        println!(
            "left out: what is known to fail for a server's fault, for XMPP_WS_CUTS is not set"
        );
    }
    peers
}

/// As many of these pairs as it takes: with few cuts of its own one might have said all before the last.
fn enough(pairs: &'static [&'static str], cuts: usize) -> &'static [&'static str] {
    &pairs[..pairs.len().min(cuts.div_ceil(CUTS_PER_PAIR))]
}

/// Alice, over a wire that is cut, and Bob, over none, send each other so many messages.
async fn talk(peer: Peer, pair: usize, seed: u64) -> Outcome {
    let begin = Instant::now();
    let uri: Uri = peer.uri.parse().expect("a URI");
    let server = SocketAddr::from(([127, 0, 0, 1], uri.port().expect("it has one")));
    let pairs = peer.pairs.len();
    let cuts = (peer.cuts + pair) / pairs;
    let seed = seed * SEEDS_BETWEEN + u64::try_from(pair).expect("they are few");
    let mut plan = Plan::new(seed, peer.clone(), cuts);
    let wire = Wire::to(server, move |made| Some(plan.next(made))).await.expect("a free port");
    let messages = cuts * MESSAGES_PER_CUT;
    let of = peer.pairs[pair];
    let cut_jid = format!("alice{of}@localhost/cut");
    let mut alice = Side::new(&cut_jid, &peer, Some(wire.address()), messages, seed);
    let mut bob = Side::new(&format!("bob{of}@localhost/whole"), &peer, None, messages, seed + 1);
    loop {
        if alice.is_bound() && bob.is_bound() {
            alice.say(&bob);
            bob.say(&alice);
        }
        // Afterwards, too, something could come again.
        let is_done = alice.is_done(&bob) && bob.is_done(&alice);
        let patience = if is_done { AFTERWARDS } else { peer.negotiate + PATIENCE };
        let step = async {
            tokio::select! {
                event = alice.next() => (&mut alice, &bob, event),
                event = bob.next() => (&mut bob, &alice, event),
            }
        };
        let Ok((side, other, event)) = timeout(patience, step).await else { break };
        let is_over = matches!(event, ClientEvent::Ended(_));
        if matches!(event, ClientEvent::NotResumed(_)) {
            side.begins_anew(other.sent());
        }
        side.on_event(event);
        if is_over && peer.fault.is_none() {
            break;
        } else if is_over {
            side.comes_back(other.sent());
        }
    }
    let tally = [alice.tally(&bob), bob.tally(&alice)].into_iter().sum();
    let (made, opened, took) = (wire.cuts(), wire.opened(), begin.elapsed());
    let story = format!("{opened} connections in {took:.1?}; alice {alice}; bob {bob}");
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
const CUTS_PER_PAIR: usize = 20;
/// After so long without any event, and the time of a login, what has not come is lost.
const PATIENCE: Duration = Duration::from_secs(8);
const AFTERWARDS: Duration = Duration::from_millis(500);

const FOUR: &[&str] = &["1", "2", "3", "4"];
const FOUR_MORE: &[&str] = &["5", "6", "7", "8"];
/// So that not all have to wait while a session is stuck.
const TEN_MORE: &[&str] = &["5", "6", "7", "8", "9", "10", "11", "12", "13", "14"];

/// Long enough for a machine that is busy: who is given up too early has all to do again.
const SHORT: Duration = Duration::from_secs(6);
/// Longer than ejabberd is stuck.
const LONG: Duration = Duration::from_secs(40);

const SEEDS_BETWEEN: u64 = 1_000;

const PROSODY_FAULT: &str = "Prosody 0.12 reads on with the old connection's buffer after a resumption (`session.data` \
    of mod_c2s keeps the filters that the session began with, and with them mod_websocket's buffer). What it had of a \
    frame that was cut is completed with the new connection's first bytes, and the session ended with \
    `<not-well-formed/>` or the like; its log shows half a message, and masked bytes behind it. What waited in the \
    session bounces, also what came.";
const EJABBERD_FAULT: &str = "ejabberd 23.01 waits without a bound for a connection's writer that is gone already \
    (`route_text` in ejabberd_http_ws), which holds the session up for 15 s for each message that it has for the \
    client. A client that resumes it meanwhile is told `<item-not-found/>` after 15 s, and the session ended (its log: \
    \"Session state copying timed out\"): what waited in it is lost, or bounces though it came.";

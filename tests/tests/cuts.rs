//! A conversation that is cut at every place there is: every stanza arrives once and in order, or is handed back.

use std::time::Duration;

use xmpp_ws_tests::net::{Fault, Kept, Last, Net, client_config, server_config};

/// How many stanzas each side sends, where one cut is tried and where two are. (Six and two cuts are 72,000 schedules,
/// and too many for every day.)
const MANY: u64 = 6;
const FEW: u64 = 2;
const EACH: Duration = Duration::from_millis(70);
/// What is left may take until a half-open connection is given up.
const REST: Duration = Duration::from_secs(5);
const LASTS: [Last; 3] = [Last::Arrives, Last::IsLost, Last::IsUnwritable];

/// The conversation: both sides send now and then, and the client closes in the end.
fn converse(stanzas: u64, faults: Vec<Fault>, forgets: bool) -> Net {
    let mut client = client_config();
    // So there is something to go wrong with acknowledgements, too.
    client.limits.request_every = 2;
    let mut server = server_config();
    server.limits.request_every = 2;
    let mut net = Net::new(client, server, 1, faults);
    net.service.forgets = forgets;
    let (mut from_client, mut from_service) = (0, 0);
    for _ in 0..10_000 {
        if from_client < stanzas && net.client_sends(from_client) {
            from_client += 1;
        }
        if from_service < stanzas && net.service_sends(from_service) {
            from_service += 1;
        }
        let is_sent = from_client == stanzas && from_service == stanzas;
        net.run_for(if is_sent { REST } else { EACH });
        let is_settled = net.seen.fates.len() == net.seen.sent_count()
            && net.service.seen.fates.len() == net.service.seen.sent_count();
        if is_sent && is_settled {
            return net;
        }
    }
    panic!("stuck: {:?} {:?}", net.seen, net.service.seen);
}

fn faults_at(at: usize) -> impl Iterator<Item = Fault> {
    LASTS.into_iter().flat_map(move |last| {
        [true, false].into_iter().map(move |noticed| Fault { at, last, noticed })
    })
}

fn check_all_arrived(stanzas: u64, net: &Net, faults: &[Fault]) {
    let all: Vec<u64> = (0..stanzas).collect();
    assert_eq!(net.service.seen.got, all, "from the client: {faults:?}");
    assert_eq!(net.seen.got, all, "from the service: {faults:?}");
    for lane in [&net.seen, &net.service.seen] {
        assert!(lane.fates.values().all(|fate| *fate == Kept::Acked), "{faults:?}: {lane:?}");
    }
}

/// What holds when sessions are lost: nothing twice, nothing out of order, and what did not arrive was handed back.
fn check_accounted_for(net: &Net, faults: &[Fault]) {
    for (from, to) in [(&net.seen, &net.service.seen), (&net.service.seen, &net.seen)] {
        assert!(to.got.is_sorted_by(|one, next| one < next), "{faults:?}: {:?}", to.got);
        for (number, fate) in &from.fates {
            let arrived = to.got.contains(number);
            match fate {
                Kept::Acked => assert!(arrived, "{number} is acknowledged, and lost: {faults:?}"),
                Kept::HandedBack { written: false } => {
                    assert!(!arrived, "{number} was never written, and arrived: {faults:?}");
                }
                Kept::HandedBack { written: true } => {}
                Kept::Unconfirmed => panic!("{number} is not known of: {faults:?}"),
            }
        }
        assert_eq!(from.fates.len(), from.sent_count());
    }
}

/// Every cut that there is in a conversation that was cut so already.
fn all_cuts(stanzas: u64, before: &[Fault], forgets: bool) -> Vec<Vec<Fault>> {
    let crossed = converse(stanzas, before.to_vec(), forgets).crossed;
    let first = before.last().map_or(1, |fault| fault.at + 1);
    (first..=crossed)
        .flat_map(faults_at)
        .map(|fault| before.iter().copied().chain([fault]).collect())
        .collect()
}

fn run(stanzas: u64, schedules: &[Vec<Fault>], forgets: bool) -> usize {
    for faults in schedules {
        let net = converse(stanzas, faults.clone(), forgets);
        if forgets {
            check_accounted_for(&net, faults);
        } else if net.service.sessions == 1 {
            check_all_arrived(stanzas, &net, faults);
        } else {
            // The cut came before there was a session to resume, or the client did not know of it yet.
            check_accounted_for(&net, faults);
        }
    }
    schedules.len()
}

fn run_pairs(stanzas: u64, forgets: bool) -> usize {
    let firsts = all_cuts(stanzas, &[], forgets);
    let pairs = |first: &Vec<Fault>| run(stanzas, &all_cuts(stanzas, first, forgets), forgets);
    firsts.iter().map(pairs).sum()
}

#[test]
fn without_a_cut_all_arrives() {
    let net = converse(MANY, Vec::new(), false);
    check_all_arrived(MANY, &net, &[]);
    assert_eq!(net.resumed, 0);
}

#[test]
fn one_cut_anywhere_loses_nothing_and_doubles_nothing() {
    let schedules = all_cuts(MANY, &[], false);
    println!("{} schedules with one cut", run(MANY, &schedules, false));
    let resumes = |faults: &&Vec<Fault>| converse(MANY, (*faults).clone(), false).resumed > 0;
    let resumed = schedules.iter().filter(resumes).count();
    assert!(resumed * 2 > schedules.len(), "only {resumed} are resumed");
}

#[test]
fn one_cut_and_a_service_that_forgets_leaves_nothing_unaccounted_for() {
    let ran = run(MANY, &all_cuts(MANY, &[], true), true);
    println!("{ran} schedules with one cut and no resumption");
}

#[test]
fn two_cuts_anywhere_lose_nothing_and_double_nothing() {
    println!("{} schedules with two cuts", run_pairs(FEW, false));
}

#[test]
fn two_cuts_and_a_service_that_forgets_leave_nothing_unaccounted_for() {
    println!("{} schedules with two cuts and no resumption", run_pairs(FEW, true));
}

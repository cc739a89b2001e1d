//! A conversation over a network that fails in every way, for any time and in any order, against what must hold
//! whatever happens: no stanza twice, none out of order, each with one fate, and nobody stuck.

mod script;

use std::cell::RefCell;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::limits::Limits;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::net::{Kept, Lane, Net, client_config, server_config};

use self::script::{Op, Setting, op, setting};

/// What was seen in all cases.
#[derive(Debug, Default)]
struct Tally {
    cases: usize,
    steps: usize,
    crossed: usize,
    sent: usize,
    refused: usize,
    resumed: usize,
    bound: usize,
    moved: usize,
    acked: usize,
    back_written: usize,
    back_unwritten: usize,
    poisoned: usize,
}

/// One case: the conversation, its troubles, and the numbers of the next stanzas.
struct Case {
    net: Net,
    limits: Limits,
    next: (u64, u64),
    /// The stanzas that cannot get through.
    poison: Vec<u64>,
    has_closed: bool,
    tally: Tally,
}

impl Case {
    fn new(setting: &Setting) -> Self {
        let (mut client, mut server) = (client_config(), server_config());
        for limits in [&mut client.limits, &mut server.limits] {
            limits.request_every = setting.request_every;
            if setting.narrow {
                limits.max_queued_messages = 12;
                limits.max_queued_bytes = 6000;
                limits.max_unacknowledged = 20;
                limits.max_unacknowledged_bytes = 9000;
                limits.max_queued_events = 5;
            }
        }
        let limits = client.limits.clone();
        let net = Net::new(client, server, setting.seed, Vec::new());
        let (next, tally) = ((0, 0), Tally::default());
        let mut case = Self { net, limits, next, poison: Vec::new(), has_closed: false, tally };
        case.begin_counts(setting.counts);
        case
    }

    /// The session's counters are set to these while it is between two connections.
    fn begin_counts(&mut self, (client, service): (u32, u32)) {
        let net = &mut self.net;
        net.run_for(Duration::from_secs(1));
        assert_eq!((net.bound, net.resumed), (1, 0));
        net.service.rewrite_next(move |session| rewritten(&session, |it| set(it, client, service)));
        let clock = net.now;
        let moved = net.move_client(true, clock, |saved| {
            rewritten(&saved, |it| set(&mut it["session"], service, client))
        });
        assert!(moved);
        net.run_for(Duration::from_secs(1));
        assert_eq!((net.bound, net.resumed), (1, 1));
    }

    fn run(mut self, ops: &[Op], closes_early: bool) -> Tally {
        for op in ops {
            self.apply(op);
            self.tally.steps += 1;
            self.check();
        }
        self.end(closes_early);
        self.count_up()
    }

    fn apply(&mut self, op: &Op) {
        let net = &mut self.net;
        match *op {
            Op::ClientSends(many, bytes) => {
                net.wake();
                for _ in 0..many {
                    let had_room = net.client.has_room();
                    let taken = net.client_sends_long(self.next.0, bytes);
                    assert!(had_room || net.client.is_over() || !taken, "there was no room");
                    self.tally.refused += usize::from(!taken);
                    self.next.0 += 1;
                }
            }
            Op::ServiceSends(many, bytes) => {
                for _ in 0..many {
                    let taken = net.service_sends_long(self.next.1, bytes);
                    self.tally.refused += usize::from(!taken);
                    self.next.1 += 1;
                }
            }
            Op::ClientSendsPoison => {
                if net.client_sends_poison(self.next.0) {
                    self.poison.push(self.next.0);
                }
                self.next.0 += 1;
            }
            Op::Wait(time) => net.run_for(Duration::from_millis(time)),
            Op::Pause(time) => net.client_pauses(Duration::from_millis(time)),
            Op::Cut { noticed } => net.cut(noticed),
            Op::CutAfter { messages, last, noticed } => net.cut_after(messages, last, noticed),
            Op::Trouble(toggle, on) => {
                let mut trouble = net.trouble;
                *toggle.of(&mut trouble) = on;
                net.set_trouble(trouble);
            }
            Op::Latency(time) => net.latency = Duration::from_millis(time),
            Op::Forget { sessions, counts } => {
                net.service.forgets = sessions;
                net.service.remembers_counts = !counts;
            }
            Op::Nudge => net.nudge(),
            Op::SetActive(active) => net.set_active(active),
            Op::Move { noticed, clock } => {
                let clock = Instant::after(Duration::from_millis(clock));
                let moved = net.move_client(noticed, clock, |saved| rewritten(&saved, |_| ()));
                self.tally.moved += usize::from(moved);
            }
            Op::Close => {
                net.client_closes();
                self.has_closed = true;
            }
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let net = &self.net;
        let trouble = net.trouble;
        check_fates(&net.seen, &net.service.seen, !trouble.service_is_slow);
        check_fates(&net.service.seen, &net.seen, !trouble.client_is_slow);
        let most = self.limits.max_unacknowledged.max(self.limits.max_queued_messages);
        let sides =
            [(&net.seen, trouble.client_is_slow), (&net.service.seen, trouble.service_is_slow)];
        for (lane, is_slow) in sides {
            // Who is slow has not taken the fates yet.
            assert!(is_slow || lane.most_open() <= most, "{} are kept", lane.most_open());
        }
        let taken = net.most_taken;
        assert!(taken <= self.limits.max_queued_events, "{taken} stanzas waited to be taken");
        assert!(net.client.is_over() || net.client_deadline().is_some() || self.is_told_late());
        assert!(
            trouble.service_is_slow || net.service.always_waits(),
            "stuck: {}",
            net.service.describe()
        );
        assert!(net.ended.is_none() || self.has_closed, "{:?}", net.ended);
        assert_eq!(net.client.is_over(), net.ended.is_some());
        net.lost_for.iter().chain(&net.service.lost_for).for_each(check_reason);
    }

    /// Whether the client is over, and its application has not taken that.
    fn is_told_late(&self) -> bool {
        self.net.trouble.client_is_slow && self.has_closed
    }

    /// All is well from now on: what was sent gets its fate, and all comes to an end.
    fn end(&mut self, closes_early: bool) {
        self.net.clear_up();
        self.net.latency = Duration::from_millis(40);
        if !closes_early && !self.has_closed {
            self.settle("stanzas without a fate", |net| {
                net.seen.is_settled() && net.service.seen.is_settled()
            });
            self.net.run_for(Duration::from_secs(300));
            assert!(self.net.client.jid().is_some(), "not back");
        }
        if !self.has_closed {
            let is_open = self.net.client.jid().is_some();
            self.apply(&Op::Close);
            self.settle("not over", |net| net.ended.is_some());
            assert!(!is_open || closes_early || self.net.ended == Some(Ending::Clean));
        }
        self.settle("not over", |net| net.ended.is_some());
        self.settle("the service has something still", |net| net.service.is_idle());
        let net = &self.net;
        assert!(net.ended.is_some() && net.client.is_over() && net.client.has_room());
        assert!(net.seen.is_settled(), "{:?}", net.seen);
        assert!(net.service.seen.is_settled(), "{:?}", net.service.seen);
        for number in &self.poison {
            let fate = net.seen.fates.get(number);
            assert!(matches!(fate, Some(Kept::HandedBack { .. })), "{number}: {fate:?}");
        }
    }

    fn settle(&mut self, why: &str, is_settled: impl Fn(&Net) -> bool) {
        for _ in 0..PATIENCE {
            if is_settled(&self.net) {
                return;
            }
            self.net.run_for(Duration::from_secs(10));
            self.check();
        }
        panic!("{why}: {}", self.net.service.describe());
    }

    fn count_up(mut self) -> Tally {
        let net = &self.net;
        for fate in [&net.seen, &net.service.seen].into_iter().flat_map(|lane| lane.fates.values())
        {
            match fate {
                Kept::Acked => self.tally.acked += 1,
                Kept::HandedBack { written: true } => self.tally.back_written += 1,
                Kept::HandedBack { written: false } => self.tally.back_unwritten += 1,
                Kept::Unconfirmed => {}
            }
        }
        self.tally.poisoned = self.poison.len();
        self.tally.cases = 1;
        self.tally.crossed = net.crossed;
        self.tally.sent = net.seen.sent_count() + net.service.seen.sent_count();
        self.tally.resumed = net.resumed;
        self.tally.bound = net.bound;
        self.tally
    }
}

/// What an application was told is true. `is_taken`: the other one has taken all that came to it.
fn check_fates(from: &Lane, to: &Lane, is_taken: bool) {
    for (number, fate) in &from.fates {
        match fate {
            Kept::Acked => assert!(!is_taken || to.has(*number), "{number} is acked, and lost"),
            Kept::HandedBack { written: false } => {
                assert!(!to.has(*number), "{number} was never written, and came");
            }
            Kept::HandedBack { written: true } => {}
            Kept::Unconfirmed => panic!("nobody knows what became of {number}"),
        }
    }
}

/// Neither side ever finds the other to have broken a rule.
fn check_reason(why: &Ending) {
    match why {
        Ending::Clean
        | Ending::Lost { .. }
        | Ending::TimedOut(_)
        | Ending::NotConnected(_)
        | Ending::GivenUp => {}
        Ending::PeerError(error) | Ending::OwnError(error) => assert!(
            matches!(error.condition(), Condition::ConnectionTimeout | Condition::Conflict),
            "{error:?}"
        ),
        other => panic!("{other:?}"),
    }
}

/// A session as it comes back from where it was written down, changed there.
fn rewritten<T: Serialize + DeserializeOwned>(session: &T, change: impl FnOnce(&mut Value)) -> T {
    let text = serde_json::to_string(session).expect("plain data");
    let mut value = serde_json::from_str(&text).expect("as it was written");
    change(&mut value);
    serde_json::from_str(&value.to_string()).expect("as it was written")
}

/// Sets a session's counts, of which none has begun.
fn set(session: &mut Value, received: u32, acknowledged: u32) {
    for (name, count) in [("received", received), ("acknowledged", acknowledged)] {
        assert_eq!(session[name], 0, "{name}");
        session[name] = count.into();
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.steps += other.steps;
        self.crossed += other.crossed;
        self.sent += other.sent;
        self.refused += other.refused;
        self.resumed += other.resumed;
        self.bound += other.bound;
        self.moved += other.moved;
        self.acked += other.acked;
        self.back_written += other.back_written;
        self.back_unwritten += other.back_unwritten;
        self.poisoned += other.poisoned;
    }

    /// Whether the cases went where it matters.
    fn is_wide(&self) -> bool {
        let Self { cases, .. } = *self;
        2 * self.resumed > 3 * cases
            && self.bound > cases
            && self.acked > cases
            && self.back_written > 0
            && self.back_unwritten > 0
            && self.poisoned > 0
            && self.refused > 0
            && self.moved > 0
    }
}

#[test]
fn whatever_happens() {
    let tally = RefCell::new(Tally::default());
    let usual = ProptestConfig::default();
    // More of them: PROPTEST_CASES.
    let cases = usual.cases.max(CASES);
    let config = ProptestConfig { cases, failure_persistence: None, ..usual };
    let script = (setting(), prop::collection::vec(op(), 1..40));
    let result = TestRunner::new(config).run(&script, |(setting, ops)| {
        let seen = Case::new(&setting).run(&ops, setting.closes_early);
        tally.borrow_mut().add(&seen);
        Ok(())
    });
    let tally = tally.into_inner();
    println!("{tally:?}");
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(tally.is_wide(), "the cases are too tame: {tally:?}");
}

/// How often ten seconds pass until all must be settled: longer than a session is kept.
const PATIENCE: usize = 400;
/// How many cases are run at least.
const CASES: u32 = 1000;

//! One of two who talk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;
use xmpp_ws::client::{Client, ClientConfig, ClientEvent, Reconnect};
use xmpp_ws::endpoint::{Endpoint, Ticket};
use xmpp_ws::limits::Limits;
use xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tokio::{ClientIo, DialConfig, OsRandom, Session, connect};

use super::plan::Peer;
use super::tally::Tally;

/// A client that numbers what it says, and keeps account of what comes.
pub(super) struct Side {
    session: Session<Client, ClientIo>,
    config: ClientConfig,
    dial: DialConfig,
    is_bound: bool,
    /// How long the body of each message is.
    sizes: Vec<usize>,
    /// How many messages were sent for the first time.
    sent: usize,
    /// What came back, to be sent again.
    again: VecDeque<usize>,
    /// What was sent and has no fate yet; the messages by their number.
    pending: BTreeMap<Ticket, Option<usize>>,
    acked: usize,
    /// Those that were handed back.
    handed_back: BTreeSet<usize>,
    /// How often a ticket had a second fate, or one that says nothing.
    wrong_fates: usize,
    /// How often each of the other's messages came.
    come: Vec<usize>,
    /// How many of them are there.
    there: usize,
    /// Those that came after a later one.
    late: Vec<usize>,
    latest: Option<usize>,
    /// Up to which the other's messages are here, or will not come any more.
    settled: usize,
    /// Those of which the server may not know whether they came, for it gave the session up.
    uncertain: BTreeSet<usize>,
    /// How long their bodies were.
    lengths: Vec<usize>,
    lives: Lives,
}

#[derive(Debug, Default)]
struct Lives {
    bound: usize,
    resumed: usize,
    not_resumed: usize,
    bounced: usize,
    /// Why connections were over, and why all was.
    ends: BTreeMap<String, usize>,
}

impl Side {
    /// Somebody who connects to this peer, by way of this address if there is one.
    pub(super) fn new(
        jid: &str,
        peer: &Peer,
        address: Option<SocketAddr>,
        messages: usize,
        seed: u64,
    ) -> Self {
        let uri = peer.uri.parse().expect("a URI");
        let mut config = ClientConfig::new(jid.parse().expect("an address"), uri);
        config = config.with_password("secret");
        config.reconnect = Some(at_once());
        if address.is_some() {
            be_impatient(&mut config.limits, peer);
        }
        // Less than would be sent otherwise.
        config.limits.max_unacknowledged = WINDOW - 10;
        let mut dial = DialConfig::default();
        dial.addresses.extend(address);
        let mut random = Seeded::new(seed);
        Self {
            session: begin(&config, &dial),
            config,
            dial,
            is_bound: false,
            sizes: (0..messages).map(|_| size(&mut random)).collect(),
            sent: 0,
            again: VecDeque::new(),
            pending: BTreeMap::new(),
            acked: 0,
            handed_back: BTreeSet::new(),
            wrong_fates: 0,
            come: vec![0; messages],
            there: 0,
            late: Vec::new(),
            latest: None,
            settled: 0,
            uncertain: BTreeSet::new(),
            lengths: vec![0; messages],
            lives: Lives::default(),
        }
    }

    pub(super) fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// Sends what may be sent now.
    pub(super) fn say(&mut self, to: &Self) {
        // Nor may one be through long before the other: a wire that is silent in one direction holds only one up.
        let longest = WINDOW + to.settled.min(to.sent);
        while self.session.endpoint().has_room() {
            let may_go_on = self.sent < self.sizes.len().min(longest);
            let number = match self.again.pop_front() {
                Some(number) => number,
                None if may_go_on => {
                    self.sent += 1;
                    self.sent - 1
                }
                None => return,
            };
            let body = "x".repeat(self.sizes[number]);
            let message = format!(
                "<message to='{}' type='chat' id='{number}'><body>{body}</body></message>",
                to.config.account
            );
            let Ok(ticket) = self.session.send(message) else {
                // It is over, which an event will say.
                return self.again.push_front(number);
            };
            assert!(self.pending.insert(ticket, Some(number)).is_none(), "a ticket twice");
        }
    }

    /// Whether all that was sent came, and has its fate.
    pub(super) fn is_done(&self, to: &Self) -> bool {
        self.sent == self.sizes.len()
            && self.again.is_empty()
            && self.pending.is_empty()
            && to.there == self.sizes.len()
    }

    /// Is to have a new session in place of one that the server gave up, when so many were sent to it.
    pub(super) fn begins_anew(&mut self, sent: usize) {
        // What is sent to nobody, or to a session that nothing is counted in yet, goes nowhere.
        self.is_bound = false;
        // It asks at its own pace what came.
        let first = self.settled.saturating_sub(4 * WINDOW);
        self.uncertain.extend(first..sent);
        self.settled = sent;
    }

    /// Logs in again after an end that was the server's fault.
    pub(super) fn comes_back(&mut self, sent: usize) {
        self.wrong_fates += self.pending.len();
        self.pending.clear();
        self.lives.not_resumed += 1;
        self.session = begin(&self.config, &self.dial);
        self.begins_anew(sent);
    }

    pub(super) fn sent(&self) -> usize {
        self.sent
    }

    pub(super) async fn next(&mut self) -> ClientEvent {
        self.session.next().await.expect("an end is told first")
    }

    pub(super) fn on_event(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Bound(_) => {
                self.is_bound = true;
                self.lives.bound += 1;
                // What waits for the account comes to who is there. It has a fate like all that is sent.
                if let Ok(ticket) = self.session.send("<presence/>") {
                    self.pending.insert(ticket, None);
                }
            }
            ClientEvent::Resumed => self.lives.resumed += 1,
            ClientEvent::NotResumed(_) => self.lives.not_resumed += 1,
            ClientEvent::Acked(ticket) => match self.pending.remove(&ticket) {
                Some(_) => self.acked += 1,
                None => self.wrong_fates += 1,
            },
            ClientEvent::Unconfirmed(ticket) => {
                self.pending.remove(&ticket);
                self.wrong_fates += 1;
            }
            ClientEvent::Undelivered(stanzas) => {
                for stanza in stanzas {
                    match self.pending.remove(&stanza.ticket) {
                        Some(Some(number)) => self.send_again(number),
                        // Each session has a presence of its own.
                        Some(None) => {}
                        None => self.wrong_fates += 1,
                    }
                }
            }
            ClientEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                self.on_message(&stanza);
            }
            ClientEvent::Disconnected { why, .. } | ClientEvent::Ended(why) => {
                *self.lives.ends.entry(why.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }

    fn on_message(&mut self, stanza: &Stanza) {
        let number: usize = stanza.id().expect("ours have one").parse().expect("a number");
        if stanza.error().is_some() {
            // The server has nobody to give it to.
            self.lives.bounced += 1;
            return self.send_again(number);
        }
        self.come[number] += 1;
        self.there += usize::from(self.come[number] == 1);
        self.lengths[number] = body_length(stanza);
        if self.latest.is_some_and(|latest| number < latest) && self.come[number] == 1 {
            self.late.push(number);
        }
        self.latest = self.latest.max(Some(number));
        self.settled = self.settled.max(number + 1);
    }

    fn send_again(&mut self, number: usize) {
        self.handed_back.insert(number);
        self.again.push_back(number);
    }

    /// What became of what was sent.
    pub(super) fn tally(&self, to: &Self) -> Tally {
        let is_known =
            |number: &usize| !self.handed_back.contains(number) && !to.uncertain.contains(number);
        let with = |wanted: fn(usize) -> bool| {
            let found = to.come[..self.sent].iter().enumerate();
            found.filter(move |(_, times)| wanted(**times)).map(|(number, _)| number)
        };
        let lost: Vec<_> = with(|times| times == 0).collect();
        let doubled: Vec<_> = with(|times| times > 1).collect();
        let disordered: Vec<_> = to.late.iter().copied().filter(is_known).collect();
        let came = to.come.iter().zip(&to.lengths).zip(&self.sizes);
        Tally {
            sessions: self.lives.not_resumed,
            sent: self.sent,
            lost: lost.len(),
            doubled: doubled.len(),
            disordered: disordered.len(),
            fateless: self.pending.len() + self.wrong_fates,
            handed_back: self.handed_back.len(),
            damaged: came.filter(|((times, length), size)| **times > 0 && length != size).count(),
            unexplained: lost.iter().chain(&doubled).filter(|it| is_known(it)).count(),
        }
    }

    /// Leaves in good order, if it can.
    pub(super) async fn leave(mut self) {
        if self.session.close().is_ok() {
            let rest = async { while self.session.next().await.is_some() {} };
            timeout(Duration::from_secs(5), rest).await.expect("an end in time");
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lives { bound, resumed, not_resumed, bounced, ends } = &self.lives;
        let acked = self.acked;
        write!(
            f,
            "({acked} acked, {bound} sessions, {resumed} times resumed, {not_resumed} times not, \
             {bounced} bounced, {ends:?})"
        )
    }
}

fn begin(config: &ClientConfig, dial: &DialConfig) -> Session<Client, ClientIo> {
    connect(dial.clone(), |now| Client::new(config.clone(), OsRandom, now))
}

/// Most are short, some are longer than a frame's header says in two bytes or the wire takes at once.
fn size(random: &mut Seeded) -> usize {
    let bits = random.next_bits();
    let longest = if bits.is_multiple_of(100) { 20_000 } else { 800 };
    usize::try_from((bits >> 32) % longest).expect("it is not that long")
}

fn body_length(stanza: &Stanza) -> usize {
    let document = stanza.read();
    let body = document.root().children().find(|child| child.name() == "body");
    body.expect("ours have one").text().len()
}

/// A silent wire is soon given up.
fn be_impatient(limits: &mut Limits, peer: &Peer) {
    limits.ping_after = Some(Duration::from_millis(200));
    limits.ping_answer = Duration::from_secs(1);
    limits.acknowledge = Duration::from_secs(2);
    limits.open = Duration::from_secs(3);
    limits.dial = Duration::from_secs(3);
    limits.negotiate = peer.negotiate;
    limits.close = Duration::from_millis(50);
    limits.hangup = Duration::from_millis(50);
}

fn at_once() -> Reconnect {
    let mut policy = Reconnect::default();
    // On a wire that is cut as often as this one many connections end before anything has got over them.
    policy.max_fruitless_resumptions = u32::MAX;
    policy.floor = Duration::from_millis(1);
    policy.first = Duration::from_millis(5);
    policy.cap = Duration::from_millis(20);
    policy.from_start = true;
    policy
}

/// How many messages may be under way.
const WINDOW: usize = 60;

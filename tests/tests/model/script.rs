//! What can happen in a case.

use proptest::prelude::*;
use xmpp_ws_tests::net::{Last, Trouble};

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// The client's application sends so many stanzas with so many bytes.
    ClientSends(u64, usize),
    ServiceSends(u64, usize),
    /// The client's application sends a stanza for which every connection is cut.
    ClientSendsPoison,
    /// So many milliseconds pass.
    Wait(u64),
    /// The client's application does something else for so many milliseconds.
    Pause(u64),
    Cut {
        noticed: bool,
    },
    CutAfter {
        messages: usize,
        last: Last,
        noticed: bool,
    },
    /// One thing begins or ceases to be wrong.
    Trouble(Toggle, bool),
    /// How long a message is under way from now on, in milliseconds.
    Latency(u64),
    /// Whether the service forgets sessions, and whether their counts too.
    Forget {
        sessions: bool,
        counts: bool,
    },
    Nudge,
    SetActive(bool),
    /// Another process goes on, whose clock shows so many milliseconds.
    Move {
        noticed: bool,
        clock: u64,
    },
    Close,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Toggle {
    Swallows,
    RefusesDials,
    ClientIsSlow,
    ServiceIsSlow,
    ClientSleeps,
    ClientIsStuck,
    ServiceIsStuck,
}

/// What a case is made with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    /// Whether the bounds are narrow enough to be met.
    pub(crate) narrow: bool,
    pub(crate) request_every: u32,
    /// Where the counts of the client's and of the service's stanzas begin.
    pub(crate) counts: (u32, u32),
    /// Whether the client closes in the end before all is settled.
    pub(crate) closes_early: bool,
}

impl Toggle {
    pub(crate) fn of(self, trouble: &mut Trouble) -> &mut bool {
        match self {
            Toggle::Swallows => &mut trouble.swallows,
            Toggle::RefusesDials => &mut trouble.refuses_dials,
            Toggle::ClientIsSlow => &mut trouble.client_is_slow,
            Toggle::ServiceIsSlow => &mut trouble.service_is_slow,
            Toggle::ClientSleeps => &mut trouble.client_sleeps,
            Toggle::ClientIsStuck => &mut trouble.client_is_stuck,
            Toggle::ServiceIsStuck => &mut trouble.service_is_stuck,
        }
    }
}

/// What happens next.
pub(crate) fn op() -> impl Strategy<Value = Op> {
    let many = prop_oneof![4 => 1..4_u64, 1 => 4..40_u64];
    let long = prop_oneof![3 => Just(0_usize), 1 => 0..3000_usize];
    let time = prop_oneof![
        3 => 0..100_u64,
        4 => 100..3_000_u64,
        2 => 3_000..60_000_u64,
        1 => 60_000..400_000_u64,
    ];
    let last = prop_oneof![Just(Last::Arrives), Just(Last::IsLost), Just(Last::IsUnwritable)];
    let toggle = prop_oneof![
        Just(Toggle::Swallows),
        Just(Toggle::RefusesDials),
        Just(Toggle::ClientIsSlow),
        Just(Toggle::ServiceIsSlow),
        Just(Toggle::ClientSleeps),
        Just(Toggle::ClientIsStuck),
        Just(Toggle::ServiceIsStuck),
    ];
    prop_oneof![
        12 => (many.clone(), long.clone()).prop_map(|(many, long)| Op::ClientSends(many, long)),
        12 => (many, long).prop_map(|(many, long)| Op::ServiceSends(many, long)),
        1 => Just(Op::ClientSendsPoison),
        20 => time.clone().prop_map(Op::Wait),
        3 => time.prop_map(Op::Pause),
        4 => any::<bool>().prop_map(|noticed| Op::Cut { noticed }),
        8 => (1..25_usize, last, any::<bool>()).prop_map(|(messages, last, noticed)| {
            Op::CutAfter { messages, last, noticed }
        }),
        8 => (toggle, prop::bool::weighted(0.4)).prop_map(|(toggle, on)| Op::Trouble(toggle, on)),
        2 => prop_oneof![3 => 0..300_u64, 1 => 300..30_000_u64].prop_map(Op::Latency),
        2 => (prop::bool::weighted(0.3), any::<bool>())
            .prop_map(|(sessions, counts)| Op::Forget { sessions, counts }),
        2 => Just(Op::Nudge),
        1 => any::<bool>().prop_map(Op::SetActive),
        3 => (any::<bool>(), 0..100_000_u64)
            .prop_map(|(noticed, clock)| Op::Move { noticed, clock }),
        // Otherwise few cases would get far.
        1 => prop::option::weighted(0.2, Just(Op::Close))
            .prop_map(|close| close.unwrap_or(Op::Nudge)),
    ]
}

/// What a case is made with.
pub(crate) fn setting() -> impl Strategy<Value = Setting> {
    let count = || prop_oneof![2 => Just(0), 3 => u32::MAX - 30..=u32::MAX, 1 => any::<u32>()];
    let every = prop_oneof![Just(1), Just(2), Just(10)];
    (any::<u64>(), any::<bool>(), every, (count(), count()), any::<bool>()).prop_map(
        |(seed, narrow, request_every, counts, closes_early)| Setting {
            seed,
            narrow,
            request_every,
            counts,
            closes_early,
        },
    )
}

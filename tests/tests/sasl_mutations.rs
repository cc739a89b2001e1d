//! Messages with anything wrong in them: no panic, and no login.

use proptest::prelude::*;
use xmpp_ws_tests::fuzz::sasl;

/// Scripts that reach every state, for [`sasl`]: mechanism, side, lines.
const SEEDS: &[&[u8]] = &[
    b"\x03\x00r=\x02x,s=c2FsdA==,i=4\nv=AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\x01",
    b"\x04\x00r=\x02x,s=c2FsdA==,i=64,x=1\n\x01v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"\x05\x00e=other-error\n\x01e=unknown-user",
    b"\x05\x00m=x,r=\x02x,s=c2FsdA==,i=1\n\x01",
    b"\x02\x00\n\x01",
    b"\x01\x00\n\x01",
    b"\x00\x00\n\x01",
    b"\x03\x01n,,n=user,r=x\nc=biws,r=x\x02,p=AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"\x04\x01y,a=a=2Cb,n=user,r=x,y=1\nc=eSxhPWE9MkNiLA==,r=x\x02,p=AAAA",
    b"\x05\x01n,,n=nobody,r=x\nc=biws,r=x\x02,p=AAAA",
    b"\x02\x01\0user\0pencil\n",
    b"\x02\x01user\0user\0pencil ",
    b"\x01\x01juliet@example.com\n",
    b"\x00\x01sirhc\n",
];

#[test]
fn seeds() {
    for seed in SEEDS {
        sasl(seed);
        for length in 0..seed.len() {
            sasl(seed.get(..length).expect("shorter"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn mutated_seeds(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, byte()), 1..6),
    ) {
        let mut data = seed.to_vec();
        for (index, edit, byte) in edits {
            let index = index.index(data.len() + 1);
            match edit {
                0 => data.insert(index, byte),
                1 => data.truncate(index.max(2)),
                2 => drop(data.splice(index..(index + 1).min(data.len()), [byte])),
                _ => drop(data.drain(index.min(data.len() - 1)..(index + 1).min(data.len()))),
            }
            if data.is_empty() {
                break;
            }
        }
        sasl(&data);
    }

    #[test]
    fn any_bytes(data in prop::collection::vec(byte(), 0..80)) {
        sasl(&data);
    }
}

/// The bytes that mean something are more likely.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(&b"\0\x01\x02\n,=anrcsipvemy2CD3\x7f\x80\xc3\xff"[..]),
        any::<u8>(),
    ]
}

//! The bodies of the fuzz targets `client`, `server` and `frame`, on bytes that are the same each time.

use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::walk;

/// Runs this on so many scripts. Each begins with what it is made with, then goes the right way for a while (that is
/// what zeros do), and strays from it more or less after that.
fn run(walk: fn(&[u8]), scripts: u64) {
    for seed in 0..scripts {
        let mut random = Seeded::new(seed);
        let mut number = |below: u64| random.next_bits() % below;
        let (straight, astray, fidelity) = (number(40), number(120), number(8));
        let mut script: Vec<u64> = (0..4).map(|_| number(256)).collect();
        script.extend((0..straight).map(|_| 0));
        script.extend((0..astray).map(|_| if number(8) < fidelity { 0 } else { number(256) }));
        let script: Vec<u8> =
            script.into_iter().filter_map(|byte| u8::try_from(byte).ok()).collect();
        walk(&script);
    }
}

#[test]
fn client() {
    run(walk::client, 1200);
}

#[test]
fn server() {
    run(walk::server, 1200);
}

/// Frames, and frames with a byte or two changed.
#[test]
fn frame() {
    let mut random = Seeded::new(1);
    for frame in walk::FRAMES {
        walk::frame(frame.as_bytes());
        for _ in 0..300 {
            let mut bytes = frame.as_bytes().to_vec();
            for _ in 0..=random.next_bits() % 2 {
                let place = usize::try_from(random.next_bits()).unwrap_or(0) % bytes.len();
                let [byte, ..] = random.next_bits().to_le_bytes();
                bytes[place] = if byte < 128 { byte } else { b"<>/'\"=& :"[usize::from(byte % 9)] };
            }
            walk::frame(&bytes);
        }
    }
}

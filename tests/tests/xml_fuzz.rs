//! The bodies of the fuzz targets on seeds: real elements and samples, whole and damaged.

use xmpp_ws_tests::{corpus, fuzz, mutate};

fn seeds() -> Vec<String> {
    let mut seeds: Vec<String> = corpus::SAMPLES.iter().copied().map(str::to_owned).collect();
    seeds.extend(corpus::elements().into_iter().step_by(7));
    seeds
}

fn damaged(each: fn(&[u8])) {
    let mut numbers = mutate::Numbers::new(1);
    for seed in seeds() {
        each(seed.as_bytes());
        for edits in [1, 1, 2, 3] {
            let pairs: Vec<_> = numbers.by_ref().zip(mutate::Numbers::new(7)).take(edits).collect();
            let pairs = pairs.into_iter().map(|(place, what)| (place, what ^ place >> 7));
            each(mutate::edited(&seed, pairs).as_bytes());
        }
    }
}

#[test]
fn scan() {
    damaged(fuzz::scan);
}

#[test]
fn read() {
    damaged(fuzz::read);
}

#[test]
fn bytes_that_are_no_text() {
    for bytes in [&b"\xff"[..], b"<a>\xc3</a>", b"", b"\xed\xa0\x80"] {
        fuzz::scan(bytes);
        fuzz::read(bytes);
    }
}

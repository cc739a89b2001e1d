//! Compares the scanner with libexpat on damaged elements: `differences SEED COUNT`.
//!
//! libexpat keeps to the names of XML 1.0's fourth edition, so that what is put in is ASCII, and it is no XMPP parser,
//! so that what only XMPP refuses is not counted.

use std::collections::BTreeMap;

use xmpp_ws::xml::{Rule, Scanner};
use xmpp_ws_bench::expat;
use xmpp_ws_tests::{corpus, mutate, oracle};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse().expect("a number"));
    let seed: u64 = arguments.next().unwrap_or(1);
    let count = usize::try_from(arguments.next().unwrap_or(60_000)).expect("a count");
    let mut seeds: Vec<String> = corpus::SAMPLES.iter().copied().map(str::to_owned).collect();
    seeds.extend(corpus::elements());
    let mut numbers = mutate::Numbers::new(seed);
    let mut scanner = Scanner::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unknown = 0;
    for _ in 0..count {
        let mut next = || numbers.next().expect("they never end");
        let seed = &seeds[next() % seeds.len()];
        let edits: Vec<_> = (0..1 + next() % 3).map(|_| (next(), next())).collect();
        let text = mutate::edited(seed, edits);
        let ours = scanner.scan(&text, &oracle::unlimited()).map(|_| ());
        let kind = match (ours, expat::parse(&text)) {
            (Ok(()), true) => "taken by both",
            (Err(_), false) => "refused by both",
            (Err(fault), true) => match fault.rule {
                Rule::Comment
                | Rule::ProcessingInstruction
                | Rule::Doctype
                | Rule::BeforeRoot
                | Rule::Encoding => "refused by us for XMPP",
                Rule::Declaration if text.contains("version='1.0'") => "?",
                _ => "?",
            },
            (Ok(()), false) if !text.is_ascii() => {
                "refused by libexpat, perhaps for a name of the fifth edition"
            }
            (Ok(()), false) => "?",
        };
        *counts.entry(kind).or_default() += 1;
        if kind == "?" {
            unknown += 1;
            println!("DIFFERENCE: we say {ours:?}: {text:?}");
        }
    }
    println!("seed {seed}, {count} damaged elements: {counts:#?}");
    assert_eq!(unknown, 0, "there are differences");
}

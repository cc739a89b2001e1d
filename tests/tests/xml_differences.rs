//! Where the scanner and other parsers differ: nowhere but where the others are known to be wrong.

use std::collections::BTreeMap;

use proptest::prelude::*;
use xmpp_ws_tests::oracle::{self, Gap};
use xmpp_ws_tests::{corpus, mutate};

#[test]
fn damaged_at_every_place() {
    let mut counts: BTreeMap<Gap, usize> = BTreeMap::new();
    let mut texts = 0;
    for sample in corpus::SAMPLES {
        mutate::at_every_place(sample, |text| {
            texts += 1;
            match oracle::compare(text) {
                Ok(gaps) => gaps.into_iter().for_each(|gap| *counts.entry(gap).or_default() += 1),
                Err(difference) => panic!("{difference}"),
            }
        });
    }
    eprintln!("{texts} texts, each with one edit; differences that are known: {counts:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_anywhere(
        seed in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<usize>(), any::<usize>()), 1..5),
    ) {
        let seed = SEEDS.with(|seeds| seeds.get(seed.index(seeds.len())).cloned());
        let text = mutate::edited(&seed.expect("there are samples"), edits);
        if let Err(difference) = oracle::compare(&text) {
            prop_assert!(false, "{}", difference);
        }
    }
}

thread_local! {
    static SEEDS: Vec<String> = {
        let mut seeds: Vec<_> = corpus::SAMPLES.iter().copied().map(str::to_owned).collect();
        seeds.extend(corpus::elements());
        seeds
    };
}

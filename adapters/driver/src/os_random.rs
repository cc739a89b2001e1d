//! The operating system's entropy.

use xmpp_ws::random::{Purpose, Random};

/// The core's [`Random`] from the operating system's source of entropy, whatever the purpose.
///
/// # Panics
///
/// Asking it panics where the operating system has no entropy to give, which happens on none in practice: to go on
/// without would mean to go on with secrets that can be guessed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn bits(&mut self, _: Purpose) -> u128 {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).expect("the operating system has entropy");
        u128::from_ne_bytes(bits)
    }
}

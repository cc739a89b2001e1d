//! The browser's entropy.

use js_sys::Uint8Array;
use xmpp_ws::random::{Purpose, Random};

use crate::js::get_random_values;

/// The core's [`Random`] by `crypto.getRandomValues`, whatever the purpose.
///
/// # Panics
///
/// Asking it panics where there is no such function, which is so in no browser that runs wasm: to go on without would
/// mean to go on with secrets that can be guessed.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebRandom;

impl Random for WebRandom {
    fn bits(&mut self, _: Purpose) -> u128 {
        let space = Uint8Array::new_with_length(BYTES);
        get_random_values(&space).expect("the browser has entropy");
        let mut bits = [0; BYTES as usize];
        space.copy_to(&mut bits);
        u128::from_ne_bytes(bits)
    }
}

const BYTES: u32 = 16;

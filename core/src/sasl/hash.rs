//! The hash functions of SCRAM.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// The hash function of a `SCRAM` mechanism.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Hash {
    /// `SCRAM-SHA-1` (RFC 5802).
    Sha1,
    /// `SCRAM-SHA-256` (RFC 7677).
    Sha256,
    /// `SCRAM-SHA-512`.
    Sha512,
}

impl Hash {
    /// How long its values are, in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// `H(data)` of RFC 5802 § 2.2.
    pub(super) fn digest(self, data: &[u8]) -> Vec<u8> {
        #[cfg(test)]
        work::count(1);
        match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }

    /// `HMAC(key, data)` of RFC 5802 § 2.2.
    pub(super) fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        #[cfg(test)]
        work::count(1);
        match self {
            Self::Sha1 => hmac::<Sha1>(key, data),
            Self::Sha256 => hmac::<Sha256>(key, data),
            Self::Sha512 => hmac::<Sha512>(key, data),
        }
    }

    /// PBKDF2 with HMAC (RFC 8018 § 5.2); with one value's length this is `Hi()` of RFC 5802 § 2.2.
    pub(super) fn pbkdf2(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        length: usize,
    ) -> Vec<u8> {
        #[cfg(test)]
        work::count(u64::from(iterations) * length.div_ceil(self.length()) as u64);
        let mut key = vec![0; length];
        match self {
            Self::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut key),
            Self::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut key),
            Self::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut key),
        }
        key
    }
}

fn hmac<H: EagerHash>(key: &[u8], data: &[u8]) -> Vec<u8> {
    Hmac::<H>::new_from_slice(key)
        .expect("HMAC takes a key of any length (RFC 2104 § 2)")
        .chain_update(data)
        .finalize()
        .into_bytes()
        .to_vec()
}

/// How much this thread hashed, so that tests can compare what two kinds of users cost.
#[cfg(test)]
pub(super) mod work {
    use std::cell::Cell;

    thread_local! {
        static ROUNDS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn count(rounds: u64) {
        ROUNDS.set(ROUNDS.get() + rounds);
    }

    /// The rounds of hashing that `task` does.
    pub(in crate::sasl) fn of<T>(task: impl FnOnce() -> T) -> (T, u64) {
        let before = ROUNDS.get();
        let result = task();
        (result, ROUNDS.get() - before)
    }
}

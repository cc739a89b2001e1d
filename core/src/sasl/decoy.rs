//! Users that do not exist, made to look as if they did.

use std::fmt;

use super::secret::Secret;
use super::{Hash, StoredKeys};

/// What a server answers with when there is no such user, so that nobody can ask it who has an account.
///
/// Salts made from it are the same each time for the same name and hash, and differ between names, as those of
/// real users do. It should stay the same for as long as the accounts do, across restarts and servers of one
/// cluster, and be known to nobody else. `Debug` does not show it.
#[derive(Clone)]
pub struct DecoySecret {
    secret: Secret<[u8; 32]>,
    hash: Hash,
    iterations: u32,
    salt_bytes: usize,
}

impl DecoySecret {
    /// Decoys with [`StoredKeys::DEFAULT_ITERATIONS`] and [`StoredKeys::SALT_BYTES`].
    pub const fn new(secret: [u8; 32]) -> Self {
        Self {
            secret: Secret(secret),
            hash: Hash::Sha256,
            iterations: StoredKeys::DEFAULT_ITERATIONS,
            salt_bytes: StoredKeys::SALT_BYTES,
        }
    }

    /// Makes decoys with the iterations, the length of the salt and (for `PLAIN`) the hash of `keys`.
    ///
    /// A decoy only deceives if it looks like a real user, so `keys` should be made as those of most users are.
    #[must_use]
    pub fn shaped_like(mut self, keys: &StoredKeys) -> Self {
        self.hash = keys.hash();
        self.iterations = keys.iterations();
        self.salt_bytes = keys.salt().len();
        self
    }

    /// The hash to check a `PLAIN` password with where there is no such user.
    pub(super) const fn hash(&self) -> Hash {
        self.hash
    }

    /// The keys of a user who does not exist.
    pub(super) fn keys(&self, hash: Hash, username: &str) -> StoredKeys {
        let salt = self.expand(hash, "salt", username, self.salt_bytes);
        let stored_key = self.expand(hash, "stored key", username, hash.length());
        let server_key = self.expand(hash, "server key", username, hash.length());
        StoredKeys::new(hash, salt, self.iterations, &stored_key, &server_key)
            .expect("the shape is that of keys, and the lengths are the hash's")
    }

    // One iteration of PBKDF2 is HMAC with a counter, so of any length, under labels that cannot run together.
    fn expand(&self, hash: Hash, purpose: &str, username: &str, length: usize) -> Vec<u8> {
        let label = [purpose.as_bytes(), username.as_bytes()].join(&0);
        hash.pbkdf2(&self.secret.0, &label, 1, length)
    }
}

impl fmt::Debug for DecoySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DecoySecret(..)")
    }
}

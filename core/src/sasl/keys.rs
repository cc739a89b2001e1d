//! What RFC 5802 § 3 derives from a password, on either side.

use std::fmt;

use super::secret::Secret;
use super::{Hash, Password, SaslMisuse};

/// A token: the work of turning a client's password into keys.
///
/// [`run`](Self::run) may take long, as long as the server asked for within
/// [`ScramLimits`](crate::limits::ScramLimits). It needs nothing but itself, so a thread can do it. Keys that
/// were derived before for the same user, hash, salt and iterations can answer instead.
#[derive(Clone)]
pub struct KeyDerivation {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    password: Secret,
}

impl KeyDerivation {
    pub(super) const fn new(hash: Hash, salt: Vec<u8>, iterations: u32, password: Secret) -> Self {
        Self { hash, salt, iterations, password }
    }

    /// The mechanism's hash function.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The salt that the server sent.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// How many iterations the server asked for.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Does the work.
    pub fn run(self) -> DerivedKeys {
        DerivedKeys::derive(self.hash, &self.password, &self.salt, self.iterations)
    }
}

impl fmt::Debug for KeyDerivation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeyDerivation")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// A client's keys: `ClientKey` and `ServerKey` of RFC 5802 § 3.
///
/// They log in as well as the password does, but only where salt and iterations are the same (RFC 5802 § 9).
/// `Debug` does not show them.
#[derive(Clone)]
pub struct DerivedKeys {
    hash: Hash,
    keys: Secret<Vec<u8>>,
}

impl DerivedKeys {
    /// Takes back what [`as_bytes`](Self::as_bytes) gave; [`SaslMisuse::Keys`] if the length is wrong.
    pub fn from_bytes(hash: Hash, bytes: &[u8]) -> Result<Self, SaslMisuse> {
        if bytes.len() != 2 * hash.length() {
            return Err(SaslMisuse::Keys);
        }
        Ok(Self { hash, keys: Secret(bytes.to_vec()) })
    }

    /// `ClientKey`, then `ServerKey`: to be kept as carefully as a password.
    pub fn as_bytes(&self) -> &[u8] {
        &self.keys.0
    }

    /// The mechanism's hash function.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// What a server keeps of these keys.
    pub fn stored(&self, salt: Vec<u8>, iterations: u32) -> Result<StoredKeys, SaslMisuse> {
        let (client_key, server_key) = self.split();
        // RFC 5802 § 3: StoredKey := H(ClientKey).
        StoredKeys::new(self.hash, salt, iterations, &self.hash.digest(client_key), server_key)
    }

    pub(super) fn split(&self) -> (&[u8], &[u8]) {
        self.keys.0.split_at(self.hash.length())
    }

    pub(super) fn derive(hash: Hash, password: &Secret, salt: &[u8], iterations: u32) -> Self {
        // RFC 5802 § 3: SaltedPassword := Hi(Normalize(password), salt, i).
        let salted = hash.pbkdf2(password.0.as_bytes(), salt, iterations, hash.length());
        // RFC 5802 § 3: ClientKey := HMAC(SaltedPassword, "Client Key"), and so for ServerKey.
        let mut keys = hash.hmac(&salted, b"Client Key");
        keys.extend(hash.hmac(&salted, b"Server Key"));
        Self { hash, keys: Secret(keys) }
    }
}

impl fmt::Debug for DerivedKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DerivedKeys").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// What a server keeps of a password: `StoredKey` and `ServerKey` of RFC 5802 § 3, their salt and iterations.
///
/// Whoever steals them can pose as the server and guess passwords, but not log in (RFC 5802 § 9). `Debug` does
/// not show them.
#[derive(Clone)]
pub struct StoredKeys {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    keys: Secret<Vec<u8>>,
}

impl StoredKeys {
    /// How many iterations to derive keys with, unless there is a reason for another number.
    // Precedents: RFC 5802 § 5.1 and RFC 7677 § 4 ask for at least 4,096; Prosody's default is 10,000.
    pub const DEFAULT_ITERATIONS: u32 = 10_000;
    /// How long a salt should be, in bytes.
    // Precedent: NIST SP 800-132 § 5.1 asks for at least 16.
    pub const SALT_BYTES: usize = 16;

    /// The keys of a new password; may take long.
    ///
    /// The salt is random, at least [`SALT_BYTES`](Self::SALT_BYTES) long, and new for each user and hash.
    pub fn derive(
        hash: Hash,
        password: &Password,
        salt: Vec<u8>,
        iterations: u32,
    ) -> Result<Self, SaslMisuse> {
        if salt.is_empty() || iterations == 0 {
            return Err(SaslMisuse::Keys);
        }
        let password = password.stored().map_err(SaslMisuse::Password)?;
        DerivedKeys::derive(hash, &password, &salt, iterations).stored(salt, iterations)
    }

    /// The keys as a database kept them.
    ///
    /// [`SaslMisuse::Keys`] if a key is not as long as the hash, the salt is empty or the iterations are zero.
    pub fn new(
        hash: Hash,
        salt: Vec<u8>,
        iterations: u32,
        stored_key: &[u8],
        server_key: &[u8],
    ) -> Result<Self, SaslMisuse> {
        let fits = stored_key.len() == hash.length() && server_key.len() == hash.length();
        if !fits || salt.is_empty() || iterations == 0 {
            return Err(SaslMisuse::Keys);
        }
        Ok(Self { hash, salt, iterations, keys: Secret([stored_key, server_key].concat()) })
    }

    /// The hash function that they are for.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The salt, never empty.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// The iterations, never zero.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// What a client's proof is checked with.
    pub fn stored_key(&self) -> &[u8] {
        self.keys.0.split_at(self.hash.length()).0
    }

    /// What proves to the client that this server knows its password.
    pub fn server_key(&self) -> &[u8] {
        self.keys.0.split_at(self.hash.length()).1
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredKeys")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

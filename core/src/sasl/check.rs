//! Checking a PLAIN password against a server's keys.

use super::keys::DerivedKeys;
use super::plain::Message;
use super::secret::Secret;
use super::server::Step;
use super::{DecoySecret, Failure, StoredKeys, prepare};

/// A token: a username and password that the application checks.
///
/// [`verify`](Self::verify) does it with SCRAM's keys, and may take long; it needs nothing but its arguments, so a
/// thread can do it. An application that asks somebody else (a directory, another service) takes
/// [`password`](Self::password) and says [`accept`](Self::accept) or [`reject`](Self::reject).
#[derive(Debug)]
pub struct PasswordCheck {
    username: String,
    authzid: Option<String>,
    password: Secret,
}

impl PasswordCheck {
    // RFC 4616 § 2: the presented strings are prepared as queries, and "if preparation fails or results in an empty
    // string, verification SHALL fail".
    pub(super) fn new(message: &Message<'_>) -> Result<Self, Failure> {
        let prepared = |string| prepare::query(string).map_err(|_| Failure::NotAuthorized);
        Ok(Self {
            username: prepared(message.username)?,
            authzid: message.authzid.map(str::to_owned),
            password: Secret(prepared(message.password)?),
        })
    }

    /// The username, prepared with SASLprep.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Whom the client wants to act as, if it is somebody else; as it was sent.
    pub fn authzid(&self) -> Option<&str> {
        self.authzid.as_deref()
    }

    /// The password, prepared with SASLprep.
    pub fn password(&self) -> &str {
        &self.password.0
    }

    /// Checks the password with the keys of this user, `None` if there is no such user.
    ///
    /// The work is the same for users that do not exist.
    pub fn verify(self, keys: Option<&StoredKeys>, decoy: &DecoySecret) -> Verdict {
        let decoy = decoy.keys(decoy.hash(), &self.username);
        let (keys, exists) = keys.map_or((&decoy, false), |keys| (keys, true));
        let derived =
            DerivedKeys::derive(keys.hash(), &self.password, keys.salt(), keys.iterations());
        let (client_key, _) = derived.split();
        // RFC 5802 § 3: StoredKey := H(ClientKey).
        let matches = Secret(keys.hash().digest(client_key)).equals(keys.stored_key());
        self.judged(matches & exists)
    }

    /// The password is right.
    pub fn accept(self) -> Verdict {
        self.judged(true)
    }

    /// The password is wrong, or there is no such user: the client is told the same.
    pub fn reject(self) -> Verdict {
        self.judged(false)
    }

    fn judged(self, is_accepted: bool) -> Verdict {
        Verdict { username: self.username, authzid: self.authzid, is_accepted }
    }
}

/// What became of a [`PasswordCheck`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Verdict {
    username: String,
    authzid: Option<String>,
    is_accepted: bool,
}

impl Verdict {
    /// Whether the password was right.
    pub const fn is_accepted(&self) -> bool {
        self.is_accepted
    }

    /// The username, prepared with SASLprep.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// How the exchange ends: [`Step::Success`] or [`Failure::NotAuthorized`].
    pub fn into_step(self) -> Result<Step, Failure> {
        if !self.is_accepted {
            return Err(Failure::NotAuthorized);
        }
        Ok(Step::Success { username: self.username, authzid: self.authzid, data: None })
    }
}

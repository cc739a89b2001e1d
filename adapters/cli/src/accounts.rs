//! Who may log in to the embedded server.

use std::collections::BTreeMap;

use xmpp_ws::jid::Jid;
use xmpp_ws::random::{Purpose, Random};
use xmpp_ws::sasl::{DecoySecret, Hash, Password, SaslMisuse, StoredKeys};

/// A user as the command line names it: `NAME:PASSWORD`.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    password: Password,
}

/// What is kept of the users: no password, only SCRAM's keys.
#[derive(Debug)]
pub(crate) struct Accounts {
    host: Jid,
    /// By the prepared name.
    keys: BTreeMap<String, [StoredKeys; HASHES.len()]>,
    decoy: DecoySecret,
}

impl Account {
    pub(crate) fn new(name: &str, password: &str) -> Self {
        Self { name: name.to_owned(), password: Password::new(password) }
    }

    /// Reads `NAME:PASSWORD`; the password may have colons.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((_, "")) | None => Err("a user is NAME:PASSWORD, such as alice:secret".to_owned()),
            Some((name, password)) => Ok(Self::new(name, password)),
        }
    }
}

impl Accounts {
    /// What a password that is sent as it is (PLAIN) is checked with.
    pub(crate) const PLAIN_HASH: Hash = HASHES[0];

    /// Derives the keys of these users of `host`, which takes some milliseconds each.
    pub(crate) fn new(
        host: &Jid,
        accounts: &[Account],
        random: &mut dyn Random,
    ) -> Result<Self, AccountError> {
        let mut keys = BTreeMap::new();
        for account in accounts {
            let name = prepared(&account.name, host)
                .ok_or_else(|| AccountError::Name(account.name.clone()))?;
            let stored = derive(&account.password, random)
                .map_err(|error| AccountError::Password { name: account.name.clone(), error })?;
            if keys.insert(name, stored).is_some() {
                return Err(AccountError::Twice(account.name.clone()));
            }
        }
        Ok(Self { host: host.clone(), decoy: decoy(&keys, random), keys })
    }

    /// The users' bare addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Jid> {
        let address = |name: &String| Jid::from_parts(Some(name), self.host.domain(), None).ok();
        self.keys.keys().filter_map(address)
    }

    /// What this user's password is checked with; `None`: there is no such user.
    pub(crate) fn keys(&self, username: &str, hash: Hash) -> Option<&StoredKeys> {
        // A client may write the name in capitals: it is the address that counts.
        let keys = self.keys.get(&prepared(username, &self.host)?)?;
        keys.iter().find(|keys| keys.hash() == hash)
    }

    /// What those who are no users are answered with.
    pub(crate) fn decoy(&self) -> &DecoySecret {
        &self.decoy
    }
}

/// The name as it stands in an address.
fn prepared(name: &str, host: &Jid) -> Option<String> {
    let jid = Jid::from_parts(Some(name), host.domain(), None).ok()?;
    jid.local().map(str::to_owned)
}

fn derive(
    password: &Password,
    random: &mut dyn Random,
) -> Result<[StoredKeys; HASHES.len()], SaslMisuse> {
    let mut one = |hash| {
        let salt = random.bits(Purpose::ScramNonce).to_be_bytes().to_vec();
        StoredKeys::derive(hash, password, salt, ITERATIONS)
    };
    Ok([one(HASHES[0])?, one(HASHES[1])?, one(HASHES[2])?])
}

fn decoy(
    keys: &BTreeMap<String, [StoredKeys; HASHES.len()]>,
    random: &mut dyn Random,
) -> DecoySecret {
    let mut secret = [0; 32];
    for half in secret.chunks_exact_mut(16) {
        half.copy_from_slice(&random.bits(Purpose::ScramNonce).to_be_bytes());
    }
    let decoy = DecoySecret::new(secret);
    match keys.values().next() {
        Some([first, ..]) => decoy.shaped_like(first),
        None => decoy,
    }
}

/// Why there can be no such users.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("{0:?} cannot be a user's name: it is empty, too long or has a forbidden character")]
    Name(String),
    #[error("the password of {name:?} cannot be used: {error}")]
    Password { name: String, error: SaslMisuse },
    #[error("{0:?} is given twice")]
    Twice(String),
}

// Those of decoys for PLAIN are of the first.
const HASHES: [Hash; 3] = [Hash::Sha256, Hash::Sha1, Hash::Sha512];
const ITERATIONS: u32 = StoredKeys::DEFAULT_ITERATIONS;

#[cfg(test)]
mod tests {
    use xmpp_ws_tokio::OsRandom;

    use super::*;

    fn accounts(accounts: &[Account]) -> Result<Accounts, AccountError> {
        Accounts::new(&"localhost".parse().unwrap(), accounts, &mut OsRandom)
    }

    #[test]
    fn a_name_counts_as_an_address_does() {
        let accounts = accounts(&[Account::new("Alice", "secret")]).unwrap();
        for hash in HASHES {
            assert_eq!(accounts.keys("aLiCe", hash).unwrap().hash(), hash);
        }
        assert!(accounts.keys("bob", Hash::Sha1).is_none());
        assert!(accounts.keys("a@b", Hash::Sha1).is_none());
        assert_eq!(accounts.addresses().next().unwrap().as_str(), "alice@localhost");
    }

    #[test]
    fn what_cannot_be_a_user_is_refused_in_words() {
        for (name, password) in [("a b", "secret"), ("", "secret"), ("alice", "\u{7}")] {
            assert!(accounts(&[Account::new(name, password)]).is_err(), "{name:?} {password:?}");
        }
        assert!(accounts(&[Account::new("a", "1"), Account::new("A", "2")]).is_err());
        assert!(Account::parse("alice").is_err());
        assert!(Account::parse("alice:").is_err());
        assert!(Account::parse("alice:se:cret").is_ok());
    }
}

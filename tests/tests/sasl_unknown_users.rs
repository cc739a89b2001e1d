//! Nobody can ask a server who has an account.

use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{DecoySecret, Failure, Hash, Mechanism, Password, StoredKeys};
use xmpp_ws_tests::sasl_login::any_iterations;

const MECHANISMS: [Mechanism; 3] =
    [Mechanism::ScramSha1, Mechanism::ScramSha256, Mechanism::ScramSha512];

/// The keys of somebody; this server's salts have 20 bytes, and it does 7 iterations.
fn keys(hash: Hash) -> StoredKeys {
    let salt = b"twenty bytes of salt".to_vec();
    StoredKeys::derive(hash, &Password::new("pencil"), salt, 7).expect("good password")
}

fn decoy(secret: u8) -> DecoySecret {
    DecoySecret::new([secret; 32]).shaped_like(&keys(Hash::Sha256))
}

/// A login with a password that may be wrong: salt, iterations, and how it fails.
fn attempt(
    mechanism: Mechanism,
    username: &str,
    password: &str,
    keys: Option<&StoredKeys>,
    decoy: &DecoySecret,
) -> (Vec<u8>, u32, Result<String, Failure>) {
    let password = Password::new(password);
    let mut start = Start::new(username, "client".to_owned());
    start.password = Some(&password);
    let (client, initial) = client::Exchange::start(mechanism, start).expect("good credentials");
    let step = Exchange::start(mechanism, initial.as_deref(), "server".to_owned(), None);
    let Ok(Step::Lookup(exchange, _)) = step else { panic!("{step:?}") };
    let step = exchange.credentials(keys, decoy);
    let Ok(Step::Challenge(exchange, challenge)) = step else { panic!("{step:?}") };
    let step = client.challenge(&challenge, &any_iterations());
    let Ok(client::Step::Derive(client, derivation)) = step else { panic!("{step:?}") };
    let (salt, iterations) = (derivation.salt().to_vec(), derivation.iterations());
    let (_, response) = client.derived(&derivation.run()).expect("the very keys");
    let result = match exchange.response(&response) {
        Ok(Step::Success { username, .. }) => Ok(username),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    };
    (salt, iterations, result)
}

#[test]
fn an_unknown_user_fails_as_a_wrong_password_does() {
    for mechanism in MECHANISMS {
        let hash = mechanism.scram_hash().expect("SCRAM");
        let real = keys(hash);
        let (salt, iterations, known) = attempt(mechanism, "user", "wrong", Some(&real), &decoy(1));
        let (fake, repeated, unknown) = attempt(mechanism, "nobody", "wrong", None, &decoy(1));
        assert_eq!(known, Err(Failure::NotAuthorized));
        assert_eq!(unknown, known);
        assert_eq!(repeated, iterations);
        assert_eq!(fake.len(), salt.len());
        let (_, _, right) = attempt(mechanism, "user", "pencil", Some(&real), &decoy(1));
        assert_eq!(right.as_deref(), Ok("user"));
    }
}

#[test]
fn an_unknown_user_keeps_its_salt() {
    let salt = |mechanism, username: &str, secret| {
        attempt(mechanism, username, "x", None, &decoy(secret)).0
    };
    for mechanism in MECHANISMS {
        assert_eq!(salt(mechanism, "nobody", 1), salt(mechanism, "nobody", 1));
        // The same name, written otherwise.
        assert_eq!(salt(mechanism, "IX", 1), salt(mechanism, "\u{2168}", 1));
        assert_ne!(salt(mechanism, "nobody", 1), salt(mechanism, "somebody", 1));
        assert_ne!(salt(mechanism, "nobody", 1), salt(mechanism, "nobody", 2));
    }
    let [sha1, sha256, sha512] = MECHANISMS.map(|mechanism| salt(mechanism, "nobody", 1));
    assert!(sha1 != sha256 && sha256 != sha512 && sha512 != sha1, "a salt for each hash");
}

#[test]
fn decoys_look_as_keys_are_made_unless_told_otherwise() {
    let decoy = DecoySecret::new([1; 32]);
    let (salt, iterations, _) = attempt(Mechanism::ScramSha1, "nobody", "x", None, &decoy);
    assert_eq!(salt.len(), StoredKeys::SALT_BYTES);
    assert_eq!(iterations, StoredKeys::DEFAULT_ITERATIONS);
    // Longer than any hash.
    let keys = StoredKeys::derive(Hash::Sha1, &Password::new("x"), vec![9; 100], 2);
    let decoy = decoy.shaped_like(&keys.expect("good password"));
    let (salt, iterations, _) = attempt(Mechanism::ScramSha1, "nobody", "x", None, &decoy);
    assert_eq!((salt.len(), iterations), (100, 2));
}

#[test]
fn keys_of_another_hash_are_as_good_as_none() {
    let other = keys(Hash::Sha256);
    let none = attempt(Mechanism::ScramSha1, "user", "pencil", None, &decoy(1));
    let wrong = attempt(Mechanism::ScramSha1, "user", "pencil", Some(&other), &decoy(1));
    assert_eq!(none, wrong);
    assert_eq!(none.2, Err(Failure::NotAuthorized));
}

#[test]
fn plain_says_the_same_of_both() {
    let real = keys(Hash::Sha256);
    let verdict = |username: &str, keys| {
        let data = format!("\0{username}\0wrong");
        let step = Exchange::start(Mechanism::Plain, Some(data.as_bytes()), String::new(), None);
        let Ok(Step::CheckPassword(check)) = step else { panic!("{step:?}") };
        check.verify(keys, &decoy(1)).into_step().err()
    };
    assert_eq!(verdict("user", Some(&real)), Some(Failure::NotAuthorized));
    assert_eq!(verdict("nobody", None), Some(Failure::NotAuthorized));
}

//! Client against server: whoever knows the password gets in, and nobody else.

use proptest::prelude::*;
use xmpp_ws::sasl::client::Start;
use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{
    ChannelBinding, DecoySecret, Failure, Hash, Mechanism, Password, SaslFault, SaslMisuse,
    StoredKeys, Unpreparable,
};
use xmpp_ws_tests::sasl_login::{Outcome, Server, login};

/// The name and password as a server prepares them; `None` if it cannot.
fn prepared(username: &str, password: &str) -> Option<(String, String)> {
    let data = format!("\0{username}\0{password}");
    match Exchange::start(Mechanism::Plain, Some(data.as_bytes()), String::new(), None) {
        Ok(Step::CheckPassword(check)) => {
            Some((check.username().to_owned(), check.password().to_owned()))
        }
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => good_text(), 1 => "[\u{1f300}-\u{1f5ff}]{1,3}", 1 => any::<String>()]
}

/// Text that can mostly be prepared, also to be stored.
fn good_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z,=\"&<\u{e4}\u{df} ]{1,12}",
        "[\u{5d0}-\u{5ea}\u{627}-\u{63a}]{1,6}",
        "[\u{3041}-\u{3094}\u{ac00}-\u{ac80}\u{2160}-\u{216f}\u{ad}]{1,6}",
    ]
}

fn mechanism() -> impl Strategy<Value = Mechanism> {
    prop::sample::select(Mechanism::ALL)
}

fn nonce() -> impl Strategy<Value = String> {
    "[!-+\\--~]{1,40}"
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn the_right_password_opens(
        mechanism in mechanism(),
        (username, password, authzid) in (text(), text(), prop::option::of(text())),
        (ours, theirs) in (nonce(), nonce()),
        (salt, iterations) in (prop::collection::vec(any::<u8>(), 1..40), 1_u32..5),
        (could_bind, asks_first, challenges_last) in any::<(bool, bool, bool)>(),
    ) {
        let secret = Password::new(&password);
        let channel = ChannelBinding::TlsExporter(vec![1; 32].into());
        let mut start = Start::new(&username, ours);
        start.authzid = authzid.as_deref();
        start.password = Some(&secret);
        start.channel_binding = Some(&channel).filter(|_| could_bind || mechanism.binds());
        let hash = mechanism.scram_hash().unwrap_or(Hash::Sha256);
        let keys = StoredKeys::derive(hash, &secret, salt, iterations);
        let names = prepared(&username, &password);
        let user = names.as_ref().zip(keys.as_ref().ok()).map(|((name, _), keys)| (name.as_str(), keys));
        let decoy = DecoySecret::new([3; 32]);
        let decoy = keys.as_ref().map_or(decoy.clone(), |keys| decoy.shaped_like(keys));
        let binding = Some(channel.clone()).filter(|_| mechanism.binds());
        let server = Server { user, decoy, nonce: &theirs, binding, asks_first, challenges_last };
        let outcome = login(mechanism, start, &server);

        let authzid = authzid.filter(|authzid| !authzid.is_empty());
        let expected = match mechanism {
            _ if authzid.as_ref().is_some_and(|authzid| authzid.contains('\0')) => {
                Outcome::Misuse(SaslMisuse::Authzid)
            }
            Mechanism::Anonymous => Outcome::Success(None, None),
            Mechanism::External => Outcome::Success(None, authzid),
            // A password with characters younger than Unicode 3.2 has no keys.
            Mechanism::Plain if names.is_some() && keys.is_err() => {
                Outcome::Failure(Failure::NotAuthorized)
            }
            _ if names.is_none() || keys.is_err() => {
                let misused = matches!(
                    outcome,
                    Outcome::Misuse(SaslMisuse::Username(_) | SaslMisuse::Password(_))
                );
                prop_assert!(misused, "{outcome:?}");
                return Ok(());
            }
            _ => Outcome::Success(names.map(|(name, _)| name), authzid),
        };
        prop_assert_eq!(outcome, expected);
    }

    #[test]
    fn another_password_does_not(
        mechanism in mechanism().prop_filter("no password", |mechanism| {
            !matches!(mechanism, Mechanism::Anonymous | Mechanism::External)
        }),
        (username, password, wrong) in (good_text(), good_text(), good_text()),
        known in any::<bool>(),
    ) {
        let (Some((name, right)), Some((_, presented))) =
            (prepared(&username, &password), prepared(&username, &wrong))
        else {
            return Err(TestCaseError::reject("a name or password that cannot be prepared"));
        };
        prop_assume!(!known || right != presented);
        let hash = mechanism.scram_hash().unwrap_or(Hash::Sha512);
        let keys = StoredKeys::derive(hash, &Password::new(&password), b"salt".to_vec(), 1);
        let Ok(keys) = keys else { return Err(TestCaseError::reject("a password without keys")) };
        let secret = Password::new(&wrong);
        let channel = ChannelBinding::TlsExporter(vec![1; 32].into());
        let mut start = Start::new(&username, "ours".to_owned());
        start.password = Some(&secret);
        start.channel_binding = Some(&channel).filter(|_| mechanism.binds());
        let server = Server {
            user: known.then_some((name.as_str(), &keys)),
            decoy: DecoySecret::new([3; 32]).shaped_like(&keys),
            nonce: "theirs",
            binding: Some(channel.clone()).filter(|_| mechanism.binds()),
            asks_first: false,
            challenges_last: false,
        };
        let outcome = login(mechanism, start, &server);
        let unassigned = Outcome::Misuse(SaslMisuse::Password(Unpreparable::Unassigned));
        prop_assert!(
            outcome == Outcome::Failure(Failure::NotAuthorized) || outcome == unassigned,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_server_that_lost_its_key_is_not_believed() {
    let password = Password::new("pencil");
    let keys = StoredKeys::derive(Hash::Sha256, &password, b"salt".to_vec(), 1).expect("good");
    // It knows what checks the client's proof, as from an old copy, but not what proves itself.
    let stolen = StoredKeys::new(Hash::Sha256, b"salt".to_vec(), 1, keys.stored_key(), &[0; 32]);
    let stolen = stolen.expect("they fit");
    for challenges_last in [false, true] {
        let mut start = Start::new("user", "ours".to_owned());
        start.password = Some(&password);
        let server = Server {
            user: Some(("user", &stolen)),
            decoy: DecoySecret::new([3; 32]),
            nonce: "theirs",
            binding: None,
            asks_first: false,
            challenges_last,
        };
        let outcome = login(Mechanism::ScramSha256, start, &server);
        assert_eq!(outcome, Outcome::Fault(SaslFault::WrongSignature));
    }
}

//! Names on the wire, and what is not to be seen.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{self, Step};
use xmpp_ws::sasl::{DecoySecret, Failure, Hash, KeyDerivation, Mechanism, Password, StoredKeys};

#[test]
fn mechanisms_have_names() {
    let names = [
        "ANONYMOUS",
        "EXTERNAL",
        "PLAIN",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "SCRAM-SHA-512",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-512-PLUS",
    ];
    assert_eq!(Mechanism::ALL.iter().map(|mechanism| mechanism.name()).collect::<Vec<_>>(), names);
    for mechanism in Mechanism::ALL {
        assert_eq!(Mechanism::from_name(mechanism.name()), Some(*mechanism));
        assert_eq!(mechanism.to_string(), mechanism.name());
    }
    // RFC 4422 § 3.1: names are upper case.
    for name in ["", "plain", "SCRAM-SHA-1-plus", "SCRAM-SHA-256 ", "DIGEST-MD5"] {
        assert_eq!(Mechanism::from_name(name), None, "{name:?}");
    }
}

#[test]
fn stronger_mechanisms_are_preferred() {
    let weakest_first = [
        Mechanism::Anonymous,
        Mechanism::Plain,
        Mechanism::ScramSha1,
        Mechanism::ScramSha256,
        Mechanism::ScramSha512,
        Mechanism::ScramSha1Plus,
        Mechanism::ScramSha256Plus,
        Mechanism::ScramSha512Plus,
        Mechanism::External,
    ];
    assert_eq!(weakest_first.len(), Mechanism::ALL.len());
    assert!(
        weakest_first.is_sorted_by(|weaker, stronger| weaker.preference() < stronger.preference())
    );
}

#[test]
fn failures_have_the_names_of_rfc_6120_in_its_order() {
    let names = [
        "aborted",
        "account-disabled",
        "credentials-expired",
        "encryption-required",
        "incorrect-encoding",
        "invalid-authzid",
        "invalid-mechanism",
        "malformed-request",
        "mechanism-too-weak",
        "not-authorized",
        "temporary-auth-failure",
    ];
    assert_eq!(Failure::ALL.iter().map(|failure| failure.name()).collect::<Vec<_>>(), names);
    for failure in Failure::ALL {
        assert_eq!(Failure::from_name(failure.name()), Some(*failure));
    }
    assert_eq!(Failure::from_name("bad-protocol"), None);
}

#[test]
fn tokens_can_be_sent_to_a_thread() {
    fn movable<T: Send + 'static>() {}
    movable::<KeyDerivation>();
    movable::<server::PasswordCheck>();
    movable::<server::Exchange>();
    movable::<client::Exchange>();
}

#[test]
fn secrets_do_not_show() {
    let password = Password::new("pencil");
    let keys = StoredKeys::derive(Hash::Sha1, &password, b"salt".to_vec(), 1).expect("good");
    let decoy = DecoySecret::new([0xab; 32]);
    let mut start = Start::new("user", "nonce".to_owned());
    start.password = Some(&password);
    let mut seen = vec![format!("{password:?} {keys:?} {decoy:?} {start:?}")];
    let (client, _) = client::Exchange::start(Mechanism::ScramSha1, start).expect("good");
    seen.push(format!("{client:?}"));
    let challenge = b"r=nonceserver,s=c2FsdA==,i=4096";
    let step = client.challenge(challenge, &ScramLimits::default()).expect("good");
    seen.push(format!("{step:?}"));
    let client::Step::Derive(client, derivation) = step else { panic!("{seen:?}") };
    let derived = derivation.run();
    seen.push(format!("{derived:?}"));
    let (client, _) = client.derived(&derived).expect("the very keys");
    seen.push(format!("{client:?}"));
    let step =
        server::Exchange::start(Mechanism::Plain, Some(b"\0user\0pencil"), String::new(), None);
    seen.push(format!("{step:?}"));
    let step =
        server::Exchange::start(Mechanism::ScramSha1, Some(b"n,,n=user,r=x"), "y".to_owned(), None);
    let Ok(Step::Lookup(exchange, _)) = step else { panic!("{seen:?}") };
    let step = exchange.credentials(Some(&keys), &decoy);
    seen.push(format!("{step:?}"));
    let seen = seen.join(" ");
    assert!(seen.contains("user"), "something is to be seen: {seen}");
    assert!(!seen.contains("pencil"), "{seen}");
    for secret in [derived.as_bytes(), keys.stored_key(), keys.server_key(), &[0xab; 32]] {
        let start = secret.get(..4).expect("longer than that");
        let list = format!("{start:?}");
        assert!(!seen.contains(list.trim_end_matches(']')), "{list} in {seen}");
    }
}

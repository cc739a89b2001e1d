//! What an application cannot ask for.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{Exchange, Start, Step};
use xmpp_ws::sasl::{DerivedKeys, Hash, Mechanism, Password, SaslMisuse, StoredKeys, Unpreparable};

fn start<'a>(username: &'a str, password: Option<&'a Password>) -> Start<'a> {
    let mut start = Start::new(username, "nonce".to_owned());
    start.password = password;
    start
}

#[test]
fn credentials_that_cannot_be_used() {
    let begin = |mechanism, start: Start<'_>| Exchange::start(mechanism, start).err();
    let good = Password::new("pencil");
    for mechanism in [Mechanism::Plain, Mechanism::ScramSha1, Mechanism::ScramSha512] {
        assert_eq!(begin(mechanism, start("user", Some(&good))), None);
        assert_eq!(begin(mechanism, start("user", None)), Some(SaslMisuse::NoPassword));
        for (string, why) in [
            ("", Unpreparable::Empty),
            ("a\0b", Unpreparable::Prohibited),
            ("\u{627}1", Unpreparable::Bidirectional),
        ] {
            let misuse = Some(SaslMisuse::Username(why));
            assert_eq!(begin(mechanism, start(string, Some(&good))), misuse);
            let misuse = Some(SaslMisuse::Password(why));
            assert_eq!(begin(mechanism, start("user", Some(&Password::new(string)))), misuse);
        }
        let mut with_nul = start("user", Some(&good));
        with_nul.authzid = Some("a\0b");
        assert_eq!(begin(mechanism, with_nul), Some(SaslMisuse::Authzid));
    }
    // A name is a query, so that younger characters than Unicode 3.2's are welcome; a hashed password is stored.
    let key = Password::new("\u{1f511}");
    assert_eq!(begin(Mechanism::ScramSha1, start("\u{1f511}", Some(&good))), None);
    assert_eq!(begin(Mechanism::Plain, start("user", Some(&key))), None);
    let misuse = SaslMisuse::Password(Unpreparable::Unassigned);
    assert_eq!(begin(Mechanism::ScramSha1, start("user", Some(&key))), Some(misuse));
    let stored = StoredKeys::derive(Hash::Sha1, &key, b"salt".to_vec(), 1);
    assert_eq!(stored.err(), Some(misuse));
}

#[test]
fn a_nonce_that_cannot_be_used() {
    let password = Password::new("pencil");
    for nonce in ["", "a,b", "a b", "a\n", "\u{e9}", "\u{7f}"] {
        let mut start = Start::new("user", nonce.to_owned());
        start.password = Some(&password);
        let misuse = Exchange::start(Mechanism::ScramSha256, start).err();
        assert_eq!(misuse, Some(SaslMisuse::Nonce), "{nonce:?}");
    }
}

#[test]
fn a_trace_that_cannot_be_used() {
    let begin = |trace: &str| {
        let mut start = Start::new("", String::new());
        start.trace = Some(trace);
        Exchange::start(Mechanism::Anonymous, start).map(|(_, initial)| initial)
    };
    assert_eq!(begin("sirhc"), Ok(Some(b"sirhc".to_vec())));
    assert_eq!(begin(&"\u{e9}".repeat(255)), Ok(Some("\u{e9}".repeat(255).into_bytes())));
    assert_eq!(begin(&"\u{e9}".repeat(256)), Err(SaslMisuse::Trace));
    assert_eq!(begin("a\nb"), Err(SaslMisuse::Trace));
}

#[test]
fn keys_that_do_not_fit() {
    let keys = DerivedKeys::from_bytes(Hash::Sha256, &[0; 64]).expect("they fit");
    let password = Password::new("pencil");
    let first_sent = || {
        let start = start("user", Some(&password));
        Exchange::start(Mechanism::ScramSha1, start).expect("good credentials").0
    };
    let challenge = b"r=nonceserver,s=QSXCR+Q6sek8bf92,i=4096";
    let step = first_sent().challenge(challenge, &ScramLimits::default());
    let Ok(Step::Derive(exchange, _)) = step else { panic!("{step:?}") };
    assert_eq!(exchange.derived(&keys).err(), Some(SaslMisuse::Keys));
    assert_eq!(first_sent().derived(&keys).err(), Some(SaslMisuse::NoDerivation));
    assert_eq!(DerivedKeys::from_bytes(Hash::Sha256, &[0; 63]).err(), Some(SaslMisuse::Keys));
    for (salt, iterations, stored, server) in
        [(0, 1, 20, 20), (1, 0, 20, 20), (1, 1, 19, 20), (1, 1, 20, 21)]
    {
        let (stored, server) = (vec![0; stored], vec![0; server]);
        let keys = StoredKeys::new(Hash::Sha1, vec![0; salt], iterations, &stored, &server);
        assert_eq!(keys.err(), Some(SaslMisuse::Keys));
    }
    assert_eq!(
        StoredKeys::derive(Hash::Sha1, &password, Vec::new(), 1).err(),
        Some(SaslMisuse::Keys)
    );
    assert_eq!(StoredKeys::derive(Hash::Sha1, &password, vec![1], 0).err(), Some(SaslMisuse::Keys));
}

//! What a client may not do to a server, one test a failure.

use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{ChannelBinding, DecoySecret, Failure, Hash, Mechanism, Password, StoredKeys};

const FIRST: &str = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL";
const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
const FINAL: &str =
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";

/// RFC 5802 § 5, at the server.
fn start(initial: &str) -> Result<Step, Failure> {
    let nonce = "3rfcNHYJY1ZVvWVs7j".to_owned();
    Exchange::start(Mechanism::ScramSha1, Some(initial.as_bytes()), nonce, None)
}

fn username(initial: &str) -> Result<String, Failure> {
    match start(initial) {
        Ok(Step::Lookup(_, lookup)) => Ok(lookup.username),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    }
}

fn keys() -> StoredKeys {
    let salt = b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76".to_vec();
    StoredKeys::derive(Hash::Sha1, &Password::new("pencil"), salt, 4096).expect("good password")
}

fn challenged() -> Exchange {
    let Ok(Step::Lookup(exchange, _)) = start(FIRST) else { panic!("a good first message") };
    match exchange.credentials(Some(&keys()), &DecoySecret::new([0; 32])) {
        Ok(Step::Challenge(exchange, _)) => exchange,
        other => panic!("{other:?}"),
    }
}

fn answered(data: &str) -> Option<Failure> {
    challenged().response(data.as_bytes()).err()
}

#[test]
fn a_first_message_that_breaks_the_grammar() {
    for data in [
        "",
        "n",
        "n,",
        "n,,",
        "n,,n=user",
        "n,,r=abc",
        "n,,r=abc,n=user",
        "n=user,r=abc",
        "N,,n=user,r=abc",
        " n,,n=user,r=abc",
        "n,,n=,r=abc",
        "n,,n=user,r=",
        "n,,n=user,r=a b",
        "n,,n=user,r=a\u{e9}",
        "n,,n=us\0er,r=abc",
        "n,,n=user,r=abc,",
        "n,,n=user,r=abc,x",
        "n,,n=user,r=abc,x=",
        "n,,n=user,r=abc,r=abc",
        "n,,n=user,r=abc,n=other",
        "n,,n=user,r=abc,xx=1",
        "n,,user,r=abc",
        "n,user,n=user,r=abc",
        "n,a=,n=user,r=abc",
        "n,a=b=c,n=user,r=abc",
        "n,,,n=user,r=abc",
    ] {
        assert_eq!(username(data), Err(Failure::MalformedRequest), "{data:?}");
    }
    let not_utf8 =
        Exchange::start(Mechanism::ScramSha1, Some(b"n,,n=\xff,r=abc"), "x".to_owned(), None);
    assert_eq!(not_utf8.err(), Some(Failure::MalformedRequest));
}

#[test]
fn escapes_in_names() {
    assert_eq!(username("n,,n=a=2Cb=3Dc,r=abc").as_deref(), Ok("a,b=c"));
    assert_eq!(username("n,,n==3D2C,r=abc").as_deref(), Ok("=2C"));
    // RFC 5802 § 5.1: anything else "MUST fail the authentication".
    for name in ["=", "a=", "=2", "=3", "=2c", "=3d", "=41", "==", "=2D", "a=b"] {
        let failure = username(&format!("n,,n={name},r=abc"));
        assert_eq!(failure, Err(Failure::MalformedRequest), "{name:?}");
    }
}

#[test]
fn names_are_prepared_as_queries() {
    assert_eq!(username("n,,n=\u{2168}\u{ad},r=abc").as_deref(), Ok("IX"));
    assert_eq!(username("n,,n=\u{1f511},r=abc").as_deref(), Ok("\u{1f511}"));
    for name in ["\u{ad}", "a\u{7}b", "\u{627}1", "\u{e000}"] {
        let failure = username(&format!("n,,n={name},r=abc"));
        assert_eq!(failure, Err(Failure::MalformedRequest), "{name:?}");
    }
}

#[test]
fn an_authorization_identity_is_handed_on() {
    for (header, authzid) in [
        ("n,,", None),
        ("n,a=juliet@example.com,", Some("juliet@example.com")),
        ("y,a=a=2Cb=3Dc,", Some("a,b=c")),
    ] {
        let Ok(Step::Lookup(_, lookup)) = start(&format!("{header}n=user,r=abc")) else {
            panic!("{header:?}");
        };
        assert_eq!(lookup.authzid.as_deref(), authzid);
    }
}

#[test]
fn extensions() {
    assert_eq!(username("n,,n=user,r=abc,x=1,Y=a=b").as_deref(), Ok("user"));
    for data in [
        "n,,m=x,n=user,r=abc",
        "n,,n=user,m=x,r=abc",
        "n,,n=user,r=abc,m=x",
        "n,,n=user,r=abc,x=1,m=x",
    ] {
        assert_eq!(username(data), Err(Failure::MalformedRequest), "{data:?}");
    }
    // Extensions come before the proof, and are signed, so that this proof is wrong but the message is well-formed.
    let signed = FINAL.replace(",p=", ",x=1,p=");
    assert_eq!(answered(&signed), Some(Failure::NotAuthorized));
    assert_eq!(answered(&FINAL.replace(",p=", ",m=1,p=")), Some(Failure::MalformedRequest));
    assert_eq!(answered(&format!("{FINAL},x=1")), Some(Failure::MalformedRequest));
}

#[test]
fn a_final_message_that_breaks_the_grammar() {
    for data in [
        "",
        "c=biws",
        "p=AAAA",
        ",p=AAAA",
        "c=biws,p=AAAA",
        "r=x,c=biws,p=AAAA",
        "c=b i,r=x,p=AAAA",
        "c=biws,r=x,p=AAA",
        "c=biws,r=x,p=AAB=",
        "c=biws,r=x,p=AAAA ",
        "c=biws,r=x,p=AAAA,",
        "c=biws,r=,p=AAAA",
        "c=biws,r=x y,p=AAAA",
        "c=biws,r=x,P=AAAA",
        "c=biwt=,r=x,p=AAAA",
        "c=biws,r=x,r=x,p=AAAA",
        "c=biws,r=x,p=AAAA,p=A",
    ] {
        assert_eq!(answered(data), Some(Failure::MalformedRequest), "{data:?}");
    }
    let not_utf8 = challenged().response(b"c=biws,r=\xff,p=AAAA").err();
    assert_eq!(not_utf8, Some(Failure::MalformedRequest));
}

#[test]
fn the_whole_nonce_has_to_come_back() {
    assert_eq!(answered(FINAL), None);
    for nonce in ["fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", &format!("{NONCE}x"), "x"] {
        let data = FINAL.replace(NONCE, nonce);
        assert_eq!(answered(&data), Some(Failure::NotAuthorized), "{data:?}");
    }
}

#[test]
fn the_header_has_to_come_back() {
    // "y,,", "n,a=x,", "n,,x", "n," and nothing.
    for header in ["eSws", "bixhPXgs", "biwseA==", "biw=", ""] {
        let data = FINAL.replace("biws", header);
        assert_eq!(answered(&data), Some(Failure::NotAuthorized), "{data:?}");
    }
}

#[test]
fn a_wrong_proof() {
    for proof in ["w0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "", "v0X8", "v0X8v3Bz2T0CJGbJQyF0X+HI4Tsv"] {
        let data = FINAL.replace("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", proof);
        assert_eq!(answered(&data), Some(Failure::NotAuthorized), "{data:?}");
    }
}

#[test]
fn messages_out_of_turn() {
    let Ok(Step::Lookup(exchange, _)) = start(FIRST) else { panic!("a good first message") };
    assert_eq!(exchange.response(FINAL.as_bytes()).err(), Some(Failure::MalformedRequest));
    // These are the application's own: it answers what nobody asked.
    let decoy = DecoySecret::new([0; 32]);
    let failure = challenged().credentials(None, &decoy).err();
    assert_eq!(failure, Some(Failure::TemporaryAuthFailure));
    let Ok(Step::Challenge(exchange, _)) =
        Exchange::start(Mechanism::Plain, None, String::new(), None)
    else {
        panic!("the server asks");
    };
    assert_eq!(exchange.credentials(None, &decoy).err(), Some(Failure::TemporaryAuthFailure));
}

#[test]
fn a_nonce_of_the_server_that_cannot_be_used() {
    for nonce in ["", "a,b", "a b", "\u{e9}"] {
        let step =
            Exchange::start(Mechanism::ScramSha1, Some(FIRST.as_bytes()), nonce.to_owned(), None);
        assert_eq!(step.err(), Some(Failure::TemporaryAuthFailure), "{nonce:?}");
    }
}

#[test]
fn without_an_initial_response_the_server_asks() {
    for mechanism in Mechanism::ALL {
        let channel = ChannelBinding::TlsExporter(vec![1; 32].into());
        let binding = Some(channel).filter(|_| mechanism.binds());
        let step = Exchange::start(*mechanism, None, "nonce".to_owned(), binding);
        let first = match mechanism {
            Mechanism::Anonymous => {
                assert!(matches!(step, Ok(Step::Anonymous { trace: None })), "{step:?}");
                continue;
            }
            Mechanism::External => "",
            Mechanism::Plain => "\0user\0pencil",
            plus if plus.binds() => "p=tls-exporter,,n=user,r=abc",
            scram => {
                assert!(scram.scram_hash().is_some(), "{scram}");
                FIRST
            }
        };
        let Ok(Step::Challenge(exchange, data)) = step else { panic!("{step:?}") };
        assert_eq!(data, b"");
        let step = exchange.response(first.as_bytes());
        assert!(
            matches!(step, Ok(Step::External { .. } | Step::CheckPassword(_) | Step::Lookup(..))),
            "{step:?}"
        );
    }
}

#[test]
fn plain_is_read_strictly() {
    let start = |data: &[u8]| Exchange::start(Mechanism::Plain, Some(data), String::new(), None);
    for data in [
        &b""[..],
        b"user",
        b"user\0pencil",
        b"\0\0",
        b"\0user\0",
        b"\0\0pencil",
        b"a\0user\0pencil\0",
        b"\0user\0pen\0cil",
        b"\0us\xffer\0pencil",
    ] {
        assert_eq!(start(data).err(), Some(Failure::MalformedRequest), "{data:?}");
    }
    // RFC 4616 § 2: "if preparation fails or results in an empty string, verification SHALL fail".
    for data in ["\0us\u{7}er\0pencil", "\0user\0pen\u{7}cil", "\0\u{ad}\0pencil", "\0user\0\u{ad}"]
    {
        assert_eq!(start(data.as_bytes()).err(), Some(Failure::NotAuthorized), "{data:?}");
    }
    let step = start("juliet@example.com\0\u{2168}\0pen\u{ad}cil".as_bytes());
    let Ok(Step::CheckPassword(check)) = step else { panic!("{step:?}") };
    assert_eq!(check.authzid(), Some("juliet@example.com"));
    assert_eq!((check.username(), check.password()), ("IX", "pencil"));
    let verdict = check.accept();
    assert!(verdict.is_accepted());
    let step = verdict.into_step();
    let Ok(Step::Success { username, authzid, data: None }) = step else { panic!("{step:?}") };
    assert_eq!((username.as_str(), authzid.as_deref()), ("IX", Some("juliet@example.com")));
}

#[test]
fn a_plain_password_is_checked_with_any_hash() {
    for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512] {
        let keys = StoredKeys::derive(hash, &Password::new("pencil"), b"salt".to_vec(), 3);
        for (password, accepted) in [("pencil", true), ("pencil ", false), ("Pencil", false)] {
            let data = format!("\0user\0{password}");
            let step =
                Exchange::start(Mechanism::Plain, Some(data.as_bytes()), String::new(), None);
            let Ok(Step::CheckPassword(check)) = step else { panic!("{step:?}") };
            let verdict = check.verify(keys.as_ref().ok(), &DecoySecret::new([0; 32]));
            assert_eq!(verdict.is_accepted(), accepted);
            assert_eq!(verdict.into_step().err(), (!accepted).then_some(Failure::NotAuthorized));
        }
    }
}

#[test]
fn external_and_anonymous_are_read() {
    let start =
        |mechanism, data: &[u8]| Exchange::start(mechanism, Some(data), String::new(), None);
    for (data, expected) in [("", None), ("juliet@example.com", Some("juliet@example.com"))] {
        let step = start(Mechanism::External, data.as_bytes());
        let Ok(Step::External { authzid }) = step else { panic!("{step:?}") };
        assert_eq!(authzid.as_deref(), expected);
        let step = start(Mechanism::Anonymous, data.as_bytes());
        let Ok(Step::Anonymous { trace }) = step else { panic!("{step:?}") };
        assert_eq!(trace.as_deref(), expected);
    }
    for data in [&b"a\0b"[..], b"\xff"] {
        for mechanism in [Mechanism::External, Mechanism::Anonymous] {
            assert_eq!(start(mechanism, data).err(), Some(Failure::MalformedRequest));
        }
    }
    let longest = "\u{e9}".repeat(255);
    assert!(start(Mechanism::Anonymous, longest.as_bytes()).is_ok());
    let too_long = format!("{longest}x");
    let failure = start(Mechanism::Anonymous, too_long.as_bytes()).err();
    assert_eq!(failure, Some(Failure::MalformedRequest));
}

//! What a server may not do to a client, one test a fault.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{Exchange, Start, Step};
use xmpp_ws::sasl::{Mechanism, Password, SaslFault, ServerError};

const CHALLENGE: &str = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
const SIGNATURE: &str = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

/// RFC 5802 § 5, up to the first message.
fn first_sent() -> Exchange {
    let password = Password::new("pencil");
    let mut start = Start::new("user", "fyko+d2lbbFgONRv9qkxdawL".to_owned());
    start.password = Some(&password);
    Exchange::start(Mechanism::ScramSha1, start).expect("good credentials").0
}

/// RFC 5802 § 5, up to the final message.
fn final_sent() -> Exchange {
    match first_sent().challenge(CHALLENGE.as_bytes(), &ScramLimits::default()) {
        Ok(Step::Derive(exchange, derivation)) => {
            exchange.derived(&derivation.run()).expect("the very keys").0
        }
        other => panic!("{other:?}"),
    }
}

fn challenged(data: &str) -> Result<(), SaslFault> {
    first_sent().challenge(data.as_bytes(), &ScramLimits::default()).map(drop)
}

#[test]
fn a_message_that_breaks_the_grammar() {
    let nonce = "r=fyko+d2lbbFgONRv9qkxdawL3rfc";
    for data in [
        String::new(),
        "r".to_owned(),
        nonce.to_owned(),
        format!("{nonce},s=QSXCR+Q6sek8bf92"),
        format!("{nonce},i=4096,s=QSXCR+Q6sek8bf92"),
        format!("s=QSXCR+Q6sek8bf92,{nonce},i=4096"),
        format!(" {nonce},s=QSXCR+Q6sek8bf92,i=4096"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,x"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,x="),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,xy=1"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,1=1"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,x=a\0b"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096,i=8192"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=0"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=04096"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=+4096"),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i=4096 "),
        format!("{nonce},s=QSXCR+Q6sek8bf92,i="),
        format!("{nonce},s=QSXCR+Q6sek8bf9,i=4096"),
        format!("{nonce},s=QSXCR+Q6sek8bQ,i=4096"),
        // The same salt, with padding bits that are not zero.
        format!("{nonce},s=QSXCR+Q6sek8bR==,i=4096"),
        format!("{nonce},s=QSXCR Q6sek8bf92,i=4096"),
        format!("{nonce} x,s=QSXCR+Q6sek8bf92,i=4096"),
        format!("{nonce}\u{e9},s=QSXCR+Q6sek8bf92,i=4096"),
    ] {
        assert_eq!(challenged(&data), Err(SaslFault::Malformed), "{data:?}");
    }
    let not_utf8 = first_sent().challenge(b"r=\xff", &ScramLimits::default()).map(drop);
    assert_eq!(not_utf8, Err(SaslFault::Malformed));
}

#[test]
fn a_final_message_that_breaks_the_grammar() {
    for data in [
        "v",
        "v=",
        "v=rmF9",
        "V=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        "x=1,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKR=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,",
    ] {
        let fault = if data == "v=" || data == "v=rmF9" {
            SaslFault::WrongSignature
        } else {
            SaslFault::Malformed
        };
        assert_eq!(final_sent().success(Some(data.as_bytes())), Err(fault), "{data:?}");
    }
    assert_eq!(final_sent().success(Some(b"v=\xff")), Err(SaslFault::Malformed));
}

#[test]
fn an_extension_that_would_have_to_be_known() {
    for data in
        [format!("m=x,{CHALLENGE}"), format!("{CHALLENGE},m=x"), format!("{CHALLENGE},x=1,m=x")]
    {
        assert_eq!(challenged(&data), Err(SaslFault::MandatoryExtension), "{data:?}");
    }
    for data in [format!("m=x,{SIGNATURE}"), format!("{SIGNATURE},m=x")] {
        let result = final_sent().success(Some(data.as_bytes()));
        assert_eq!(result, Err(SaslFault::MandatoryExtension), "{data:?}");
    }
}

#[test]
fn extensions_that_need_not_be_known_are_ignored() {
    // RFC 5802 § 5.1: "Unknown optional extensions MUST be ignored upon receipt."
    assert_eq!(challenged(&format!("{CHALLENGE},x=1,Y=a=b,d=\u{e9}")), Ok(()));
    assert_eq!(final_sent().success(Some(format!("{SIGNATURE},x=1").as_bytes())), Ok(()));
}

#[test]
fn a_nonce_that_is_not_ours() {
    for nonce in [
        "fyko+d2lbbFgONRv9qkxdaw",
        "gyko+d2lbbFgONRv9qkxdawL3rfc",
        "x",
        "FYKO+D2LBBFGONRV9QKXDAWL3",
    ] {
        let data = format!("r={nonce},s=QSXCR+Q6sek8bf92,i=4096");
        assert_eq!(challenged(&data), Err(SaslFault::ForeignNonce), "{data:?}");
    }
}

#[test]
fn a_nonce_that_is_only_ours() {
    let data = "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096";
    assert_eq!(challenged(data), Err(SaslFault::NonceNotExtended));
}

#[test]
fn no_salt() {
    assert_eq!(challenged("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=,i=4096"), Err(SaslFault::EmptySalt));
}

#[test]
fn iterations_at_the_limits_and_one_past_them() {
    let mut limits = ScramLimits::default();
    assert_eq!((limits.min_iterations, limits.max_iterations), (4096, 2_000_000));
    let asked = |limits: &ScramLimits, iterations: &str| {
        let data = format!("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i={iterations}");
        match first_sent().challenge(data.as_bytes(), limits) {
            Ok(Step::Derive(_, derivation)) => Ok(derivation.iterations()),
            Ok(Step::Respond(..)) => panic!("the first challenge asks for a derivation"),
            Err(fault) => Err(fault),
        }
    };
    assert_eq!(asked(&limits, "4096"), Ok(4096));
    assert_eq!(
        asked(&limits, "4095"),
        Err(SaslFault::TooFewIterations { asked: 4095, least: 4096 })
    );
    assert_eq!(asked(&limits, "2000000"), Ok(2_000_000));
    let too_many = Err(SaslFault::TooManyIterations { most: 2_000_000 });
    assert_eq!(asked(&limits, "2000001"), too_many);
    assert_eq!(asked(&limits, "4294967295"), too_many);
    assert_eq!(asked(&limits, "4294967296"), too_many);
    assert_eq!(asked(&limits, &"9".repeat(1000)), too_many);
    limits.max_iterations = u32::MAX;
    assert_eq!(asked(&limits, "4294967295"), Ok(u32::MAX));
    assert_eq!(asked(&limits, "4294967296"), Err(SaslFault::TooManyIterations { most: u32::MAX }));
}

#[test]
fn an_error_of_the_server() {
    for error in ServerError::ALL {
        let data = format!("e={error}");
        assert_eq!(challenged(&data), Err(SaslFault::Server(*error)));
        assert_eq!(final_sent().success(Some(data.as_bytes())), Err(SaslFault::Server(*error)));
        assert_eq!(ServerError::from_name(error.name()), Some(*error));
    }
    // RFC 5802 § 7: "Unrecognized errors should be treated as "other-error"."
    assert_eq!(challenged("e=bad-hair-day"), Err(SaslFault::Server(ServerError::OtherError)));
}

#[test]
fn a_wrong_signature() {
    let data = b"v=rmF9pqV8S7suAoZWja4dJRkFsKU=";
    assert_eq!(final_sent().success(Some(data)), Err(SaslFault::WrongSignature));
    let challenged = final_sent().challenge(data, &ScramLimits::default()).map(drop);
    assert_eq!(challenged, Err(SaslFault::WrongSignature));
}

#[test]
fn a_success_without_the_signature() {
    assert_eq!(final_sent().success(None), Err(SaslFault::MissingSignature));
    assert_eq!(final_sent().success(Some(b"")), Err(SaslFault::MissingSignature));
    assert_eq!(first_sent().success(None), Err(SaslFault::MissingSignature));
    // Not even the right signature helps before the client has said anything to sign.
    assert_eq!(first_sent().success(Some(SIGNATURE.as_bytes())), Err(SaslFault::MissingSignature));
    let Ok(Step::Derive(exchange, _)) =
        first_sent().challenge(CHALLENGE.as_bytes(), &ScramLimits::default())
    else {
        panic!("the first challenge asks for a derivation");
    };
    assert_eq!(exchange.success(Some(SIGNATURE.as_bytes())), Err(SaslFault::MissingSignature));
}

#[test]
fn the_signature_may_come_in_a_challenge() {
    let step = final_sent().challenge(SIGNATURE.as_bytes(), &ScramLimits::default());
    let Ok(Step::Respond(exchange, response)) = step else { panic!("{step:?}") };
    assert_eq!(response, b"");
    assert_eq!(exchange.success(None), Ok(()));
    assert_eq!(final_sent().success(Some(SIGNATURE.as_bytes())), Ok(()));
}

#[test]
fn a_challenge_where_there_is_none() {
    let limits = ScramLimits::default();
    let unexpected = Some(SaslFault::UnexpectedChallenge);
    for mechanism in [Mechanism::Plain, Mechanism::External, Mechanism::Anonymous] {
        let password = Password::new("pencil");
        let mut start = Start::new("user", String::new());
        start.password = Some(&password);
        let (exchange, _) = Exchange::start(mechanism, start).expect("good credentials");
        assert_eq!(exchange.challenge(b"", &limits).err(), unexpected);
    }
    let Ok(Step::Derive(exchange, _)) = first_sent().challenge(CHALLENGE.as_bytes(), &limits)
    else {
        panic!("the first challenge asks for a derivation");
    };
    assert_eq!(exchange.challenge(CHALLENGE.as_bytes(), &limits).err(), unexpected);
    let Ok(Step::Respond(exchange, _)) = final_sent().challenge(SIGNATURE.as_bytes(), &limits)
    else {
        panic!("the signature is right");
    };
    assert_eq!(exchange.challenge(SIGNATURE.as_bytes(), &limits).err(), unexpected);
}

#[test]
fn data_where_there_is_none() {
    let password = Password::new("pencil");
    let mut start = Start::new("user", String::new());
    start.password = Some(&password);
    for (data, result) in [
        (None, Ok(())),
        (Some(&b""[..]), Ok(())),
        (Some(&b"x"[..]), Err(SaslFault::UnexpectedData)),
    ] {
        let (exchange, _) = Exchange::start(Mechanism::Plain, start.clone()).expect("starts");
        assert_eq!(exchange.success(data), result);
    }
}

//! Final messages whose proof is right: what they say counts all the same.
//!
//! The proofs were computed with Python's hashlib and hmac from the example of RFC 5802 § 5.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{ChannelBinding, DecoySecret, Failure, Hash, Mechanism, Password, StoredKeys};

/// The server's side of RFC 5802 § 5 after this first message.
fn challenged(first: &[u8]) -> (Exchange, Vec<u8>) {
    let salt = b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76".to_vec();
    let keys = StoredKeys::derive(Hash::Sha1, &Password::new("pencil"), salt, 4096);
    let nonce = "3rfcNHYJY1ZVvWVs7j".to_owned();
    let step = Exchange::start(Mechanism::ScramSha1, Some(first), nonce, None);
    let Ok(Step::Lookup(exchange, _)) = step else { panic!("{step:?}") };
    match exchange.credentials(keys.as_ref().ok(), &DecoySecret::new([0; 32])) {
        Ok(Step::Challenge(exchange, data)) => (exchange, data),
        other => panic!("{other:?}"),
    }
}

fn answered(data: &str) -> Option<Failure> {
    let (exchange, _) = challenged(b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    exchange.response(data.as_bytes()).err()
}

#[test]
fn an_extension_that_is_signed_is_ignored() {
    let data = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,x=1,\
                p=PCvJl/dwF5u0nypOkMKylk7hMtc=";
    assert_eq!(answered(data), None);
}

#[test]
fn another_nonce_is_refused() {
    for data in [
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7jx,p=Xt+dRWGGHAcDsxflZ9MwMJ9XNSw=",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL,p=ZY0Neb8TYkJCatpWnXYAU6gRE5s=",
    ] {
        assert_eq!(answered(data), Some(Failure::NotAuthorized), "{data:?}");
    }
}

#[test]
fn another_header_is_refused() {
    let data = "c=eSws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=BjZF5dV+EkD3YCb3pH3IP8riMGw=";
    assert_eq!(answered(data), Some(Failure::NotAuthorized));
}

#[test]
fn nobody_in_between_can_change_the_header() {
    for (heard, result) in [
        ("y,,", None),
        // The client could bind, but the server is told that it cannot.
        ("n,,", Some(Failure::NotAuthorized)),
        ("y,a=admin,", Some(Failure::NotAuthorized)),
    ] {
        let password = Password::new("pencil");
        let channel = ChannelBinding::TlsExporter(vec![1; 32].into());
        let mut start = Start::new("user", "fyko+d2lbbFgONRv9qkxdawL".to_owned());
        start.password = Some(&password);
        start.channel_binding = Some(&channel);
        let (client, said) = client::Exchange::start(Mechanism::ScramSha1, start).expect("good");
        let said = String::from_utf8(said.unwrap_or_default()).expect("SCRAM is text");
        let (server, challenge) = challenged(said.replace("y,,", heard).as_bytes());
        let step = client.challenge(&challenge, &ScramLimits::default());
        let Ok(client::Step::Derive(client, derivation)) = step else { panic!("{step:?}") };
        let (_, response) = client.derived(&derivation.run()).expect("the very keys");
        assert_eq!(server.response(&response).err(), result, "{heard:?}");
    }
}

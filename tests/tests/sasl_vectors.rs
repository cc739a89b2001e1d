//! The examples of the standards, both roles, byte for byte.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{self, Step};
use xmpp_ws::sasl::{
    ChannelBinding, DecoySecret, DerivedKeys, Hash, Mechanism, Password, StoredKeys,
};

struct Vector {
    mechanism: Mechanism,
    username: &'static str,
    prepared: &'static str,
    authzid: Option<&'static str>,
    /// What the client could bind to, or does.
    channel: Option<&'static [u8]>,
    password: &'static str,
    client_nonce: &'static str,
    server_nonce: &'static str,
    salt: &'static [u8],
    iterations: u32,
    stored_key: &'static str,
    server_key: &'static str,
    /// The four messages of RFC 5802 § 7, in their order.
    client_first: &'static str,
    server_first: &'static str,
    client_final: &'static str,
    server_final: &'static str,
}

/// RFC 5802 § 5; the keys by Python's hashlib.
const RFC_5802: Vector = Vector {
    mechanism: Mechanism::ScramSha1,
    username: "user",
    prepared: "user",
    authzid: None,
    channel: None,
    password: "pencil",
    client_nonce: "fyko+d2lbbFgONRv9qkxdawL",
    server_nonce: "3rfcNHYJY1ZVvWVs7j",
    salt: b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76",
    iterations: 4096,
    stored_key: "e9d94660c39d65c38fbad91c358f14da0eef2bd6",
    server_key: "0fe09258b3ac852ba502cc62ba903eaacdbf7d31",
    client_first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    server_first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    client_final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                   p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    server_final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
};

/// RFC 7677 § 3; the keys by Python's hashlib.
const RFC_7677: Vector = Vector {
    mechanism: Mechanism::ScramSha256,
    username: "user",
    prepared: "user",
    authzid: None,
    channel: None,
    password: "pencil",
    client_nonce: "rOprNGfwEbeRWgbNEkqO",
    server_nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    salt: b"\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81",
    iterations: 4096,
    stored_key: "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6",
    server_key: "c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5",
    client_first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    client_final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    server_final: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

/// Computed with Python's hashlib and hmac: a name to be escaped and prepared, an authzid, the flag `y`.
const SHA_512: Vector = Vector {
    mechanism: Mechanism::ScramSha512,
    username: "us,\u{ad}er",
    prepared: "us,er",
    authzid: Some("a=b"),
    channel: Some(b"channel"),
    password: "p\u{e4}ncil\u{a0}\u{131}",
    client_nonce: "clientNonce.!~",
    server_nonce: "serverNonce#",
    salt: b"sixteen bytes ok",
    iterations: 5000,
    stored_key: "17c1db2b6fcb1e8226cc62b72d6000ce831101f8d64566d3175c1c29db86cde7\
                 5ad204d96e27900483c969535be7c1f72499efe11e778f0d1b2dd36be6abca67",
    server_key: "05b491753ebe41dcdaf555dff8e492f6421c453a82a7ac1b4919fc027c15e900\
                 f33deb21a5b5d2a01b20627fdde77aa0df52bc36492b4b6e69deb947f533959c",
    client_first: "y,a=a=3Db,n=us=2Cer,r=clientNonce.!~",
    server_first: "r=clientNonce.!~serverNonce#,s=c2l4dGVlbiBieXRlcyBvaw==,i=5000",
    client_final: "c=eSxhPWE9M0RiLA==,r=clientNonce.!~serverNonce#,\
                   p=wxtI8GFbDkWUX/B+dVmpZNLaBEBQs+I+U5Vz/cgoOS/EcZR5DrqZPmm6AZNOj34YgYygXTr/\
                   i0t0MwFBsRZ0qg==",
    server_final: "v=yat8gXSp5bQuMcgLM4AMdm7x81CmreqRL3YOd0Tsiny0ppFICxGvPri768Yb1N8Ov+i4Ho9L\
                   aL4lC2E8Kxde/A==",
};

/// Computed with Python's hashlib and hmac: bound to the channel.
const SHA_256_PLUS: Vector = Vector {
    mechanism: Mechanism::ScramSha256Plus,
    username: "user",
    prepared: "user",
    authzid: None,
    channel: Some(&[
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31,
    ]),
    password: "pencil",
    client_nonce: "rOprNGfwEbeRWgbNEkqO",
    server_nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    salt: b"sixteen bytes ok",
    iterations: 4096,
    stored_key: "4613bb277c1eb87f33393fdb74ed832cf6fc4ca543215e04123ac88f7a5d7c56",
    server_key: "cf44b1949474eef48707fa55f67e7b0ea1f15d06206463cedfd4e3586c1a44f4",
    client_first: "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   s=c2l4dGVlbiBieXRlcyBvaw==,i=4096",
    client_final: "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,\
                   r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   p=egAi5ThAAIQaBMrUpkPH3Y96eZgvC636O7w7mtWDyAg=",
    server_final: "v=Vsnw1ZtIGkPA/iixiEavJ2x077tRKKN5IHBNKCNs+Zo=",
};

const ALL: [Vector; 4] = [RFC_5802, RFC_7677, SHA_512, SHA_256_PLUS];

#[test]
fn a_client_says_what_the_examples_say() {
    for vector in ALL {
        let password = Password::new(vector.password);
        let mut start = Start::new(vector.username, vector.client_nonce.to_owned());
        start.password = Some(&password);
        start.authzid = vector.authzid;
        let channel = channel(&vector);
        start.channel_binding = channel.as_ref();
        let (exchange, initial) = client::Exchange::start(vector.mechanism, start).expect("starts");
        assert_eq!(initial.as_deref(), Some(vector.client_first.as_bytes()));

        let limits = ScramLimits::default();
        let Ok(client::Step::Derive(exchange, derivation)) =
            exchange.challenge(vector.server_first.as_bytes(), &limits)
        else {
            panic!("the first challenge asks for a derivation");
        };
        assert_eq!(derivation.hash(), hash(&vector));
        assert_eq!(derivation.salt(), vector.salt);
        assert_eq!(derivation.iterations(), vector.iterations);
        let (exchange, response) = exchange.derived(&derivation.run()).expect("the very keys");
        assert_eq!(str::from_utf8(&response), Ok(vector.client_final));
        assert_eq!(exchange.success(Some(vector.server_final.as_bytes())), Ok(()));
    }
}

#[test]
fn a_server_says_what_the_examples_say() {
    for vector in ALL {
        let keys = StoredKeys::new(
            hash(&vector),
            vector.salt.to_vec(),
            vector.iterations,
            &bytes(vector.stored_key),
            &bytes(vector.server_key),
        )
        .expect("they fit");
        let Ok(Step::Lookup(exchange, lookup)) = server::Exchange::start(
            vector.mechanism,
            Some(vector.client_first.as_bytes()),
            vector.server_nonce.to_owned(),
            channel(&vector).filter(|_| vector.mechanism.binds()),
        ) else {
            panic!("the first message asks for a lookup");
        };
        assert_eq!(lookup.username, vector.prepared);
        assert_eq!(lookup.hash, hash(&vector));
        assert_eq!(lookup.authzid.as_deref(), vector.authzid);

        let decoy = DecoySecret::new([0; 32]);
        let Ok(Step::Challenge(exchange, challenge)) = exchange.credentials(Some(&keys), &decoy)
        else {
            panic!("the keys make a challenge");
        };
        assert_eq!(str::from_utf8(&challenge), Ok(vector.server_first));
        let Ok(Step::Success { username, authzid, data }) =
            exchange.response(vector.client_final.as_bytes())
        else {
            panic!("the proof is right");
        };
        assert_eq!(username, vector.prepared);
        assert_eq!(authzid.as_deref(), vector.authzid);
        assert_eq!(data.as_deref(), Some(vector.server_final.as_bytes()));
    }
}

#[test]
fn a_password_gives_the_keys_of_the_examples() {
    for vector in ALL {
        let keys = StoredKeys::derive(
            hash(&vector),
            &Password::new(vector.password),
            vector.salt.to_vec(),
            vector.iterations,
        )
        .expect("the password can be prepared");
        assert_eq!(keys.stored_key(), bytes(vector.stored_key));
        assert_eq!(keys.server_key(), bytes(vector.server_key));
    }
}

#[test]
fn keys_that_were_kept_log_in_again() {
    let vector = RFC_7677;
    let first_message = || {
        let password = Password::new(vector.password);
        let mut start = Start::new(vector.username, vector.client_nonce.to_owned());
        start.password = Some(&password);
        let (exchange, _) = client::Exchange::start(vector.mechanism, start).expect("starts");
        match exchange.challenge(vector.server_first.as_bytes(), &ScramLimits::default()) {
            Ok(client::Step::Derive(exchange, derivation)) => (exchange, derivation),
            other => panic!("{other:?}"),
        }
    };
    let (_, derivation) = first_message();
    let kept = derivation.run().as_bytes().to_vec();
    assert_eq!(kept.len(), 2 * Hash::Sha256.length());

    let (exchange, _) = first_message();
    let keys = DerivedKeys::from_bytes(Hash::Sha256, &kept).expect("they fit");
    let (_, response) = exchange.derived(&keys).expect("the very keys");
    assert_eq!(str::from_utf8(&response), Ok(vector.client_final));
    let stored = keys.stored(vector.salt.to_vec(), vector.iterations).expect("they fit");
    assert_eq!(stored.stored_key(), bytes(vector.stored_key));
    assert_eq!(stored.server_key(), bytes(vector.server_key));
}

#[test]
fn plain_is_one_message() {
    // RFC 6120 § 9.1.5, and RFC 4616 § 4 with an authorization identity.
    for (authzid, username, password, message) in [
        (None, "juliet", "r0m30myr0m30", "\0juliet\0r0m30myr0m30"),
        (Some("Ursel"), "Kurt", "xipj3plmq", "Ursel\0Kurt\0xipj3plmq"),
    ] {
        let password = Password::new(password);
        let mut start = Start::new(username, String::new());
        start.authzid = authzid;
        start.password = Some(&password);
        let (_, initial) = client::Exchange::start(Mechanism::Plain, start).expect("starts");
        assert_eq!(initial.as_deref(), Some(message.as_bytes()));
        let Ok(Step::CheckPassword(check)) =
            server::Exchange::start(Mechanism::Plain, initial.as_deref(), String::new(), None)
        else {
            panic!("there is a password to check");
        };
        assert_eq!((check.authzid(), check.username()), (authzid, username));
    }
}

fn channel(vector: &Vector) -> Option<ChannelBinding> {
    vector.channel.map(|material| ChannelBinding::TlsExporter(material.into()))
}

fn hash(vector: &Vector) -> Hash {
    vector.mechanism.scram_hash().expect("all of the examples are of SCRAM")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).expect("hex")).collect();
    digits
        .chunks(2)
        .map(|pair| {
            pair.iter().fold(0, |byte, digit| byte << 4 | u8::try_from(*digit).expect("4 bits"))
        })
        .collect()
}

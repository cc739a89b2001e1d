//! SCRAM that is bound to the channel (RFC 5802 § 6), and what tells that somebody is in between.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{Exchange, Step};
use xmpp_ws::sasl::{
    ChannelBinding, DecoySecret, Failure, Hash, Mechanism, Password, SaslFault, SaslMisuse,
    ServerError, StoredKeys,
};
use xmpp_ws_tests::sasl_login::{Outcome, Server, any_iterations, login};

fn channel(byte: u8) -> ChannelBinding {
    ChannelBinding::TlsExporter(vec![byte; 32].into())
}

/// A client that sees this channel logs in to a server that sees that one.
fn logged_in(
    mechanism: Mechanism,
    ours: Option<&ChannelBinding>,
    server_binds: bool,
    theirs: Option<ChannelBinding>,
) -> Outcome {
    let password = Password::new("pencil");
    let hash = mechanism.scram_hash().expect("a SCRAM mechanism");
    let keys = StoredKeys::derive(hash, &password, b"salt".to_vec(), 1).expect("good");
    let mut start = Start::new("user", "ours".to_owned());
    start.password = Some(&password);
    start.channel_binding = ours;
    start.server_binds = server_binds;
    let server = Server {
        user: Some(("user", &keys)),
        decoy: DecoySecret::new([3; 32]),
        nonce: "theirs",
        binding: theirs,
        asks_first: false,
        challenges_last: false,
    };
    login(mechanism, start, &server)
}

const BOUND: [Mechanism; 3] =
    [Mechanism::ScramSha1Plus, Mechanism::ScramSha256Plus, Mechanism::ScramSha512Plus];

#[test]
fn the_names_and_what_is_preferred() {
    for mechanism in Mechanism::ALL {
        assert_eq!(mechanism.binds(), mechanism.name().ends_with("-PLUS"), "{mechanism}");
        assert_eq!(mechanism.binds(), BOUND.contains(mechanism), "{mechanism}");
    }
    // RFC 5802 § 6: "MUST use a "p" gs2-cbind-flag when the server offers the -PLUS variant".
    for bound in BOUND {
        for other in [Mechanism::ScramSha1, Mechanism::ScramSha256, Mechanism::ScramSha512] {
            assert!(bound.preference() > other.preference(), "{bound} {other}");
        }
    }
    assert_eq!(Mechanism::ScramSha1Plus.scram_hash(), Some(Hash::Sha1));
}

#[test]
fn whoever_shares_the_channel_logs_in() {
    let success = Outcome::Success(Some("user".into()), None);
    for mechanism in BOUND {
        let outcome = logged_in(mechanism, Some(&channel(1)), true, Some(channel(1)));
        assert_eq!(outcome, success, "{mechanism}");
    }
}

#[test]
fn whoever_has_another_channel_does_not() {
    for mechanism in BOUND {
        let outcome = logged_in(mechanism, Some(&channel(1)), true, Some(channel(2)));
        assert_eq!(outcome, Outcome::Failure(Failure::NotAuthorized), "{mechanism}");
        let outcome = logged_in(mechanism, Some(&channel(1)), true, None);
        assert_eq!(outcome, Outcome::Failure(Failure::NotAuthorized), "{mechanism}");
    }
}

#[test]
fn an_offer_without_plus_where_there_was_one_is_noticed() {
    // RFC 5802 § 6: "If the flag is set to "y" and the server supports channel binding, the server MUST fail
    // authentication."
    let mechanism = Mechanism::ScramSha256;
    let outcome = logged_in(mechanism, Some(&channel(1)), false, Some(channel(1)));
    assert_eq!(outcome, Outcome::Failure(Failure::NotAuthorized));
    let success = Outcome::Success(Some("user".into()), None);
    // Nobody lied: the server cannot bind, or the client cannot, or not in a way that the server can.
    for (ours, server_binds, theirs) in [
        (Some(channel(1)), false, None),
        (None, true, Some(channel(1))),
        (Some(channel(1)), true, Some(channel(1))),
    ] {
        assert_eq!(logged_in(mechanism, ours.as_ref(), server_binds, theirs), success);
    }
}

#[test]
fn without_a_channel_there_is_nothing_to_begin_with() {
    for mechanism in BOUND {
        let outcome = logged_in(mechanism, None, true, Some(channel(1)));
        assert_eq!(outcome, Outcome::Misuse(SaslMisuse::NoChannelBinding));
    }
}

#[test]
fn what_the_first_message_may_say() {
    let start = |mechanism, flag: &str, offered: Option<ChannelBinding>| {
        let data = format!("{flag},,n=user,r=abc");
        match Exchange::start(mechanism, Some(data.as_bytes()), "nonce".to_owned(), offered) {
            Ok(Step::Lookup(_, lookup)) => Ok(lookup.username),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure),
        }
    };
    let (plain, plus) = (Mechanism::ScramSha1, Mechanism::ScramSha1Plus);
    let taken = Ok("user".to_owned());
    assert_eq!(start(plus, "p=tls-exporter", Some(channel(1))), taken);
    assert_eq!(start(plain, "n", Some(channel(1))), taken);
    assert_eq!(start(plain, "y", None), taken);
    // RFC 5802 § 6: a way to bind that the server does not have.
    for flag in ["p=tls-unique", "p=tls-server-end-point", "p=TLS-EXPORTER", "p=x"] {
        assert_eq!(start(plus, flag, Some(channel(1))), Err(Failure::NotAuthorized), "{flag}");
    }
    for offered in [None, Some(channel(1))] {
        for flag in ["n", "y"] {
            assert_eq!(start(plus, flag, offered.clone()), Err(Failure::MalformedRequest));
        }
        for flag in ["p", "p=", "p=tls exporter", "x", "nn", "y=1", "P=tls-exporter"] {
            for mechanism in [plain, plus] {
                let step = start(mechanism, flag, offered.clone());
                assert_eq!(step, Err(Failure::MalformedRequest), "{flag} {mechanism}");
            }
        }
        let step = start(plain, "p=tls-exporter", offered);
        assert_eq!(step, Err(Failure::MalformedRequest));
    }
}

#[test]
fn nobody_in_between_can_pass_the_login_on() {
    // The attacker has a channel with the client and another with the server, and passes the messages on.
    let password = Password::new("pencil");
    let keys = StoredKeys::derive(Hash::Sha256, &password, b"salt".to_vec(), 1).expect("good");
    for (told, mechanism) in
        [("p=tls-exporter,,", Mechanism::ScramSha256Plus), ("n,,", Mechanism::ScramSha256)]
    {
        let (client, first) = begun(Mechanism::ScramSha256Plus, &channel(1));
        let first = first.replace("p=tls-exporter,,", told);
        let nonce = "theirs".to_owned();
        let step = Exchange::start(mechanism, Some(first.as_bytes()), nonce, Some(channel(2)));
        let Ok(Step::Lookup(server, _)) = step else { panic!("{step:?}") };
        let step = server.credentials(Some(&keys), &DecoySecret::new([3; 32]));
        let Ok(Step::Challenge(server, challenge)) = step else { panic!("{step:?}") };
        let step = client.challenge(&challenge, &any_iterations());
        let Ok(client::Step::Derive(client, derivation)) = step else { panic!("{step:?}") };
        let (_, response) = client.derived(&derivation.run()).expect("the very keys");
        assert_eq!(server.response(&response).err(), Some(Failure::NotAuthorized), "{told}");
    }
}

/// A client that began, bound to this channel, and its first message.
fn begun(mechanism: Mechanism, channel: &ChannelBinding) -> (client::Exchange, String) {
    let password = Password::new("pencil");
    let mut start = Start::new("user", "ours".to_owned());
    start.password = Some(&password);
    start.channel_binding = Some(channel);
    let (client, first) = client::Exchange::start(mechanism, start).expect("good credentials");
    (client, String::from_utf8(first.unwrap_or_default()).expect("SCRAM is text"))
}

#[test]
fn a_server_may_say_what_is_wrong_with_the_channel() {
    for (name, error) in [
        ("channel-bindings-dont-match", ServerError::ChannelBindingsDontMatch),
        ("unsupported-channel-binding-type", ServerError::UnsupportedChannelBindingType),
    ] {
        let (client, _) = begun(Mechanism::ScramSha1Plus, &channel(1));
        let fault = client.challenge(format!("e={name}").as_bytes(), &ScramLimits::default());
        assert_eq!(fault.expect_err("refused"), SaslFault::Server(error));
    }
}

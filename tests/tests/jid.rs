//! Addresses (RFC 7622): what is one, and which are equal.

use proptest::prelude::*;
use xmpp_ws::jid::{Jid, JidError};

fn parsed(text: &str) -> Result<String, JidError> {
    text.parse::<Jid>().map(|jid| jid.as_str().to_owned())
}

/// RFC 7622 § 3.5, table 1; prepared as RFC 6122 has it, which folds ß to ss.
#[test]
fn addresses_of_the_standard() {
    for (text, prepared) in [
        ("juliet@example.com", "juliet@example.com"),
        ("juliet@example.com/foo", "juliet@example.com/foo"),
        ("juliet@example.com/foo bar", "juliet@example.com/foo bar"),
        ("juliet@example.com/foo@bar", "juliet@example.com/foo@bar"),
        ("foo\\20bar@example.com", "foo\\20bar@example.com"),
        ("fussball@example.com", "fussball@example.com"),
        ("fu\u{df}ball@example.com", "fussball@example.com"),
        ("\u{3c0}@example.com", "\u{3c0}@example.com"),
        ("\u{3a3}@example.com/foo", "\u{3c3}@example.com/foo"),
        ("king@example.com/\u{265a}", "king@example.com/\u{265a}"),
        ("example.com", "example.com"),
        ("example.com/foobar", "example.com/foobar"),
        ("a.example.com/b@example.net", "a.example.com/b@example.net"),
        ("Juliet@EXAMPLE.com./Balcony", "juliet@example.com/Balcony"),
        ("[::1]/x", "[::1]/x"),
    ] {
        assert_eq!(parsed(text).as_deref(), Ok(prepared), "{text}");
    }
}

/// RFC 7622 § 3.5, table 2, and more of the kind.
#[test]
fn what_is_no_address() {
    for (text, error) in [
        ("\"juliet\"@example.com", JidError::Local),
        ("foo bar@example.com", JidError::Local),
        ("@example.com/", JidError::Local),
        ("@example.com", JidError::Local),
        ("juliet@", JidError::Domain),
        ("/foobar", JidError::Domain),
        ("", JidError::Domain),
        ("juliet@exa mple.com", JidError::Domain),
        ("juliet@a..b", JidError::Domain),
        ("juliet@example.com/", JidError::Resource),
        ("juliet@example.com/a\u{7}", JidError::Resource),
        ("juliet@example.com/\u{e000}", JidError::Resource),
        // In a name people log in by, nothing newer than what servers compare by.
        ("\u{1f600}@example.com", JidError::Local),
        ("juliet@\u{1f600}.example", JidError::Domain),
    ] {
        assert_eq!(parsed(text), Err(error), "{text:?}");
    }
}

#[test]
fn each_part_has_its_bound() {
    for (address, error) in [
        (&(|part: &str| format!("{part}@d")) as &dyn Fn(&str) -> String, JidError::Local),
        (&|part| part.to_owned(), JidError::Domain),
        (&|part| format!("d/{part}"), JidError::Resource),
    ] {
        assert!(parsed(&address(&"a".repeat(1023))).is_ok());
        assert_eq!(parsed(&address(&"a".repeat(1024))), Err(error));
    }
    let faces = "\u{1f600}".repeat(255);
    assert!(parsed(&format!("d/{faces}abc")).is_ok());
    assert_eq!(parsed(&format!("d/{faces}abcd")), Err(JidError::Resource));
}

/// RFC 7622 § 3.4: people call themselves so in rooms.
#[test]
fn a_resource_may_have_characters_newer_than_unicode_3_2() {
    for (text, prepared) in [
        ("room@example.com/\u{1f600}", Ok("room@example.com/\u{1f600}")),
        ("room@example.com/a\u{1f600}b c\u{1f47b}", Ok("room@example.com/a\u{1f600}b c\u{1f47b}")),
        // What is older beside it is prepared, and refused, as ever.
        ("room@example.com/\u{2168}\u{1f600}\u{ad}x", Ok("room@example.com/IX\u{1f600}x")),
        ("room@example.com/\u{1f600}\u{e000}", Err(JidError::Resource)),
        ("room@example.com/\u{1f600}\u{7}", Err(JidError::Resource)),
    ] {
        assert_eq!(parsed(text).as_deref().map_err(|error| *error), prepared, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn what_is_prepared_stays_as_it_is(
        local in prop::option::of(any::<String>()),
        domain in "[a-zA-Z.\u{e4}\u{df}\u{5d0}-]{1,8}",
        resource in prop::option::of(prop_oneof![any::<String>(), "[a\u{1f600}-\u{1f60f}\u{2168}\u{ad}\u{300}]{1,6}"]),
    ) {
        if let Ok(jid) = Jid::from_parts(local.as_deref(), &domain, resource.as_deref()) {
            prop_assert_eq!(jid.as_str().parse::<Jid>(), Ok(jid.clone()));
            let again = Jid::from_parts(jid.local(), jid.domain(), jid.resource());
            prop_assert_eq!(again, Ok(jid));
        }
    }
}

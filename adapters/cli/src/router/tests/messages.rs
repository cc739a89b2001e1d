//! Messages (RFC 6121 § 8.5).

use super::router;

/// Bob has three resources; who gets a message of each type.
#[test]
fn a_message_to_an_account_goes_to_whom_its_type_says() {
    for (kind, expected) in [
        ("", [false, true, true]),
        ("type='normal'", [false, true, true]),
        ("type='chat'", [false, true, true]),
        ("type='unheard-of'", [false, true, true]),
        ("type='headline'", [true, true, true]),
        ("type='groupchat'", [false, false, false]),
        ("type='error'", [false, false, false]),
    ] {
        let mut router = router();
        let alice = router.joined("alice/a");
        let bobs = [
            router.available_as("bob/low", 1),
            router.available_as("bob/high", 5),
            router.available_as("bob/as-high", 5),
        ];
        let negative = router.available_as("bob/negative", -1);
        let silent = router.joined("bob/silent");
        for bob in bobs {
            router.everything(bob);
        }
        router.says(alice, &format!("<message to='bob@localhost' {kind}/>"));
        for (bob, expected) in bobs.into_iter().zip(expected) {
            assert_eq!(router.everything(bob).len() == 1, expected, "{kind}");
        }
        assert_eq!(router.everything(negative).len(), 0, "{kind}");
        assert_eq!(router.everything(silent).len(), 0, "{kind}");
        let refused = router.heard(alice);
        if kind.contains("groupchat") {
            assert_eq!(refused, ["bob error service-unavailable"]);
        } else {
            assert_eq!(refused, [""; 0], "{kind}");
        }
    }
}

#[test]
fn a_message_to_nobody_who_could_take_it_is_refused() {
    let cases = [
        ("", "error service-unavailable"),
        ("type='chat'", "error service-unavailable"),
        ("type='groupchat'", "error service-unavailable"),
        ("type='error'", ""),
    ];
    for (kind, expected) in cases {
        for to in
            ["bob@localhost", "bob@localhost/gone", "nobody@localhost", "localhost", "localhost/x"]
        {
            let mut router = router();
            let alice = router.joined("alice/a");
            let negative = router.available_as("bob/negative", -1);
            router.says(alice, &format!("<message to='{to}' {kind}/>"));
            let answer = router.heard(alice).pop().unwrap_or_default();
            assert!(answer.ends_with(expected), "{kind} to {to}: {answer}");
            assert_eq!(router.everything(negative).len(), 0);
        }
    }
    let mut router = router();
    let alice = router.joined("alice/a");
    router.says(alice, "<message to='bob@localhost' type='headline'/>");
    assert_eq!(router.heard(alice), [""; 0], "a headline is of no interest later");
}

#[test]
fn a_resource_gets_what_is_for_it() {
    for kind in ["", "type='chat'", "type='headline'", "type='groupchat'", "type='error'"] {
        let mut router = router();
        let alice = router.joined("alice/a");
        let negative = router.available_as("bob/negative", -1);
        let silent = router.joined("bob/silent");
        for (bob, resource) in [(negative, "negative"), (silent, "silent")] {
            router.says(alice, &format!("<message to='bob@localhost/{resource}' {kind}/>"));
            assert_eq!(router.everything(bob).len(), 1, "{kind} to {resource}");
        }
    }
}

#[test]
fn a_chat_to_a_resource_that_is_gone_goes_on_to_another() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.available_as("bob/b", 0));
    router.says(alice, "<message to='bob@localhost/gone' type='chat'/>");
    assert_eq!(router.heard(bob), ["alice/a chat"]);
    router.says(alice, "<message to='bob@localhost/gone'/>");
    assert_eq!(router.heard(bob), [""; 0]);
    assert_eq!(router.heard(alice), ["bob/gone error service-unavailable"]);
}

#[test]
fn a_message_to_nobody_in_particular_is_for_the_own_account() {
    let mut router = router();
    let alice = router.available_as("alice/a", 0);
    router.says(alice, "<message/>");
    assert_eq!(router.heard(alice), ["alice/a"]);
}

#[test]
fn addresses_are_looked_at() {
    for (to, expected) in [
        ("bob@elsewhere.example", "remote-server-not-found"),
        ("elsewhere.example", "remote-server-not-found"),
        ("@localhost", "jid-malformed"),
        ("bob@localhost/", "jid-malformed"),
        ("", "jid-malformed"),
        ("bo b@localhost", "jid-malformed"),
    ] {
        let mut router = router();
        let alice = router.joined("alice/a");
        for xml in
            ["<message to='T'/>", "<iq to='T' id='1' type='get'><a/></iq>", "<presence to='T'/>"]
        {
            router.says(alice, &xml.replace('T', to));
            let answer = router.heard(alice).pop().unwrap_or_default();
            assert!(answer.ends_with(&format!("error {expected}")), "{xml} to {to}: {answer}");
        }
        router.says(alice, &format!("<message to='{to}' type='error'/>"));
        router.says(alice, &format!("<iq to='{to}' type='result' id='1'/>"));
        assert_eq!(router.heard(alice), [""; 0], "{to}: no error in answer to an answer");
    }
}

#[test]
fn names_are_prepared_before_they_are_compared() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/B"));
    router.says(alice, "<message to='Bob@LOCALHOST/B'/>");
    router.says(alice, "<message to='bob@localhost/b'/>");
    assert_eq!(router.heard(bob), ["alice/a"], "a resource keeps its case");
}

#[test]
fn the_sender_is_named_by_the_server() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(
        alice,
        "<message from='alice@localhost' to='bob@localhost/b'><body>Hi</body></message>",
    );
    assert_eq!(
        router.everything(bob),
        [
            "<message xmlns='jabber:client' from='alice@localhost/a' to='bob@localhost/b'><body>Hi</body></message>"
        ]
    );
}

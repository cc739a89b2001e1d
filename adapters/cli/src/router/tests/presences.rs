//! Presence (RFC 6121 § 4).

use super::{jid, router};
use crate::router::Router;
use crate::router::presence::MAX_DIRECTED;

#[test]
fn the_own_resources_see_each_other() {
    let mut router = router();
    let desk = router.joined("alice/desk");
    router.says(desk, "<presence/>");
    assert_eq!(router.heard(desk), ["alice/desk"], "its own first");
    let (phone, bob) = (router.joined("alice/phone"), router.available_as("bob/b", 0));
    router.says(phone, "<presence/>");
    assert_eq!(router.heard(phone), ["alice/phone", "alice/desk"]);
    assert_eq!(router.heard(desk), ["alice/phone"]);
    router.says(phone, "<presence><show>away</show></presence>");
    assert_eq!(router.heard(phone), ["alice/phone"], "the others are shown once");
    router.everything(desk);
    router.says(phone, "<presence type='unavailable'/>");
    assert_eq!(router.heard(phone), ["alice/phone unavailable"]);
    assert_eq!(router.heard(desk), ["alice/phone unavailable"]);
    assert_eq!(router.heard(bob), [""; 0]);
    router.leave(phone, &[]);
    assert_eq!(router.heard(desk), [""; 0], "it was unavailable already");
}

#[test]
fn the_end_of_a_session_is_told_to_all_who_knew_it() {
    let mut router = router();
    let (alice, other) = (router.available_as("alice/a", 0), router.available_as("alice/b", 0));
    let (bob, carol) = (router.available_as("bob/b", 0), router.joined("carol/c"));
    router.says(alice, "<presence to='bob@localhost'/>");
    router.says(alice, "<presence to='carol@localhost/c'/>");
    assert_eq!(router.heard(bob), ["alice/a"]);
    assert_eq!(router.heard(carol), ["alice/a"]);
    router.says(alice, "<presence to='carol@localhost/c' type='unavailable'/>");
    assert_eq!(router.heard(carol), ["alice/a unavailable"]);
    router.everything(other);
    router.leave(alice, &[]);
    assert_eq!(router.heard(other), ["alice/a unavailable"]);
    assert_eq!(router.heard(bob), ["alice/a unavailable"]);
    assert_eq!(router.heard(carol), [""; 0], "it was told already");
}

#[test]
fn unavailable_is_told_to_whom_presence_was_sent() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(alice, "<presence to='bob@localhost/b'/>");
    router.everything(bob);
    router.says(alice, "<presence type='unavailable'><status>Bye</status></presence>");
    assert!(router.everything(bob)[0].contains("<status>Bye</status>"));
    router.leave(alice, &[]);
    assert_eq!(router.heard(bob), [""; 0]);
}

#[test]
fn presence_for_nobody_is_ignored() {
    for to in ["bob@localhost", "bob@localhost/gone", "nobody@localhost", "localhost"] {
        for kind in ["", "type='unavailable'", "type='probe'", "type='error'", "type='unsubscribe'"]
        {
            let mut router = router();
            let alice = router.joined("alice/a");
            router.says(alice, &format!("<presence to='{to}' {kind}/>"));
            assert_eq!(router.heard(alice), [""; 0], "{kind} to {to}");
        }
    }
}

#[test]
fn there_are_no_subscriptions() {
    for to in ["bob@localhost", "bob@localhost/b", "nobody@localhost", "localhost"] {
        let mut router = router();
        let (alice, bob) = (router.joined("alice/a"), router.available_as("bob/b", 0));
        router.says(alice, &format!("<presence to='{to}' type='subscribe'/>"));
        let answer = router.heard(alice).pop().unwrap_or_default();
        assert!(answer.ends_with("error feature-not-implemented"), "{to}: {answer}");
        assert_eq!(router.heard(bob), [""; 0]);
    }
}

#[test]
fn presence_of_an_unknown_type_is_a_bad_request() {
    let mut router = router();
    let alice = router.joined("alice/a");
    router.says(alice, "<presence type='available'/>");
    assert_eq!(router.heard(alice), ["error bad-request"]);
}

#[test]
fn a_priority_is_read_with_and_without_a_namespace() {
    for namespace in ["", "xmlns='jabber:client'"] {
        let mut router = router();
        let (alice, bob) = (router.joined("alice/a"), router.available_as("bob/b", 0));
        let low = router.joined("bob/low");
        router.says(low, &format!("<presence {namespace}><priority> -1 </priority></presence>"));
        router.says(alice, "<message to='bob@localhost'/>");
        assert_eq!(router.heard(bob).len(), 2, "the presence and the message");
        assert_eq!(router.heard(low).len(), 2, "two presences");
    }
}

#[test]
fn those_who_are_told_of_the_end_are_bounded() {
    let names = (0..=MAX_DIRECTED).map(|number| jid(&format!("{number}@localhost")));
    let mut router = Router::new("localhost", names);
    let first = router.joined("0/a");
    for number in 1..=MAX_DIRECTED {
        router.says(first, &format!("<presence to='{number}@localhost'/>"));
    }
    assert_eq!(router.heard(first), [""; 0]);
    router.says(first, "<presence to='1@localhost'/>");
    assert_eq!(router.heard(first), [""; 0], "one that is known takes no further place");
    let second = router.joined("1/b");
    router.says(first, "<presence to='1@localhost/b'/>");
    assert_eq!(router.heard(first), ["1/b error policy-violation"]);
    assert_eq!(router.heard(second), [""; 0]);
}

//! Clients that do not read.

use super::{router, stanza};
use crate::router::queue::MAX_STANZAS;
use crate::router::{Patience, Routed};

const MESSAGE: &str = "<message to='bob@localhost/b'/>";

#[test]
fn a_sender_waits_for_room_and_is_woken() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    for _ in 0..MAX_STANZAS {
        router.says(alice, MESSAGE);
    }
    assert_eq!(router.route(alice, &stanza(MESSAGE), None, Patience::Some), Routed::Wait);
    while router.poll_wake().is_some() {}
    router.take(bob, true);
    assert_eq!(router.poll_wake(), Some(alice));
    router.says(alice, MESSAGE);
    assert_eq!(router.everything(bob).len(), MAX_STANZAS, "none is lost, none is doubled");
    assert_eq!(router.everything(alice).len(), 0);
}

#[test]
fn a_sender_is_woken_when_the_recipient_goes() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    for _ in 0..MAX_STANZAS {
        router.says(alice, MESSAGE);
    }
    assert_eq!(router.route(alice, &stanza(MESSAGE), None, Patience::Some), Routed::Wait);
    while router.poll_wake().is_some() {}
    router.leave(bob, &[]);
    assert_eq!(router.poll_wake(), Some(alice));
    router.says(alice, MESSAGE);
    let answers = router.heard(alice);
    assert_eq!(answers.len(), MAX_STANZAS + 1, "each comes back");
    assert_eq!(answers[0], "bob/b error recipient-unavailable");
    assert_eq!(answers[MAX_STANZAS], "bob/b error service-unavailable");
}

#[test]
fn whoever_stalls_is_not_waited_for_again_until_half_is_taken() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    for _ in 0..MAX_STANZAS {
        router.says(alice, MESSAGE);
    }
    assert_eq!(router.route(alice, &stanza(MESSAGE), None, Patience::AtAnEnd), Routed::Done);
    router.says(alice, MESSAGE);
    assert_eq!(router.heard(alice), ["bob/b error resource-constraint"; 2]);
    router.says(alice, "<iq to='bob@localhost/b' type='result' id='1'/>");
    assert_eq!(router.heard(alice), [""; 0], "an answer is dropped");
    for _ in 0..MAX_STANZAS / 2 {
        router.take(bob, true);
    }
    for _ in 0..MAX_STANZAS / 2 {
        router.says(alice, MESSAGE);
    }
    assert_eq!(router.route(alice, &stanza(MESSAGE), None, Patience::Some), Routed::Wait);
}

#[test]
fn long_stanzas_count_by_their_bytes() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    let long =
        format!("<message to='bob@localhost/b'><body>{}</body></message>", "x".repeat(200_000));
    let taken = (0..MAX_STANZAS)
        .take_while(|_| router.route(alice, &stanza(&long), None, Patience::Some) == Routed::Done)
        .count();
    assert_eq!(taken, 6);
    assert_eq!(router.everything(bob).len(), 6);
}

#[test]
fn presence_is_dropped_where_there_is_no_room() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    for _ in 0..MAX_STANZAS {
        router.says(alice, MESSAGE);
    }
    router.says(alice, "<presence to='bob@localhost/b'/>");
    assert_eq!(router.everything(bob).len(), MAX_STANZAS);
    assert_eq!(router.everything(alice).len(), 0);
}

#[test]
fn what_a_client_did_not_take_goes_back_if_it_can() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(alice, MESSAGE);
    router.says(alice, "<message to='bob@localhost/b' type='error'/>");
    router.says(alice, "<iq to='bob@localhost/b' type='get' id='1'><a/></iq>");
    router.says(alice, "<iq to='bob@localhost/b' type='result' id='1'/>");
    router.says(alice, "<presence to='bob@localhost/b'/>");
    router.leave(bob, &[]);
    assert_eq!(router.heard(alice), ["bob/b error recipient-unavailable"; 2]);
}

//! Requests (RFC 6120 § 8.2.3, RFC 6121 § 8.5) and what the server answers itself.

use super::router;

#[test]
fn a_request_goes_to_a_resource_and_its_answer_back() {
    let mut router = router();
    let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
    router.says(alice, "<iq to='bob@localhost/b' id='1' type='get'><a/></iq>");
    assert_eq!(router.heard(bob), ["alice/a get"]);
    router.says(bob, "<iq to='alice@localhost/a' id='1' type='result'/>");
    assert_eq!(router.heard(alice), ["bob/b result"]);
}

#[test]
fn a_request_to_nobody_is_refused_and_an_answer_to_nobody_is_ignored() {
    for to in [
        "bob@localhost/gone",
        "bob@localhost",
        "nobody@localhost",
        "localhost",
        "localhost/x",
        "alice@localhost",
    ] {
        let mut router = router();
        let alice = router.joined("alice/a");
        for kind in ["get", "set"] {
            router.says(
                alice,
                &format!("<iq to='{to}' id='1' type='{kind}'><vCard xmlns='vcard-temp'/></iq>"),
            );
            let answer = router.heard(alice).pop().unwrap_or_default();
            assert!(answer.ends_with("error service-unavailable"), "{kind} to {to}: {answer}");
        }
        for kind in ["result", "error"] {
            router.says(alice, &format!("<iq to='{to}' id='1' type='{kind}'/>"));
            assert_eq!(router.heard(alice), [""; 0], "{kind} to {to}");
        }
    }
}

#[test]
fn what_is_no_request_is_a_bad_one() {
    for xml in [
        "<iq id='1'/>",
        "<iq type='unheard-of' id='1'/>",
        "<iq type='get'><a/></iq>",
        "<iq type='get' id='1'/>",
        "<iq type='get' id='1'><a/><b/></iq>",
        "<iq type='set' id='1' to='localhost'/>",
    ] {
        let mut router = router();
        let alice = router.joined("alice/a");
        router.says(alice, xml);
        let answer = router.heard(alice).pop().unwrap_or_default();
        assert!(answer.ends_with("error bad-request"), "{xml}: {answer}");
    }
}

#[test]
fn the_server_says_what_it_is() {
    let mut router = router();
    let alice = router.joined("alice/a");
    let mut ask = |to: &str, namespace: &str| {
        router
            .says(alice, &format!("<iq {to} id='7' type='get'><query xmlns='{namespace}'/></iq>"));
        let answer = router.everything(alice).pop().unwrap();
        assert!(answer.starts_with("<iq xmlns='jabber:client' type='result' id='7'"), "{answer}");
        answer
    };
    let info = ask("to='localhost'", "http://jabber.org/protocol/disco#info");
    assert!(
        info.contains("from='localhost'") && info.contains("category='server' type='im'"),
        "{info}"
    );
    assert!(info.contains("<feature var='urn:xmpp:ping'/>"), "{info}");
    assert!(ask("to='localhost'", "jabber:iq:version").contains("<name>xmpp-ws</name>"));
    assert!(
        ask("to='localhost'", "http://jabber.org/protocol/disco#items").contains("disco#items'/>")
    );
    let info = ask("", "http://jabber.org/protocol/disco#info");
    assert!(info.contains("category='account' type='registered'"), "{info}");
    let items = ask("to='alice@localhost'", "http://jabber.org/protocol/disco#items");
    assert!(items.contains("<item jid='alice@localhost/a'/>"), "{items}");
    assert!(ask("", "jabber:iq:roster").contains("<query xmlns='jabber:iq:roster'/>"));
}

#[test]
fn what_the_server_does_not_have_is_refused() {
    for (xml, expected) in [
        (
            "<iq id='1' type='set'><query xmlns='jabber:iq:roster'><item jid='bob@localhost'/></query></iq>",
            "not-allowed",
        ),
        (
            "<iq id='1' type='get' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>",
            "item-not-found",
        ),
        (
            "<iq id='1' type='set' to='localhost'><query xmlns='jabber:iq:version'/></iq>",
            "service-unavailable",
        ),
        (
            "<iq id='1' type='get' to='bob@localhost'><query xmlns='jabber:iq:roster'/></iq>",
            "service-unavailable",
        ),
        (
            "<iq id='1' type='get' to='localhost'><query xmlns='jabber:iq:private'/></iq>",
            "service-unavailable",
        ),
    ] {
        let mut router = router();
        let alice = router.joined("alice/a");
        router.says(alice, xml);
        let answer = router.heard(alice).pop().unwrap_or_default();
        assert!(answer.ends_with(&format!("error {expected}")), "{xml}: {answer}");
    }
}

#[test]
fn a_request_that_has_not_one_child_is_a_bad_request() {
    for to in ["localhost", "alice@localhost", "bob@localhost/b", "bob@localhost/gone"] {
        for (kind, content) in [("get", ""), ("set", "<a/><b/>"), ("query", "<a/>")] {
            let mut router = router();
            let (alice, bob) = (router.joined("alice/a"), router.joined("bob/b"));
            router.says(alice, &format!("<iq to='{to}' id='1' type='{kind}'>{content}</iq>"));
            let answer = router.heard(alice).pop().unwrap_or_default();
            assert!(answer.ends_with("error bad-request"), "{kind} to {to}: {answer}");
            assert_eq!(router.heard(bob), [""; 0], "{kind} to {to}");
        }
    }
}

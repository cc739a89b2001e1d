//! Clients that are not who they say.

use std::time::Duration;

use crate::login::{
    OPEN, Stage, auth, bind, bound, challenge, expect, message, plain, response, until,
};
use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{FIN, Seen, TEXT, Wire, frame};

#[test]
fn nobody_is_anybody_else() {
    let trials = Trials::start(&[]);
    trials.run_costly("20 wrong passwords by PLAIN", 4096, WORK, wrong_passwords);
    trials.run("20 wrong proofs by SCRAM", 4096, wrong_proofs);
    trials.run("somebody else's authzid", 4096, |server| {
        let mut wire = until(server, Stage::Opened, "", "");
        wire.text(&plain("alice@localhost", "mallory", "secret"));
        let failure = expect(&mut wire, "<failure");
        assert!(failure.contains("<invalid-authzid"), "{failure}");
        "invalid-authzid".to_owned()
    });
    let refused = |attack: &str, stage, said: &str, why: &str| {
        trials.run(attack, 4096, |server| {
            let mut wire = until(server, stage, "mallory", "liar");
            wire.text(said);
            let words = wire.last_words(AT_ONCE);
            assert_eq!(words.told(), format!("{why}, close, 1000"));
            words.told()
        });
    };
    for from in
        ["alice@localhost/pair", "alice@localhost", "localhost", "mallory@localhost/other", "", "@"]
    {
        let attack = format!("a message from {from:?}");
        let said =
            format!("<message xmlns='jabber:client' from='{from}' to='alice@localhost/pair'/>");
        refused(&attack, Stage::Bound, &said, "invalid-from");
    }
    let letter = message("alice@localhost/pair", "1");
    refused("a stanza before the login", Stage::Opened, &letter, "not-authorized");
    refused("a message before the resource", Stage::Restarted, &letter, "not-authorized");
    let success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    let why = "unsupported-stanza-type";
    refused("<success/>, said by the client", Stage::Opened, success, why);
    trials.finish(8 * 1024);
}

fn wrong_passwords(server: &Server) -> String {
    let (mut failures, mut streams) = (0, 0);
    while failures < 20 {
        let mut wire = until(server, Stage::Opened, "", "");
        streams += 1;
        for _ in 0..5 {
            wire.text(&plain("", "alice", "wrong"));
            not_authorized(&mut wire);
            failures += 1;
        }
        assert_eq!(wire.last_words(AT_ONCE).told(), "policy-violation, close, 1000");
    }
    format!("policy-violation after 5, {streams} streams")
}

fn wrong_proofs(server: &Server) -> String {
    let mut failures = 0;
    for hash in ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "SCRAM-SHA-256"] {
        let mut wire = until(server, Stage::Opened, "", "");
        for _ in 0..5 {
            wire.text(&auth(hash, "n,,n=alice,r=nonce"));
            let said = challenge(&expect(&mut wire, "<challenge"));
            let nonce = said.split(',').next().unwrap_or_default();
            wire.text(&response(&format!("c=biws,{nonce},p=c2VjcmV0")));
            not_authorized(&mut wire);
            failures += 1;
        }
        assert_eq!(wire.last_words(AT_ONCE).told(), "policy-violation, close, 1000");
    }
    format!("policy-violation after 5, {failures} failures")
}

fn not_authorized(wire: &mut Wire) {
    let failure = expect(wire, "<failure");
    assert!(failure.contains("<not-authorized"), "{failure}");
}

#[test]
fn many_logins_take_turns() {
    let trials = Trials::start(&[]);
    trials.run("100 logins with the same resource", 8 * 1024, the_same_resource);
    trials.run("100 resources of one user", 16 * 1024, many_resources);
    trials.run("a whole login in one burst", 4096, a_login_in_one_burst);
    trials.run("a login with 1,000 messages behind it", 8 * 1024, a_login_and_more);
    trials.run_costly("200 logins cut off in the middle", 8 * 1024, WORK, |server| {
        for _ in 0..200 {
            let mut wire = until(server, Stage::Opened, "", "");
            wire.text(&plain("", "mallory", "secret"));
        }
        let mut wire = bound(server, "mallory", "after");
        assert_eq!(wire.next(Duration::from_millis(50)), Seen::Nothing);
        "nothing".to_owned()
    });
    trials.finish(16 * 1024);
}

fn the_same_resource(server: &Server) -> String {
    let wires: Vec<_> = (0..100).map(|_| bound(server, "mallory", "same")).collect();
    let mut wires = wires.into_iter().rev();
    let mut last = wires.next().expect("there are 100");
    for wire in wires {
        assert_eq!(wire.last_words(AT_ONCE).told(), "conflict, close, 1000");
    }
    last.text(&message("mallory@localhost/same", "me"));
    assert!(last.next_text().contains("<body>me</body>"), "the last one stays");
    "99 × conflict, close, 1000".to_owned()
}

fn many_resources(server: &Server) -> String {
    let mut refused = 0;
    let _wires: Vec<_> = (0..100)
        .map(|number| {
            let mut wire = until(server, Stage::Restarted, "mallory", "");
            wire.text(&bind(&number.to_string()));
            refused += usize::from(expect(&mut wire, "<iq").contains("<resource-constraint"));
            wire
        })
        .collect();
    assert_eq!(refused, 36);
    format!("{refused} × resource-constraint")
}

fn a_login_in_one_burst(server: &Server) -> String {
    let mut wire = until(server, Stage::Upgraded, "", "");
    let burst: Vec<u8> = [
        OPEN.to_owned(),
        plain("", "mallory", "secret"),
        OPEN.to_owned(),
        bind("burst"),
        message("mallory@localhost/burst", "me"),
    ]
    .iter()
    .flat_map(|text| frame(FIN | TEXT, text.as_bytes()))
    .collect();
    wire.bytes(&burst).expect("the server reads");
    for due in ["<open", "<stream:features", "<success", "<open", "<stream:features", "<iq"] {
        expect(&mut wire, due);
    }
    assert!(wire.next_text().contains("<body>me</body>"));
    "all of it answered".to_owned()
}

fn a_login_and_more(server: &Server) -> String {
    let mut wire = until(server, Stage::Opened, "", "");
    let mut burst = frame(FIN | TEXT, plain("", "mallory", "secret").as_bytes());
    burst.extend(frame(FIN | TEXT, message("alice@localhost", "1").as_bytes()).repeat(1000));
    wire.bytes(&burst).expect("the server reads");
    let words = wire.last_words(AT_ONCE);
    assert_eq!(words.condition.as_deref(), Some("invalid-namespace"));
    words.told()
}

const AT_ONCE: Duration = Duration::from_secs(10);
// Each password by PLAIN takes 4,096 rounds of a hash.
const WORK: Duration = Duration::from_secs(15);

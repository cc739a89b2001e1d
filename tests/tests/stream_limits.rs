//! XEP-0478: a server says what it takes, and a client keeps to it.

use xmpp_ws::endpoint::{Connection, Endpoint};
use xmpp_ws::error::Misuse;
use xmpp_ws::jid::Jid;
use xmpp_ws::server::{ServerConfig, ServerEvent};
use xmpp_ws_tests::pair::{Pair, client_config, server_config};

fn message(length: usize) -> String {
    let empty = "<message xmlns='jabber:client' to='bob@example.com'><body></body></message>".len();
    let body = "x".repeat(length - empty);
    let message = format!(
        "<message xmlns='jabber:client' to='bob@example.com'><body>{body}</body></message>"
    );
    assert_eq!(message.len(), length);
    message
}

fn bound(server: ServerConfig) -> Pair {
    let mut pair = Pair::with(client_config(), server, Connection::new(true));
    pair.run_until_bound();
    pair
}

#[test]
fn a_server_says_its_limits_before_and_after_the_login() {
    let pair = bound(server_config());
    let said: Vec<&String> =
        pair.log.iter().filter(|line| line.starts_with("S: <stream:features")).collect();
    let limits = |bytes| {
        format!(
            "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{bytes}</max-bytes>\
             <idle-seconds>50</idle-seconds></limits>"
        )
    };
    assert_eq!(said.len(), 2);
    assert!(said[0].contains(&limits(16 * 1024)), "{}", said[0]);
    // What is taken can be sent on with the sender's address in it.
    assert!(said[1].contains(&limits(247 * 1024)), "{}", said[1]);
}

#[test]
fn what_a_server_takes_at_its_word_can_be_sent_on() {
    let mut config = server_config();
    config.limits.max_message_bytes = 30_000;
    let mut server = bound(config);
    let said = server.log.iter().rev().find_map(|line| line.split_once("<max-bytes>"));
    let (told, _) = said.and_then(|(_, rest)| rest.split_once('<')).expect("it says it");
    let sent = message(told.parse().expect("a number"));
    server.client.send(server.now, sent).expect("as long as the server says");
    let event = server.until_server(|event| matches!(event, ServerEvent::Stanza(_)));
    let ServerEvent::Stanza(stanza) = event else { panic!("{event:?}") };
    // The longest address there can be, each character of its resource escaped, and a language.
    let [local, domain, resource] = ["l".repeat(1023), host_of(1023), "'".repeat(1023)];
    let from = Jid::from_parts(Some(&local), &domain, Some(&resource)).expect("an address");
    let relayed = stanza.relayed(&from, Some("zh-Latn-CN-variant1-a-extend1-x-wadegile-private1"));
    assert!(relayed.len() > 30_000 - 1024, "the room is needed: {}", relayed.len());
    server.server.send(server.now, relayed).expect("room for what was written into it");
}

/// The name of a host that has so many bytes.
fn host_of(length: usize) -> String {
    let labels = "x".repeat(63) + ".";
    let mut host = labels.repeat(length / 64 + 1);
    host.truncate(length);
    host
}

#[test]
fn a_client_sends_nothing_that_the_server_would_not_take() {
    let mut server = server_config();
    server.limits.max_message_bytes = 20_000 + 9 * 1024;
    let mut pair = bound(server);
    let refused = pair.client.send(pair.now, message(20_001));
    assert_eq!(refused, Err(Misuse::TooLong { length: 20_001, limit: 20_000 }));
    pair.client.send(pair.now, message(20_000)).expect("just short enough");
    let event = pair.until_server(|event| matches!(event, ServerEvent::Stanza(_)));
    assert!(matches!(event, ServerEvent::Stanza(_)), "{event:?}");
    assert!(!pair.client.is_over());
}

#[test]
fn no_server_may_take_less_than_the_standard_asks_for() {
    let mut server = server_config();
    server.limits.max_message_bytes = 900;
    let mut pair = bound(server);
    // RFC 6120 § 13.12: the number is not believed; the server's own check decides.
    pair.client.send(pair.now, message(10_000)).expect("within what every server takes");
    let refused = pair.client.send(pair.now, message(10_001));
    assert_eq!(refused, Err(Misuse::TooLong { length: 10_001, limit: 10_000 }));
}

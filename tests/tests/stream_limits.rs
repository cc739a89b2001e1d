//! XEP-0478: a server says what it takes, and a client keeps to it.

use xmpp_ws::client::{Client, ClientEvent, Iq, Reply};
use xmpp_ws::endpoint::{Connection, Endpoint, Input};
use xmpp_ws::error::Misuse;
use xmpp_ws::jid::Jid;
use xmpp_ws::server::{ServerConfig, ServerEvent};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES, REQUEST, answer, lasting_config, resumed};
use xmpp_ws_tests::managed_server::failed;
use xmpp_ws_tests::pair::{Pair, client_config, server_config};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{
    PLAIN_FEATURES, SERVER_OPEN, SUCCESS, Solo, SoloClient, attribute, bound as bound_answer,
};

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

fn features(max_bytes: usize) -> String {
    let limits = format!(
        "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{max_bytes}</max-bytes></limits>"
    );
    MANAGED_FEATURES.replace("<bind ", &format!("{limits}<bind "))
}

/// A new connection, to a server that takes so much; what is asked for then.
fn logs_in_again(client: &mut SoloClient, features: &str) -> String {
    client.sees(Input::Connected(Connection::new(true)));
    client.said();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).hears(SUCCESS);
    client.said();
    client.hears(SERVER_OPEN).hears(features);
    client.told();
    client.says()
}

/// A client with a session, on a server that takes so much.
fn managed(max_bytes: usize) -> SoloClient {
    let mut client = SoloClient::authenticating_with(lasting_config());
    client.hears(SUCCESS).said();
    client.hears(SERVER_OPEN).hears(features(max_bytes));
    let id = attribute(&client.says(), "id");
    client.hears(bound_answer(&id)).hears(ENABLED).said();
    client.told();
    client
}

#[test]
fn between_two_connections_the_limit_is_still_known() {
    let mut client = managed(20_000);
    client.is_cut();
    let refused = client.endpoint.send(client.now, message(20_001));
    assert_eq!(refused, Err(Misuse::TooLong { length: 20_001, limit: 20_000 }));
    client.endpoint.send(client.now, message(20_000)).expect("it would be taken");
    client.dials();
    let refused = client.endpoint.send(client.now, message(20_001));
    assert_eq!(refused, Err(Misuse::TooLong { length: 20_001, limit: 20_000 }));
    logs_in_again(&mut client, &features(30_000));
    client.hears(resumed(0));
    client.endpoint.send(client.now, message(30_000)).expect("the server takes more");
    // And where it does not say so, the own limit holds.
    client.said();
    client.is_cut();
    client.dials();
    logs_in_again(&mut client, MANAGED_FEATURES);
    client.hears(resumed(2));
    client.endpoint.send(client.now, message(256 * 1024)).expect("the server does not say");
}

#[test]
fn what_another_server_would_not_take_comes_back() {
    let mut client = managed(30_000);
    let send = |client: &mut SoloClient, bytes| {
        client.endpoint.send(client.now, message(bytes)).expect("short enough")
    };
    let first = send(&mut client, 100);
    let written = send(&mut client, 30_000);
    client.said();
    client.is_cut();
    let second = send(&mut client, 20_000);
    let parked = send(&mut client, 20_001);
    let filler = "x".repeat(25_000);
    let request = Iq::get(format!("<q xmlns='u'>{filler}</q>"));
    let asked = client.endpoint.iq(client.now, request).expect("short enough");
    let third = send(&mut client, 100);
    client.dials();
    assert!(logs_in_again(&mut client, &features(20_000)).starts_with("<resume "));
    client.hears(resumed(0));
    let told = client.told();
    let [
        ClientEvent::Resumed,
        ClientEvent::Reply { ticket, reply: Reply::None },
        ClientEvent::Undelivered(back),
    ] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(*ticket, asked);
    let back: Vec<_> = back.iter().map(|it| (it.ticket, it.written)).collect();
    assert_eq!(back, [(written, true), (parked, false), (asked, false)]);
    assert_eq!(client.said(), [&message(100), &message(20_000), &message(100), REQUEST]);
    client.hears(answer(3));
    let acked: Vec<_> = client
        .told()
        .into_iter()
        .map(|event| match event {
            ClientEvent::Acked(ticket) => ticket,
            event => panic!("{event:?}"),
        })
        .collect();
    assert_eq!(acked, [first, second, third]);
    // Nothing of it counts as waiting any more.
    client.is_cut();
    client.endpoint.close(client.now).expect("not over");
    assert!(matches!(&client.told()[..], [ClientEvent::Ended(_)]));
}

#[test]
fn what_came_back_does_not_come_back_in_another_process() {
    let mut client = managed(30_000);
    for bytes in [100, 30_000, 100] {
        client.endpoint.send(client.now, message(bytes)).expect("short enough");
    }
    client.said();
    client.is_cut();
    client.dials();
    logs_in_again(&mut client, &features(20_000));
    client.hears(resumed(0));
    assert!(client.told().iter().any(|it| matches!(it, ClientEvent::Undelivered(_))));
    client.said();
    let saved = client.endpoint.save(client.now).expect("a session");
    let restored = Client::restore(lasting_config(), saved, Seeded::boxed(3), Instant::ORIGIN);
    let mut client = Solo::new(restored.expect("the same account"), Instant::ORIGIN);
    client.says();
    assert!(logs_in_again(&mut client, MANAGED_FEATURES).starts_with("<resume "));
    client.hears(resumed(2));
    let told = client.told();
    let tickets: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Acked(ticket) => Some(ticket.number()),
            _ => None,
        })
        .collect();
    assert_eq!(tickets, [0, 2], "{told:?}");
}

#[test]
fn what_came_back_is_no_part_of_a_session_that_is_lost() {
    let mut client = managed(30_000);
    for bytes in [100, 30_000, 100] {
        client.endpoint.send(client.now, message(bytes)).expect("short enough");
    }
    client.said();
    client.is_cut();
    client.dials();
    logs_in_again(&mut client, &features(20_000));
    client.hears(resumed(0)).said();
    client.hears(answer(1)).told();
    client.is_cut();
    client.dials();
    logs_in_again(&mut client, MANAGED_FEATURES);
    client.hears(failed("item-not-found"));
    let told = client.told();
    let [ClientEvent::NotResumed(_), ClientEvent::Undelivered(back)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(back.iter().map(|it| it.ticket.number()).collect::<Vec<_>>(), [2]);
}

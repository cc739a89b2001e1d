//! How often the core allocates once it is warm.

use std::hint::black_box;
use std::time::Duration;

use allocation_counter::measure;
use bytestring::ByteString;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::server::ServerEvent;
use xmpp_ws::stanza::{Message, MessageKind};
use xmpp_ws_tests::managed::answer;
use xmpp_ws_tests::pair::{Pair, client_config, server_config};
use xmpp_ws_tests::solo::SoloClient;

const ROUNDS: u64 = 100;

const INBOUND: [&str; 4] = [
    "<message xmlns='jabber:client' from='bob@example.com/x' to='alice@example.com/y' id='m&amp;1' \
     type='chat' xml:lang='en'><body>Hello &lt;there&gt;</body><a xmlns='urn:a' xmlns:b='urn:b' b:c='d'/></message>",
    "<presence xmlns='jabber:client' from='bob@example.com/x'><priority>1</priority></presence>",
    "<iq xmlns='jabber:client' type='get' id='1' from='bob@example.com/x'><query xmlns='urn:q'/></iq>",
    "<iq xmlns='jabber:client' type='result' id='unknown'/>",
];

#[test]
fn a_client_takes_a_stanza_without_allocating() {
    let mut pair = Pair::bound();
    let mut now = pair.now;
    let mut round = || {
        for text in INBOUND {
            now = now + Duration::from_millis(1);
            pair.client.handle(now, Input::Text(ByteString::from_static(text)));
            let event = pair.client.poll_event();
            let Some(ClientEvent::Stanza(stanza)) = &event else { panic!("{event:?}") };
            black_box((stanza.to(), stanza.from(), stanza.type_attribute(), stanza.language()));
        }
    };
    round();
    let counted = measure(|| (0..ROUNDS).for_each(|_| round()));
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_server_takes_a_stanza_without_allocating() {
    let mut pair = Pair::bound();
    let mut now = pair.now;
    let from_nobody = [
        "<message xmlns='jabber:client' to='bob@example.com'><body>Hello</body></message>",
        "<presence xmlns='jabber:client'/>",
        "<iq xmlns='jabber:client' type='get' id='1' to='bob@example.com/x'><ping xmlns='urn:xmpp:ping'/></iq>",
    ];
    let mut round = || {
        for text in from_nobody {
            now = now + Duration::from_millis(1);
            pair.server.handle(now, Input::Text(ByteString::from_static(text)));
            let event = pair.server.poll_event();
            assert!(matches!(event, Some(ServerEvent::Stanza(_))), "{event:?}");
        }
    };
    round();
    let counted = measure(|| (0..ROUNDS).for_each(|_| round()));
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_complete_stanza_is_sent_as_it_is_and_an_incomplete_one_is_copied_once() {
    let mut config = server_config();
    config.stream_management = None;
    let mut pair = Pair::with(client_config(), config, Connection::new(true));
    pair.run_until_bound();
    let now = pair.now;
    let complete =
        "<message xmlns='jabber:client' to='bob@example.com'><body>Hello</body></message>";
    let incomplete = "<message to='bob@example.com'><body>Hello</body></message>";
    for (text, allowed) in [(complete, 0), (incomplete, 1)] {
        let mut round = || {
            pair.client.send(now, ByteString::from_static(text)).expect("bound");
            let transmit = pair.client.poll_transmit();
            assert!(matches!(transmit, Some(Transmit::Text(_))), "{transmit:?}");
            let event = pair.client.poll_event();
            assert!(matches!(event, Some(ClientEvent::Unconfirmed(_))), "{event:?}");
        };
        round();
        let counted = measure(|| (0..ROUNDS).for_each(|_| round()));
        assert_eq!(counted.count_total, allowed * ROUNDS);
    }
}

#[test]
fn a_message_that_is_built_costs_one_allocation_more_than_one_that_is_copied() {
    let mut config = server_config();
    config.stream_management = None;
    let mut pair = Pair::with(client_config(), config, Connection::new(true));
    pair.run_until_bound();
    let now = pair.now;
    let long = "Hello! ".repeat(1000);
    for body in ["Hello", "1 < 2 & 3", &long] {
        let mut round = || {
            let message = Message::new("bob@example.com").kind(MessageKind::Chat).body(body);
            pair.client.send(now, message.finish().expect("text")).expect("bound");
            assert!(matches!(pair.client.poll_transmit(), Some(Transmit::Text(_))));
            assert!(matches!(pair.client.poll_event(), Some(ClientEvent::Unconfirmed(_))));
        };
        round();
        let counted = measure(|| (0..ROUNDS).for_each(|_| round()));
        assert_eq!(counted.count_total, 2 * ROUNDS, "{}", body.len());
    }
}

#[test]
fn with_stream_management_a_stanza_is_kept_for_one_allocation_more() {
    let mut client = SoloClient::managed();
    let complete = "<message xmlns='jabber:client' to='bob@example.com'><body>Hi</body></message>";
    let incomplete = "<message to='bob@example.com'><body>Hi</body></message>";
    // Written beforehand, for they are not the core's.
    let answers: Vec<ByteString> = (1..=4 * 100).map(|h| answer(h).into()).collect();
    let mut answers = answers.into_iter();
    for (text, allowed) in [(complete, 1), (incomplete, 2)] {
        let mut round = || {
            let now = client.now;
            client.endpoint.send(now, ByteString::from_static(text)).expect("bound");
            assert!(matches!(client.endpoint.poll_transmit(), Some(Transmit::Text(_))));
            while client.endpoint.poll_transmit().is_some() {}
            client.endpoint.handle(now, Input::Text(answers.next().expect("enough")));
            let event = client.endpoint.poll_event();
            assert!(matches!(event, Some(ClientEvent::Acked(_))), "{event:?}");
        };
        (0..ROUNDS).for_each(|_| round());
        let counted = measure(|| (0..ROUNDS).for_each(|_| round()));
        assert!(counted.count_total <= allowed * ROUNDS, "{text}: {}", counted.count_total);
    }
}

#[test]
fn with_stream_management_an_inbound_stanza_is_counted_without_an_allocation() {
    let mut client = SoloClient::managed();
    let message = ByteString::from("<message xmlns='jabber:client'><body>Hi</body></message>");
    let mut round = || {
        client.endpoint.handle(client.now, Input::Text(message.clone()));
        assert!(matches!(client.endpoint.poll_event(), Some(ClientEvent::Stanza(_))));
    };
    (0..ROUNDS).for_each(|_| round());
    assert_eq!(measure(|| (0..ROUNDS).for_each(|_| round())).count_total, 0);
}

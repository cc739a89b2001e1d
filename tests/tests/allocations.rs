//! How often the core allocates once it is warm.

use std::hint::black_box;
use std::time::Duration;

use allocation_counter::measure;
use bytestring::ByteString;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::{Endpoint, Input, Transmit};
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::pair::Pair;

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
    let mut pair = Pair::bound();
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

//! A client and a server talk to each other, in virtual time.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::server::ServerEvent;
use xmpp_ws_tests::pair::Pair;

#[test]
fn a_client_logs_in_says_something_and_leaves() {
    let mut pair = Pair::bound();
    pair.client
        .send(pair.now, "<message to='bob@example.com'><body>Hello</body></message>")
        .expect("bound");
    let event = pair.until_server(|event| matches!(event, ServerEvent::Stanza(_)));
    let ServerEvent::Stanza(stanza) = event else { panic!("{event:?}") };
    assert_eq!(stanza.to().as_deref(), Some("bob@example.com"));
    pair.client.close(pair.now).expect("not over");
    let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
    assert!(matches!(ended, ClientEvent::Ended(Ending::Clean)), "{ended:?}");
    for line in &pair.log {
        println!("{line}");
    }
}

//! Logins that are bound to the TLS below (RFC 5802 § 6, RFC 9266), between whole endpoints.

use xmpp_ws::client::{ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Input};
use xmpp_ws::sasl::{ChannelBinding, Failure};
use xmpp_ws::server::ServerConfig;
use xmpp_ws_tests::pair::{Pair, client_config, server_config};
use xmpp_ws_tests::solo::{CLIENT_OPEN, SERVER_OPEN, SoloClient, SoloServer, attribute};

/// A connection over TLS, whose keying material begins like this.
fn tls(byte: u8) -> Connection {
    let mut connection = Connection::new(true);
    connection.channel_binding = Some(ChannelBinding::TlsExporter(vec![byte; 32].into()));
    connection
}

/// The mechanism of a client's `<auth/>`, and the flag that its first message begins with.
fn chosen(config: ClientConfig, connection: Connection, features: &str) -> (String, String) {
    let mut client = SoloClient::client(config, connection);
    client.says();
    client.hears(SERVER_OPEN).hears(format!(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>{features}</stream:features>"
    ));
    let auth = client.says();
    // The base64 of `n,,`, `y,,` and `p=tls-`.
    let flags = [(">biws", "n"), (">eSws", "y"), (">cD10bHMt", "p")];
    let flag = flags.iter().find(|(begin, _)| auth.contains(begin)).expect("SCRAM");
    (attribute(&auth, "mechanism"), flag.1.into())
}

fn mechanisms(names: &[&str]) -> String {
    let list = names.join("</mechanism><mechanism>");
    format!(
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>{list}</mechanism></mechanisms>"
    )
}

fn bindings(types: &[&str]) -> String {
    let list = types.join("'/><channel-binding type='");
    format!(
        "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='{list}'/></sasl-channel-binding>"
    )
}

#[test]
fn r7395_6_b_a_client_binds_to_the_channel_where_both_can() {
    let both = mechanisms(&["SCRAM-SHA-512", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "PLAIN"]);
    let chosen = |connection, features: &str| chosen(client_config(), connection, features);
    let bound = ("SCRAM-SHA-256-PLUS".into(), "p".into());
    assert_eq!(chosen(tls(1), &both), bound);
    let announced = both.clone() + &bindings(&["tls-server-end-point", "tls-exporter"]);
    assert_eq!(chosen(tls(1), &announced), bound);
    // XEP-0440 § 3: the server can bind, but not in a way that the client can; `y` would look like an attack.
    let not_bound = ("SCRAM-SHA-512".into(), "n".into());
    let announced = both.clone() + &bindings(&["tls-server-end-point", "tls-unique"]);
    assert_eq!(chosen(tls(1), &announced), not_bound);
    assert_eq!(chosen(Connection::new(true), &both), not_bound);
    // RFC 5802 § 6: the client could have bound, and saw no such offer.
    let none = mechanisms(&["SCRAM-SHA-256", "PLAIN"]);
    assert_eq!(chosen(tls(1), &none), ("SCRAM-SHA-256".into(), "y".into()));
    assert_eq!(chosen(Connection::new(true), &none), ("SCRAM-SHA-256".into(), "n".into()));
}

#[test]
fn r7395_6_b_a_client_that_was_told_not_to_bind_does_not_say_that_it_could() {
    for names in [&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"][..], &["SCRAM-SHA-256"]] {
        let mut config = client_config();
        config.mechanisms.retain(|mechanism| !mechanism.binds());
        let chosen = chosen(config, tls(1), &mechanisms(names));
        assert_eq!(chosen, ("SCRAM-SHA-256".into(), "n".into()));
    }
}

#[test]
fn r7395_6_b_the_server_offers_to_bind_where_it_can() {
    let features = |config: ServerConfig, connection| {
        let mut server = SoloServer::server(config, connection);
        server.hears(CLIENT_OPEN).answer();
        server.said().remove(1)
    };
    let said = features(server_config(), tls(1));
    assert!(said.contains("<mechanism>SCRAM-SHA-256-PLUS</mechanism>"), "{said}");
    assert!(said.contains("<channel-binding type='tls-exporter'/>"), "{said}");
    let mut without = server_config();
    without.mechanisms.retain(|mechanism| !mechanism.binds());
    for said in [features(server_config(), Connection::new(true)), features(without, tls(1))] {
        assert!(!said.contains("-PLUS") && !said.contains("channel-binding"), "{said}");
        assert!(said.contains("<mechanism>SCRAM-SHA-256</mechanism>"), "{said}");
    }
}

#[test]
fn r7395_6_b_whoever_shares_the_channel_logs_in() {
    let mut pair = Pair::with(client_config(), server_config(), tls(1));
    pair.run_until_bound();
    let auth = pair.log.iter().find(|line| line.contains("<auth")).expect("it logs in");
    assert!(auth.contains("SCRAM-SHA-256-PLUS"), "{auth}");
}

#[test]
fn r7395_6_b_whoever_ends_the_tls_in_between_is_noticed() {
    let mut pair = Pair::between((client_config(), tls(1)), (server_config(), tls(2)));
    let ended = pair.until_client(|event| matches!(event, ClientEvent::Ended(_)));
    let ClientEvent::Ended(Ending::NotAuthenticated(failure)) = ended else { panic!("{ended:?}") };
    assert_eq!(failure.condition(), Failure::NotAuthorized);
}

#[test]
fn r7395_6_b_whoever_takes_the_offer_to_bind_away_is_noticed() {
    for (connection, refused) in [(tls(1), true), (Connection::new(true), false)] {
        let mut server = SoloServer::server(server_config(), connection).open();
        // y,,n=alice,r=abc
        server.hears(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
             eSwsbj1hbGljZSxyPWFiYw==</auth>",
        );
        if refused {
            assert!(server.says().contains("<not-authorized/>"));
        } else {
            server.answer();
            assert!(server.says().starts_with("<challenge"));
        }
        server.sees(Input::Lost);
    }
}

//! Logging in by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{Exchange, Start, Step};
use xmpp_ws::sasl::{Mechanism, Password};

use crate::server::Server;
use crate::wire::Wire;

pub(crate) const OPEN: &str =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
pub(crate) const CLOSE: &str = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

/// `<auth/>` by PLAIN.
pub(crate) fn plain(authzid: &str, user: &str, password: &str) -> String {
    auth("PLAIN", &format!("{authzid}\0{user}\0{password}"))
}

/// `<auth/>` by a mechanism, with this in it.
pub(crate) fn auth(mechanism: &str, data: &str) -> String {
    let data = STANDARD.encode(data);
    format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>")
}

/// `<response/>` with this in it.
pub(crate) fn response(data: &str) -> String {
    let data = STANDARD.encode(data);
    format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</response>")
}

/// What a challenge says.
pub(crate) fn challenge(text: &str) -> String {
    let data = text.split(['<', '>']).nth(2).unwrap_or_default();
    let data = STANDARD.decode(data).expect("a challenge is in base64");
    String::from_utf8(data).expect("SCRAM's messages are UTF-8")
}

pub(crate) fn bind(resource: &str) -> String {
    format!(
        "<iq xmlns='jabber:client' type='set' id='bind'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>"
    )
}

pub(crate) fn message(to: &str, body: &str) -> String {
    format!("<message xmlns='jabber:client' to='{to}' type='chat'><body>{body}</body></message>")
}

/// How far a login goes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
    Upgraded,
    Opened,
    Challenged,
    Authenticated,
    Restarted,
    Bound,
}

/// A client that went so far, and said nothing more.
pub(crate) fn until(server: &Server, stage: Stage, user: &str, resource: &str) -> Wire {
    let mut wire = Wire::open(server);
    if stage == Stage::Upgraded {
        return wire;
    }
    wire.text(OPEN);
    expect(&mut wire, "<open");
    expect(&mut wire, "<stream:features");
    match stage {
        Stage::Upgraded | Stage::Opened => return wire,
        Stage::Challenged => {
            wire.text(&auth("SCRAM-SHA-256", &format!("n,,n={user},r=nonce")));
            expect(&mut wire, "<challenge");
            return wire;
        }
        Stage::Authenticated | Stage::Restarted | Stage::Bound => {}
    }
    scram(&mut wire, server, user);
    expect(&mut wire, "<success");
    if stage == Stage::Authenticated {
        return wire;
    }
    wire.text(OPEN);
    expect(&mut wire, "<open");
    expect(&mut wire, "<stream:features");
    if stage == Stage::Bound {
        wire.text(&bind(resource));
        expect(&mut wire, "<iq");
    }
    wire
}

/// By SCRAM, which costs the server little; the keys are derived once a user.
fn scram(wire: &mut Wire, server: &Server, user: &str) {
    let password = Password::new("secret");
    let mut start = Start::new(user, "nonce".into());
    start.password = Some(&password);
    let mechanism = Mechanism::ScramSha256;
    let (exchange, first) = Exchange::start(mechanism, start).expect("a good password");
    let first = String::from_utf8(first.unwrap_or_default()).expect("SCRAM's messages are UTF-8");
    wire.text(&auth(mechanism.name(), &first));
    let said = challenge(&expect(wire, "<challenge"));
    let step = exchange.challenge(said.as_bytes(), &ScramLimits::default()).expect("a challenge");
    let Step::Derive(exchange, derivation) = step else { panic!("SCRAM derives a key") };
    let keys = server.keys(user, derivation);
    let (_, last) = exchange.derived(&keys).expect("the keys are of this hash");
    wire.text(&response(&String::from_utf8(last).expect("SCRAM's messages are UTF-8")));
}

/// A client with its resource.
pub(crate) fn bound(server: &Server, user: &str, resource: &str) -> Wire {
    until(server, Stage::Bound, user, resource)
}

/// The next text begins like this.
pub(crate) fn expect(wire: &mut Wire, begin: &str) -> String {
    let text = wire.next_text();
    assert!(text.starts_with(begin), "{begin} is due, not {text}");
    text
}

//! What the page's JavaScript is told.

use xmpp_ws_web::xmpp_ws::client::ClientEvent;
use xmpp_ws_web::xmpp_ws::ending::Ending;
use xmpp_ws_web::xmpp_ws::ns;
use xmpp_ws_web::xmpp_ws::stanza::{Stanza, StanzaKind};

/// A kind and two texts; see [`Chat::new`](crate::Chat::new).
pub(crate) type Told = (&'static str, String, String);

/// What there is to tell of this event to the owner of the account `own`.
pub(crate) fn told(own: &str, event: ClientEvent) -> Option<Told> {
    let nothing = String::new;
    Some(match event {
        ClientEvent::Connected { .. } => ("connected", nothing(), nothing()),
        ClientEvent::Bound(jid) => ("bound", jid.to_string(), nothing()),
        ClientEvent::Resumed => ("resumed", nothing(), nothing()),
        ClientEvent::Disconnected { why, again_in, .. } => {
            ("disconnected", why.to_string(), again_in.as_secs_f64().to_string())
        }
        ClientEvent::Stanza(stanza) => return stanza_told(own, &stanza),
        ClientEvent::Undelivered(stanzas) => {
            let stanzas: Vec<_> = stanzas.iter().map(|lost| lost.stanza.to_string()).collect();
            ("undelivered", stanzas.join("\n"), nothing())
        }
        ClientEvent::Ended(why) => ("ended", why.to_string(), short(&why).to_owned()),
        // What became of each stanza, and what a server that is left or refuses to resume says: `bound` or `ended` follows.
        _ => return None,
    })
}

/// Whether it ended because somebody wanted it to.
pub(crate) fn is_logout(why: &Ending) -> bool {
    matches!(why, Ending::Clean | Ending::GivenUp)
}

fn stanza_told(own: &str, stanza: &Stanza) -> Option<Told> {
    let from = stanza.from().unwrap_or_default().into_owned();
    let from = from.split('/').next().unwrap_or_default().to_owned();
    if let Some(error) = stanza.error() {
        return Some(("refused", from, error.to_string()));
    }
    match stanza.kind() {
        StanzaKind::Message => {
            let document = stanza.read();
            let body = document.root().child("body", ns::CLIENT)?.text().into_owned();
            Some(("message", from, body))
        }
        StanzaKind::Presence if from != own => {
            let kind = stanza.type_attribute();
            let kind = kind.as_deref().unwrap_or("available").to_owned();
            Some(("presence", from, kind))
        }
        StanzaKind::Presence | StanzaKind::Iq => None,
    }
}

fn short(why: &Ending) -> &'static str {
    match why {
        why if is_logout(why) => "closed",
        Ending::NotAuthenticated(_) | Ending::UnusableCredentials(_) => "password",
        _ => "lost",
    }
}

//! A client's session over several connections (XEP-0198 § 5).

mod ending;
mod going_on;

use xmpp_ws::client::{ClientEvent, Reply};
use xmpp_ws::endpoint::Undelivered;

const RESUME: &str = "<resume xmlns='urn:xmpp:sm:3' h='0' previd='s-1'/>";
const ITEM_NOT_FOUND: &str = "<failed xmlns='urn:xmpp:sm:3'><item-not-found \
                              xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

fn failed(h: u32) -> String {
    ITEM_NOT_FOUND.replacen("'>", &format!("' h='{h}'>"), 1)
}

/// What is told, without what a test does not look at.
fn gist(told: &[ClientEvent]) -> Vec<String> {
    let one = |event: &ClientEvent| match event {
        ClientEvent::Acked(ticket) => format!("acked {}", ticket.number()),
        ClientEvent::Unconfirmed(ticket) => format!("unconfirmed {}", ticket.number()),
        ClientEvent::Undelivered(stanzas) => {
            let one = |it: &Undelivered| {
                format!(" {}{}", it.ticket.number(), if it.written { "w" } else { "" })
            };
            format!("undelivered{}", stanzas.iter().map(one).collect::<String>())
        }
        ClientEvent::Bound(_) => "bound".into(),
        ClientEvent::Resumed => "resumed".into(),
        ClientEvent::NotResumed(condition) => format!("not resumed {condition:?}"),
        ClientEvent::Stanza(_) => "stanza".into(),
        ClientEvent::Reply { ticket, reply: Reply::None } => {
            format!("no reply {}", ticket.number())
        }
        ClientEvent::Reply { ticket, .. } => format!("reply {}", ticket.number()),
        ClientEvent::Disconnected { resumable, .. } => format!("disconnected {resumable}"),
        other => format!("{other:?}"),
    };
    told.iter().map(one).collect()
}

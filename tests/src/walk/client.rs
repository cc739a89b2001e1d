use xmpp_ws::client::{Client, ClientEvent, Iq, KeyRequest, PasswordRequest, Reconnect};
use xmpp_ws::condition::Condition;
use xmpp_ws::endpoint::Ticket;
use xmpp_ws::error::Misuse;
use xmpp_ws::sasl::Password;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time::Instant;

use super::peer::{Peer, Resumes};
use super::script::{Script, limits, tolerance};
use super::{Role, Told, Walk};
use crate::pair::client_config;
use crate::random::Seeded;

/// A walk with a client.
pub fn client(script: &[u8]) {
    let mut script = Script(script);
    let mut config = client_config();
    config.limits = limits(&mut script);
    config.tolerance = tolerance(&mut script);
    let kind = script.byte();
    let ways = script.byte();
    if kind & 1 == 0 {
        config.password = None;
    }
    if kind & 2 == 0 {
        config.account = "alice@example.com/r".parse().expect("an address");
    }
    if kind & 8 == 0 {
        config.reconnect = Some(Reconnect::default());
    }
    if kind & 16 != 0 {
        config.uri = None;
    }
    let limits = config.limits.clone();
    let client = Client::new(config.clone(), Seeded::boxed(1), Instant::ORIGIN);
    let mut walk = Walk::new(client, limits, kind & 4 == 0);
    walk.reconnects = kind & 8 == 0;
    walk.peer.manages = kind & 32 == 0;
    walk.peer.resumes = match ways % 8 {
        7 => Resumes::Wrongly,
        6 => Resumes::Never,
        _ if kind & 64 == 0 => Resumes::Not,
        _ => Resumes::Well,
    };
    walk.is_late = ways & 8 != 0;
    walk.peer.has_front_end = kind & 128 != 0;
    walk.successor = Some(Box::new(move |client, now| {
        let resumable = client.is_resumable();
        let saved = client.save(now);
        assert_eq!(saved.is_some(), resumable);
        let saved = saved?;
        let client = Client::restore(config.clone(), saved, Seeded::boxed(3), now);
        Some(client.expect("the same account"))
    }));
    walk.run(script);
}

pub(super) enum Request {
    Password(PasswordRequest),
    Keys(KeyRequest),
}

impl Role for Client {
    type Request = Request;

    fn told(event: ClientEvent) -> Told<Request> {
        match event {
            ClientEvent::PasswordWanted(request) => Told::Request(Request::Password(request)),
            ClientEvent::KeysWanted(request) => Told::Request(Request::Keys(request)),
            ClientEvent::Reply { ticket, .. } => Told::Reply(ticket),
            ClientEvent::Acked(ticket) | ClientEvent::Unconfirmed(ticket) => {
                Told::Fate(vec![ticket])
            }
            ClientEvent::Undelivered(list) => {
                Told::Fate(list.into_iter().map(|it| it.ticket).collect())
            }
            ClientEvent::Ended(why) => Told::Ended(why),
            _ => Told::Other,
        }
    }

    fn reply(peer: &mut Peer, said: &str) -> Option<String> {
        peer.as_server(said)
    }

    fn is_bound(&self) -> bool {
        self.jid().is_some()
    }

    fn decide(&mut self, now: Instant, request: Request, script: &mut Script<'_>) {
        match (request, script.byte() % 8) {
            // Never answered.
            (_, 7) => {}
            (Request::Password(request), 6) => {
                // One that cannot be used, and then one that can.
                let Err(back) = self.password(now, request, &Password::new("\u{7}")) else {
                    panic!("a password that cannot be prepared")
                };
                let _ = self.password(now, *back.request, &Password::new("secret"));
            }
            (Request::Password(request), _) => {
                let _ = self.password(now, request, &Password::new("secret"));
            }
            (Request::Keys(request), _) if request.derivation().iterations() > 50 => {}
            (Request::Keys(request), _) => {
                let _ = self.keys(now, request.run());
            }
        }
    }

    fn command(&mut self, now: Instant, script: &mut Script<'_>) -> Option<Result<Ticket, Misuse>> {
        match script.byte() % 4 {
            0 => {
                let _ = self.fail(now, StreamError::new(Condition::Reset).with_text(script.text()));
                None
            }
            1 => Some(self.iq(now, Iq::set(script.text()))),
            2 => {
                self.set_active(script.byte() & 1 == 0);
                None
            }
            _ => Some(self.iq(now, Iq::get("<ping xmlns='urn:xmpp:ping'/>"))),
        }
    }

    fn nudge(&mut self, now: Instant) {
        Self::nudge(self, now);
    }
}

use xmpp_ws::condition::Condition;
use xmpp_ws::endpoint::{Connection, Ticket};
use xmpp_ws::error::Misuse;
use xmpp_ws::sasl::DecoySecret;
use xmpp_ws::server::{
    BindRequest, CredentialsRequest, OpenRequest, PasswordRequest, ResumeRequest, Server,
    ServerEvent,
};
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time::Instant;

use super::peer::{Peer, cheap_keys};
use super::script::{Script, limits, tolerance};
use super::{Role, Told, Walk};
use crate::pair::server_config;
use crate::random::Seeded;

/// A walk with a server's side of one connection.
pub fn server(script: &[u8]) {
    let mut script = Script(script);
    let mut config = server_config();
    config.limits = limits(&mut script);
    config.tolerance = tolerance(&mut script);
    config.decoy = decoy();
    let kind = script.byte();
    let limits = config.limits.clone();
    let connection = Connection::new(kind & 1 == 0);
    let server = Server::new(config, connection, Seeded::boxed(2), Instant::ORIGIN);
    Walk::new(server, limits, kind & 4 == 0).run(script);
}

fn decoy() -> DecoySecret {
    DecoySecret::new([7; 32]).shaped_like(&cheap_keys())
}

pub(super) enum Request {
    Open(OpenRequest),
    Credentials(CredentialsRequest),
    Password(PasswordRequest),
    Bind(BindRequest),
    Resume(ResumeRequest),
}

impl Role for Server {
    type Request = Request;

    fn told(event: ServerEvent) -> Told<Request> {
        match event {
            ServerEvent::OpenRequested(request) => Told::Request(Request::Open(request)),
            ServerEvent::CredentialsWanted(request) => Told::Request(Request::Credentials(request)),
            ServerEvent::PasswordPresented(request) => Told::Request(Request::Password(request)),
            ServerEvent::BindRequested(request) => Told::Request(Request::Bind(request)),
            ServerEvent::Acked(ticket) | ServerEvent::Unconfirmed(ticket) => {
                Told::Fate(vec![ticket])
            }
            ServerEvent::Undelivered(list) => {
                Told::Fate(list.into_iter().map(|it| it.ticket).collect())
            }
            ServerEvent::ResumeRequested(request) => Told::Request(Request::Resume(request)),
            // What is in it has its fate elsewhere.
            ServerEvent::Suspended(session) => {
                let list = session.into_undelivered(Instant::ORIGIN);
                Told::Fate(list.into_iter().map(|it| it.ticket).collect())
            }
            ServerEvent::Ended(why) => Told::Ended(why),
            _ => Told::Other,
        }
    }

    fn reply(peer: &mut Peer, said: &str) -> Option<String> {
        peer.as_client(said)
    }

    fn is_bound(&self) -> bool {
        self.jid().is_some()
    }

    fn decide(&mut self, now: Instant, request: Request, script: &mut Script<'_>) {
        let how = script.byte() % 8;
        // An answer may be late; that it is stale then is all.
        let _ = match (request, how) {
            // Never answered.
            (_, 7) => Ok(()),
            (Request::Open(request), 5) => {
                let error = StreamError::new(Condition::HostUnknown);
                self.refuse(now, request, error).map_err(Misuse::from)
            }
            (Request::Open(request), 6) => {
                self.redirect(now, request, &"wss://a.example/".parse().expect("a URI"))
            }
            (Request::Open(request), _) => self.accept(now, request),
            (Request::Credentials(request), 5 | 6) => self.credentials(now, request, None),
            (Request::Credentials(request), _) => {
                self.credentials(now, request, Some(&cheap_keys()))
            }
            (Request::Password(request), 4) => {
                self.authenticate(now, request.verify(None, &decoy()))
            }
            (Request::Password(request), 5 | 6) => self.authenticate(now, request.reject()),
            (Request::Password(request), _) => {
                self.authenticate(now, request.verify(Some(&cheap_keys()), &decoy()))
            }
            (Request::Bind(request), 5 | 6) => {
                self.refuse_bind(now, request, StanzaCondition::Conflict)
            }
            (Request::Bind(request), _) => self.bind(now, request),
            (Request::Resume(request), 5) => self.refuse_resume(now, request, Some(7)),
            (Request::Resume(request), _) => self.refuse_resume(now, request, None),
        };
    }

    fn command(&mut self, now: Instant, script: &mut Script<'_>) -> Option<Result<Ticket, Misuse>> {
        let _ = match script.byte() % 2 {
            0 => self.fail(now, StreamError::new(Condition::Reset).with_text(script.text())),
            _ => self.move_to(now, &"wss://a.example/?a&b".parse().expect("a URI")),
        };
        None
    }
}

//! The server that an adapter's server side runs: it lets one user in, and sends back what is sent to it.

use std::future::Future;
use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::error::Misuse;
use xmpp_ws::limits::Limits;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{Server, ServerConfig, ServerEvent};
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Io, Session};

use super::sessions::Sessions;
use crate::pair::{server_config, stored_keys};

/// What the server is made with.
pub fn config() -> ServerConfig {
    let mut config = server_config();
    config.mechanisms = vec![Mechanism::ScramSha256, Mechanism::Plain];
    config.tolerance.plain_without_tls = true;
    config.limits.max_message_bytes = MAX_MESSAGE_BYTES;
    config
}

/// The same, soon tired of a silent client. (One that is busy with all that it was sent is silent, too.)
pub fn impatient() -> ServerConfig {
    let mut config = config();
    config.limits.ping_after = Some(Duration::from_millis(200));
    config.limits.ping_answer = Duration::from_millis(500);
    config.limits.close = Duration::from_millis(200);
    config.limits.hangup = Duration::from_millis(200);
    config
}

/// A server's session, under whatever name an adapter has it.
pub trait Hosted {
    /// The next event.
    fn next(&mut self) -> impl Future<Output = Option<ServerEvent>>;

    /// Waits until there is room for another stanza.
    fn ready(&mut self) -> impl Future<Output = ()>;

    /// Any command of the server.
    fn command<R>(&mut self, command: impl FnOnce(&mut Server, Instant) -> R) -> R;
}

impl<I: Io> Hosted for Session<Server, I> {
    fn next(&mut self) -> impl Future<Output = Option<ServerEvent>> {
        Session::next(self)
    }

    fn ready(&mut self) -> impl Future<Output = ()> {
        Session::ready(self)
    }

    fn command<R>(&mut self, command: impl FnOnce(&mut Server, Instant) -> R) -> R {
        Session::command(self, command)
    }
}

/// Serves one client to its end, and tells why that came. Its session goes on over another connection, if it likes.
pub async fn entertain(mut session: impl Hosted, sessions: &Sessions) -> Ending {
    let (mut held, mut unsent, mut ending) = (None, Vec::new(), None);
    while let Some(event) = session.next().await {
        match event {
            ServerEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                if stanza.xml().contains("<subject>leave<") {
                    let _ = session.command(Server::close);
                    continue;
                }
                session.ready().await;
                let echo = stanza.into_xml();
                // Where the connection is gone already its session takes it, if there is one.
                if session.command(|server, now| server.send(now, echo.clone())).is_err() {
                    unsent.push(echo);
                }
            }
            ServerEvent::Resumable { id } => {
                sessions.hold(&id);
                held = Some(id);
            }
            ServerEvent::ResumeRequested(request) => match sessions.take(&request).await {
                Ok(suspended) => {
                    let id = suspended.id().to_owned();
                    sessions.hold(&id);
                    held = Some(id);
                    let resume = |server: &mut Server, now| server.resume(now, request, suspended);
                    if let Err(back) = session.command(resume) {
                        sessions.put(*back.session);
                    }
                }
                Err(handled) => {
                    let refuse =
                        |server: &mut Server, now| server.refuse_resume(now, request, handled);
                    let _ = session.command(refuse);
                }
            },
            ServerEvent::Suspended(mut suspended) => {
                for echo in unsent.drain(..) {
                    suspended.push(&Limits::default(), echo).expect("there is room");
                }
                sessions.put(*suspended);
                held = None;
            }
            ServerEvent::Ended(why) => ending = Some(why),
            event => {
                // Where the stream ended meanwhile it is too late for an answer, and an event says so.
                let _ = session.command(|server, now| answer(server, now, event));
            }
        }
    }
    if let Some(id) = held {
        sessions.let_go(&id);
    }
    ending.expect("the end is told")
}

/// Lets the user in.
fn answer(server: &mut Server, now: Instant, event: ServerEvent) -> Result<(), Misuse> {
    match event {
        ServerEvent::OpenRequested(request) => server.accept(now, request),
        ServerEvent::CredentialsWanted(request) => {
            let keys = stored_keys(request.hash());
            server.credentials(now, request, Some(&keys))
        }
        ServerEvent::PasswordPresented(request) => server.authenticate(now, request.accept()),
        ServerEvent::BindRequested(request) => server.bind(now, request),
        _ => Ok(()),
    }
}

/// The longest message that it takes.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// What it tells a client to keep to, so that what it takes can be sent on.
pub const TOLD_MAX_BYTES: usize = 247 * 1024;

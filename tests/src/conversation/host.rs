//! The server that an adapter's server side runs: it lets one user in, and sends back what is sent to it.

use std::time::Duration;

use xmpp_ws::ending::Ending;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{Server, ServerConfig, ServerEvent};
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws_driver::{Io, Session};

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

/// Serves one client to its end, and tells why that came.
pub async fn entertain<I: Io>(mut session: Session<Server, I>) -> Ending {
    let mut ending = None;
    while let Some(event) = session.next().await {
        // Where the stream ended meanwhile it is too late for an answer, and an event says so.
        let _ = match event {
            ServerEvent::OpenRequested(request) => {
                session.command(|server, now| server.accept(now, request))
            }
            ServerEvent::CredentialsWanted(request) => {
                let keys = stored_keys(request.hash());
                session.command(|server, now| server.credentials(now, request, Some(&keys)))
            }
            ServerEvent::PasswordPresented(request) => {
                session.command(|server, now| server.authenticate(now, request.accept()))
            }
            ServerEvent::BindRequested(request) => {
                session.command(|server, now| server.bind(now, request))
            }
            ServerEvent::Stanza(stanza) if stanza.kind() == StanzaKind::Message => {
                if stanza.xml().contains("<subject>leave<") {
                    session.close()
                } else {
                    session.ready().await;
                    session.send(stanza.into_xml()).map(drop)
                }
            }
            ServerEvent::Ended(why) => {
                ending = Some(why);
                Ok(())
            }
            _ => Ok(()),
        };
    }
    ending.expect("the end is told")
}

/// The longest message that it takes.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

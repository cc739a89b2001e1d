//! One connection, as the application sees it.

use std::net::IpAddr;

use axum::http::Request;
use bytestring::ByteString;
use xmpp_ws::condition::Condition;
use xmpp_ws::endpoint::Ticket;
use xmpp_ws::error::Misuse;
use xmpp_ws::server::{Server, ServerEvent};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::Session;

use crate::phase::{Phase, Watch};
use crate::socket::ServerIo;

/// Who is at the other end.
#[derive(Debug)]
#[non_exhaustive]
pub struct Peer {
    /// The client's address, as far as it is [known](crate::Proxies::client). `None` where the application is not
    /// made with `into_make_service_with_connect_info::<SocketAddr>()`.
    pub address: Option<IpAddr>,
    /// The request by which it came.
    pub request: Request<()>,
}

/// One client's connection: a [`Session`] of a [`Server`], which ends when [`Xmpp::shut_down`](crate::Xmpp::shut_down)
/// says so.
///
/// Take the events until `None` to have it end properly; one that is dropped drops its connection as it is.
#[derive(Debug)]
pub struct XmppSession {
    session: Session<Server, ServerIo>,
    peer: Peer,
    watch: Watch,
    is_ending: bool,
}

impl XmppSession {
    pub(crate) fn new(session: Session<Server, ServerIo>, peer: Peer, watch: Watch) -> Self {
        Self { session, peer, watch, is_ending: false }
    }

    /// The next event, or `None` when all is over and the connection properly ended. May be dropped half-way.
    ///
    /// When the whole service is shut down, this tells the client the stream error `<system-shutdown/>`, and goes on
    /// to the end of the stream.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        loop {
            tokio::select! {
                biased;
                () = self.watch.until(Phase::End), if !self.is_ending => {
                    self.is_ending = true;
                    // RFC 6120 § 4.9.3.20. It is over already, otherwise.
                    let error = StreamError::new(Condition::SystemShutdown);
                    let _ = self.command(|server, now| server.fail(now, error));
                }
                event = self.session.next() => return event,
            }
        }
    }

    /// Sends one stanza; see [`Endpoint::send`](xmpp_ws::endpoint::Endpoint::send).
    pub fn send(&mut self, stanza: impl Into<ByteString>) -> Result<Ticket, Misuse> {
        self.session.send(stanza)
    }

    /// Any other command of the server, which is handed over together with the time; see [`Session::command`].
    pub fn command<R>(&mut self, command: impl FnOnce(&mut Server, Instant) -> R) -> R {
        self.session.command(command)
    }

    /// Waits until there is room for another stanza; see [`Session::ready`]. May be dropped half-way.
    pub async fn ready(&mut self) {
        self.session.ready().await;
    }

    /// Waits until everything has left; see [`Session::flush`]. May be dropped half-way.
    pub async fn flush(&mut self) {
        self.session.flush().await;
    }

    /// Ends the stream in good order; see [`Session::close`].
    pub fn close(&mut self) -> Result<(), Misuse> {
        self.session.close()
    }

    /// The protocol machine, to ask it something.
    pub fn server(&self) -> &Server {
        self.session.endpoint()
    }

    /// Who is at the other end.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }
}

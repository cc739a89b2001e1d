//! The embedded server: accepts WebSockets, one task each, and connects their clients by the router.

mod away;
mod connection;
mod hub;
mod strangers;

use std::sync::Arc;
use std::time::Duration;
use std::{io, net};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time;
use xmpp_ws::jid::Jid;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{Server, ServerConfig, StreamManagement};
use xmpp_ws_tokio::tokio_rustls::rustls;
use xmpp_ws_tokio::xmpp_ws_driver::Io;
use xmpp_ws_tokio::{AcceptConfig, AcceptError, Accepted, OsRandom, Session, accept, accept_tls};

use self::connection::Guest;
use self::hub::Hub;
use self::strangers::{Standing, Strangers};
use crate::accounts::Accounts;
use crate::site::Site;
use crate::stop::Stop;

/// What all connections of the embedded server share.
#[derive(Debug)]
pub(crate) struct Service {
    host: Jid,
    accounts: Accounts,
    hub: Hub,
    server: ServerConfig,
    accept: AcceptConfig,
    tls: Option<Arc<rustls::ServerConfig>>,
    site: Option<Site>,
    max_connections: usize,
}

impl Service {
    /// A server of `host` for these users, with the defaults.
    pub(crate) fn new(host: Jid, accounts: Accounts) -> Self {
        let mut server = ServerConfig::new(accounts.decoy().clone());
        server.domain = Some(host.clone());
        server.stream_management = Some(StreamManagement::resumable(RESUME_FOR));
        server.mechanisms = vec![
            Mechanism::ScramSha512Plus,
            Mechanism::ScramSha256Plus,
            Mechanism::ScramSha1Plus,
            Mechanism::ScramSha512,
            Mechanism::ScramSha256,
            Mechanism::ScramSha1,
            Mechanism::Plain,
        ];
        let mut accept = AcceptConfig::default();
        // A message that the stream would refuse is refused from its header on, and never held.
        accept.limits.max_message_bytes = server.limits.max_message_bytes;
        accept.limits.max_unwritten_bytes = 2 * server.limits.max_message_bytes;
        Self {
            hub: Hub::new(host.domain(), accounts.addresses(), MAX_AWAY),
            host,
            accounts,
            server,
            accept,
            tls: None,
            site: None,
            max_connections: DEFAULT_MAX_CONNECTIONS,
        }
    }

    /// Answers no other path than this.
    pub(crate) fn at_path(mut self, path: &str) -> Self {
        self.accept.path = Some(path.to_owned());
        self
    }

    /// Speaks TLS.
    pub(crate) fn with_tls(mut self, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        self.tls = tls;
        self
    }

    /// Serves these files, too, where it does not speak TLS.
    pub(crate) fn with_site(mut self, site: Option<Site>) -> Self {
        self.site = site;
        self
    }

    /// Has clients send their password as it is also where others could read it.
    pub(crate) fn allow_plaintext_auth(mut self, allowed: bool) -> Self {
        self.server.tolerance.plain_without_tls = allowed;
        self
    }

    /// Takes no more connections than this at a time. When there are so many, or as many as the system allows, one without
    /// a login makes room; a few may be on their way out besides.
    pub(crate) fn with_max_connections(mut self, max: usize) -> Self {
        self.max_connections = max;
        self
    }

    /// Waits so long for a login, for a silent client before it is pinged (zero: for ever), and for the answer to
    /// that; `None`: as long as by default.
    pub(crate) fn with_patience(
        mut self,
        login: Option<Duration>,
        silence: Option<Duration>,
        answer: Option<Duration>,
    ) -> Self {
        let limits = &mut self.server.limits;
        if let Some(login) = login {
            // Each step of it takes no longer than the whole.
            limits.negotiate = login;
            limits.open = limits.open.min(login);
            self.accept.time = self.accept.time.min(login);
        }
        if let Some(silence) = silence {
            limits.ping_after = Some(silence).filter(|silence| !silence.is_zero());
        }
        limits.ping_answer = answer.unwrap_or(limits.ping_answer);
        self
    }

    /// Keeps a session so long for a client whose connection is gone (zero: not at all); `None`: as long as by
    /// default.
    pub(crate) fn with_resumption(mut self, time: Option<Duration>) -> Self {
        if let (Some(time), Some(offer)) = (time, &mut self.server.stream_management) {
            offer.max = Some(time).filter(|time| !time.is_zero());
        }
        self
    }

    /// Serves whoever comes, until it is to stop; then ends every stream, and returns when they are gone, in a few
    /// seconds at most.
    pub(crate) async fn run(self, listener: TcpListener, mut stop: Stop) {
        let service = Arc::new(self);
        let mut tasks = JoinSet::new();
        let mut strangers = Strangers::default();
        loop {
            tokio::select! {
                () = stop.wait() => break,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
                () = service.hub.expire() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        // Who is gone takes nobody's place.
                        while tasks.try_join_next().is_some() {}
                        let staying = tasks.len().saturating_sub(strangers.leaving());
                        if staying >= service.max_connections && !strangers.make_room() {
                            turn_away(&stream);
                            continue;
                        }
                        let standing = Standing::default();
                        let service = Arc::clone(&service);
                        let serving = service.serve(stream, peer, standing.clone(), stop.clone());
                        strangers.add(standing, tasks.spawn(serving));
                    }
                    // What a stranger holds is what is short: open files, for one.
                    Err(error) if is_shortage(&error) && strangers.cut_off() => {
                        time::sleep(MOMENT).await;
                    }
                    Err(error) => rest(&error).await,
                },
            }
        }
        drop(listener);
        let all_gone = async { while tasks.join_next().await.is_some() {} };
        if time::timeout(GRACE, all_gone).await.is_err() {
            tracing::warn!(left = tasks.len(), "some clients did not go, and are cut off");
            tasks.shutdown().await;
        }
    }

    /// One connection, from its first byte to its last.
    async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: net::SocketAddr,
        standing: Standing,
        stop: Stop,
    ) {
        // What is written together leaves together already; an error only makes it slower.
        let _ = stream.set_nodelay(true);
        // Boxed: what a connection takes is large, and is not to be moved about.
        match (self.tls.clone(), &self.site) {
            (None, None) => {
                let accepting = accept(stream, &self.accept);
                Box::pin(Arc::clone(&self).admit(accepting, peer, standing, stop)).await;
            }
            (None, Some(site)) => {
                let mut stopping = stop.clone();
                let rest = tokio::select! {
                    rest = site.answer(stream, self.accept.time) => rest,
                    () = stopping.wait() => return,
                    () = standing.told_to_leave() => return,
                };
                if let Some(stream) = rest {
                    let accepting = accept(stream, &self.accept);
                    Box::pin(Arc::clone(&self).admit(accepting, peer, standing, stop)).await;
                }
            }
            (Some(tls), _) => {
                let accepting = accept_tls(stream, tls, &self.accept);
                Box::pin(Arc::clone(&self).admit(accepting, peer, standing, stop)).await;
            }
        }
    }

    async fn admit<I: Io>(
        self: Arc<Self>,
        accepting: impl Future<Output = Result<Accepted<I>, AcceptError>>,
        peer: net::SocketAddr,
        standing: Standing,
        mut stop: Stop,
    ) {
        let accepted = tokio::select! {
            accepted = accepting => accepted,
            // There is no stream yet that could be told.
            () = stop.wait() => return,
            () = standing.told_to_leave() => return,
        };
        match accepted {
            Ok(accepted) => {
                tracing::debug!(%peer, "connected");
                let session = self.session(accepted);
                let why = Guest::new(self, session, standing).run(stop).await;
                tracing::info!(%peer, %why, "ended");
            }
            Err(error) => tracing::info!(%peer, %error, "not accepted"),
        }
    }

    fn session<I: Io>(&self, accepted: Accepted<I>) -> Session<Server, I> {
        let config = self.server.clone();
        accepted.into_session(|connection, now| {
            Server::new(config, connection, Box::new(OsRandom), now)
        })
    }
}

/// There are as many clients as there may be, all logged in. Whoever speaks HTTP can read why.
fn turn_away(stream: &TcpStream) {
    tracing::warn!("too many connections: one was turned away");
    let _ = stream.try_write(TOO_MANY);
}

/// Whether nobody can be accepted, and not just the one who went before it was; accept(2) has both.
fn is_shortage(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Accepting fails when there are too many open files, for one; to ask again at once would only heat the room.
async fn rest(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    time::sleep(REST).await;
}

// Precedents: nginx has 512 to 1,024 connections a worker; the usual limit of open files is 1,024.
pub(crate) const DEFAULT_MAX_CONNECTIONS: usize = 1000;
/// How long a session is kept whose connection is gone, unless it is said otherwise.
const RESUME_FOR: Duration = Duration::from_secs(300);
// As many as may be connected.
const MAX_AWAY: usize = DEFAULT_MAX_CONNECTIONS;
/// How long clients may take to go when the server is shut down.
const GRACE: Duration = Duration::from_secs(4);
const REST: Duration = Duration::from_millis(100);
/// Until a connection that was cut off is gone.
const MOMENT: Duration = Duration::from_millis(1);
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

//! What all connections share: the configuration, and their end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tokio::sync::watch;
use tokio::time::timeout;
use xmpp_ws::endpoint::Connection;
use xmpp_ws::server::Server;
use xmpp_ws_driver::{Io, OsRandom, Session};
use xmpp_ws_tungstenite::answer;

use crate::config::XmppConfig;
use crate::phase::{Phase, Watch};
use crate::session::{Peer, XmppSession};
use crate::socket::{ServerIo, server_socket};
use crate::trace;
use crate::upgrade::{XmppUpgrade, words};

/// The XMPP that a route speaks: its configuration, and its connections. Clones are the same one; put one into the
/// router's state.
#[derive(Clone)]
pub struct Xmpp(Arc<Shared>);

/// All that is to be done for one connection, from the answer to its request to its end.
pub type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Shared {
    config: XmppConfig,
    begin: Box<dyn Fn(Serving) + Send + Sync>,
    /// Each connection has receivers, so it tells when all are gone, too.
    phase: watch::Sender<Phase>,
    /// Each connection has a clone.
    connections: Arc<()>,
}

impl Xmpp {
    /// Accepts WebSockets by this configuration. `begin` is given what is to be done for each connection, and has it
    /// done beside all else: `tokio::spawn`, or a closure that puts it into a span or into a set of tasks. What it
    /// drops ends the connection.
    pub fn new<T>(
        config: XmppConfig,
        begin: impl Fn(Serving) -> T + Send + Sync + 'static,
    ) -> Self {
        let begin = Box::new(move |serving| drop(begin(serving)));
        let phase = watch::Sender::new(Phase::Serve);
        Self(Arc::new(Shared { config, begin, phase, connections: Arc::default() }))
    }

    /// The configuration.
    pub fn config(&self) -> &XmppConfig {
        &self.0.config
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        Arc::strong_count(&self.0.connections) - 1
    }

    /// Answers a request for a WebSocket, and has `serve` serve the connection that comes of it, in a task of its
    /// own: it is there when the answer has left, which is after this returned.
    ///
    /// It is refused with HTTP status 403 from a page whose origin is not [allowed](XmppConfig::origins), with 400
    /// where the subprotocol `xmpp` is not offered, a header that is due once is not there once, or there is a body,
    /// with 503 when there are too many connections or all is being shut down. Then `serve` is dropped.
    pub fn accept<F, S>(&self, upgrade: XmppUpgrade, serve: F) -> Response
    where
        F: FnOnce(XmppSession) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let (watch, counted) = (Watch::of(&self.0.phase), Arc::clone(&self.0.connections));
        let XmppUpgrade { request, response, on_upgrade, address, secure } = upgrade;
        let config = &self.0.config;
        // RFC 6455 § 4.2.2: "an appropriate HTTP error code (e.g., 403 Forbidden)".
        if !config.origins.allow(request.headers()) {
            return refuse(StatusCode::FORBIDDEN, "this page may not connect here");
        }
        if *self.0.phase.borrow() != Phase::Serve || self.connections() > config.max_connections {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "come back later");
        }
        // RFC 7395 § 3.1: a client that does not offer 'xmpp' would have to hang up; so it is told at once.
        let response = match answer(None, &request, response) {
            Ok(response) => response,
            Err(refusal) => {
                return refuse(
                    refusal.status(),
                    refusal.body().as_deref().unwrap_or_default().trim_end(),
                );
            }
        };
        let address = address.map(|address| config.proxies.client(address.ip(), request.headers()));
        trace::accepted(address);
        let connection = Connection::new(secure.unwrap_or(config.secure));
        let (peer, xmpp) = (Peer { address, request }, self.clone());
        (self.0.begin)(Box::pin(async move {
            let mut cut = watch.clone();
            let serving = async {
                if let Some(session) = xmpp.upgraded(on_upgrade, connection).await {
                    serve(XmppSession::new(session, peer, watch)).await;
                }
            };
            tokio::select! {
                () = serving => {}
                () = cut.until(Phase::Cut) => {}
            }
            drop(counted);
        }));
        response.map(|()| axum::body::Body::empty())
    }

    /// Ends every stream with the stream error `<system-shutdown/>`, and returns when all connections are gone: `true`
    /// where that was within that time, `false` where some had to be cut off. No other is accepted from now on.
    ///
    /// A server's other requests are another matter: see `axum::serve`'s `with_graceful_shutdown`, which does not wait
    /// for WebSockets.
    pub async fn shut_down(&self, within: Duration) -> bool {
        let phase = &self.0.phase;
        phase.send_if_modified(|now| {
            let begins = *now < Phase::End;
            *now = (*now).max(Phase::End);
            begins
        });
        let all_gone = timeout(within, phase.closed()).await.is_ok();
        if !all_gone {
            trace::cut_off(self.connections());
            phase.send_replace(Phase::Cut);
        }
        all_gone
    }

    /// `None`: the client went while it was answered, or did not read the answer.
    async fn upgraded(
        &self,
        on_upgrade: OnUpgrade,
        connection: Connection,
    ) -> Option<Session<Server, ServerIo>> {
        let config = &self.0.config;
        // hyper waits for ever for a client that does not read, and its connection counts meanwhile.
        let upgraded = timeout(config.server.limits.open, on_upgrade).await;
        let upgraded = upgraded.inspect_err(|_| trace::unread()).ok()?;
        let upgraded = upgraded.inspect_err(trace::not_upgraded).ok()?;
        let io = server_socket(upgraded, config.limits).await;
        let server = Server::new(config.server.clone(), connection, OsRandom, io.now());
        Some(Session::new(server, io))
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    trace::refused(status, why);
    words(status, why).into_response()
}

impl fmt::Debug for Xmpp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xmpp").field("connections", &self.connections()).finish_non_exhaustive()
    }
}

//! The route of axum, as the conversation wants it.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::Sender;

use axum::routing::any;
use axum::serve::Listener;
use axum::{Router, extract::State, response::Response};
use tokio::net::TcpStream;
use xmpp_ws::ending::Ending;
use xmpp_ws::server::{Server, ServerEvent};
use xmpp_ws::time::Instant;
use xmpp_ws_axum::{Xmpp, XmppConfig, XmppSession, XmppUpgrade};
use xmpp_ws_tests::conversation::host::{self, Hosted};
use xmpp_ws_tests::conversation::sessions::Sessions;
use xmpp_ws_tests::conversation::{Hosting, ServerSide};
use xmpp_ws_tokio::server_tls_from_pem_files;
use xmpp_ws_tokio::tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::adapters::under_tokio;

/// It is a server's only.
pub(crate) struct Axum;

impl ServerSide for Axum {
    const NAME: &'static str = "axum";

    fn serve(listener: TcpListener, hosting: Hosting, ended: Sender<Ending>) {
        let mut config = XmppConfig::new(hosting.config);
        config.secure = hosting.tls.is_some();
        let state = (Xmpp::new(config, tokio::spawn), hosting.sessions, ended);
        let router = Router::new().route("/", any(websocket)).with_state(state);
        listener.set_nonblocking(true).expect("TCP");
        under_tokio(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
            let served = match hosting.tls {
                None => axum::serve(listener, router).await,
                Some(files) => {
                    let tls = server_tls_from_pem_files(&files.chain, &files.key);
                    let acceptor = TlsAcceptor::from(tls.expect("good files"));
                    axum::serve(Secure { listener, acceptor }, router).await
                }
            };
            served.expect("it goes on");
        });
    }
}

async fn websocket(
    State((xmpp, sessions, ended)): State<(Xmpp, Sessions, Sender<Ending>)>,
    upgrade: XmppUpgrade,
) -> Response {
    xmpp.accept(upgrade, async move |session| {
        let why = host::entertain(Routed(session), &sessions).await;
        // Nobody may want to know.
        let _ = ended.send(why);
    })
}

struct Routed(XmppSession);

impl Hosted for Routed {
    fn next(&mut self) -> impl Future<Output = Option<ServerEvent>> {
        self.0.next()
    }

    fn ready(&mut self) -> impl Future<Output = ()> {
        self.0.ready()
    }

    fn command<R>(&mut self, command: impl FnOnce(&mut Server, Instant) -> R) -> R {
        self.0.command(command)
    }
}

/// TLS below axum, which brings none: whoever wants it puts it there, or a proxy before it.
struct Secure {
    listener: tokio::net::TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.expect("somebody comes");
            // Whoever does not trust us goes.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

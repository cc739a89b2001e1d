//! A route of XMPP whose clients have 10 s to ask for it, and 16 KiB for that, and of whom 1,000 may be asking at a time:
//! what `axum::serve` does not see to. What they do from then on is bounded by [`Xmpp`].
//!
//! Whoever logs in here is refused; `examples/server.rs` has what makes users of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::{Extension, Router, response::Response, routing::any};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use xmpp_ws_axum::xmpp_ws::sasl::DecoySecret;
use xmpp_ws_axum::xmpp_ws::server::{ServerConfig, ServerEvent};
use xmpp_ws_axum::{Xmpp, XmppConfig, XmppUpgrade};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let config = ServerConfig::new(DecoySecret::new([7; 32])); // see its documentation
    let xmpp = Xmpp::new(XmppConfig::new(config), tokio::spawn);
    let router = Router::new().route("/xmpp-websocket", any(websocket)).with_state(xmpp);
    let listener = TcpListener::bind("127.0.0.1:5280").await?;
    serve(listener, router, 1000, Duration::from_secs(10)).await;
    Ok(())
}

/// Serves HTTP/1.1 to so many clients at a time, each for so long; WebSockets that come of it are not counted, and stay.
pub(crate) async fn serve(listener: TcpListener, router: Router, max: usize, time: Duration) {
    let room = Arc::new(Semaphore::new(max));
    loop {
        let place = Arc::clone(&room).acquire_owned().await;
        let Ok((stream, peer)) = listener.accept().await else {
            // There are too many open files, for one.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let router = router.clone().layer(Extension(ConnectInfo::<SocketAddr>(peer)));
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.max_buf_size(16 * 1024);
            let service = TowerToHyperService::new(router);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // It is over, too, when the answer to an upgrade has left.
            let _ = timeout(time, connection.with_upgrades()).await;
            drop(place);
        });
    }
}

async fn websocket(State(xmpp): State<Xmpp>, upgrade: XmppUpgrade) -> Response {
    xmpp.accept(upgrade, async |mut session| {
        while let Some(event) = session.next().await {
            let _ = session.command(|server, now| match event {
                ServerEvent::OpenRequested(open) => server.accept(now, open),
                ServerEvent::CredentialsWanted(login) => server.credentials(now, login, None),
                _ => Ok(()),
            });
        }
    })
}

//! The adapter of axum: a route that upgrades by itself, for nobody asks it for `xmpp` here.

use std::net::TcpListener;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tungstenite::handshake::server::create_response;
use xmpp_ws_axum::hyper::upgrade::{OnUpgrade, on};
use xmpp_ws_axum::server_socket;
use xmpp_ws_driver::Session;

use crate::adapters::{all, limits, under_tokio};
use crate::echo::Echo;

/// Serves whoever comes.
pub(crate) fn serve(listener: TcpListener) {
    listener.set_nonblocking(true).expect("TCP");
    under_tokio(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
        axum::serve(listener, Router::new().fallback(websocket)).await.expect("it goes on");
    });
}

async fn websocket(mut request: Request) -> Response {
    let on_upgrade = on(&mut request);
    match create_response(&request.map(|_| ())) {
        Ok(response) => {
            tokio::spawn(echo(on_upgrade));
            response.map(|()| Body::empty())
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn echo(on_upgrade: OnUpgrade) {
    // Some cases are of clients that go away.
    if let Ok(upgraded) = on_upgrade.await {
        let io = server_socket(upgraded, limits()).await;
        all(Session::new(Echo::new(), io)).await;
    }
}

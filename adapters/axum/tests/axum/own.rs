//! What is the application's own: how a task begins, and perhaps the route.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::response::Response;
use axum::routing::any;
use hyper::upgrade::{OnUpgrade, on};
use tokio::net::TcpListener;
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Connection;
use xmpp_ws::server::{Server, ServerEvent};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_axum::xmpp_ws_driver::Io;
use xmpp_ws_axum::{OsRandom, Session, WebSocketLimits, server_socket};
use xmpp_ws_tungstenite::tungstenite::handshake::server::create_response;

use crate::upgrades::{UPGRADE, ask};
use crate::{client, config, ending, logged_in, serve, soon};

#[tokio::test]
async fn the_application_begins_a_task_for_each_connection_and_for_nothing_else() {
    let served = serve().await;
    let _alice = logged_in(served.uri()).await;
    assert_eq!(served.begun.load(Ordering::Relaxed), 1);
    let answer = ask(&served, "GET", UPGRADE).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(served.begun.load(Ordering::Relaxed), 1);
    let _again = logged_in(served.uri()).await;
    assert_eq!(served.begun.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_route_of_ones_own_takes_what_it_has_upgraded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = Router::new().route("/", any(upgrade));
    tokio::spawn(axum::serve(listener, router).into_future());

    let mut client = client(format!("ws://{address}/").parse().expect("a legal address"));
    let why = soon(ending(&mut client)).await;
    let Ending::PeerError(error) = &why else { panic!("{why}") };
    assert_eq!(error.condition(), Condition::HostUnknown);
}

async fn upgrade(mut request: Request) -> Response {
    let on_upgrade = on(&mut request);
    let mut response = create_response(&request.map(|_| ())).expect("a WebSocket's request");
    let xmpp = HeaderValue::from_static("xmpp");
    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, xmpp);
    tokio::spawn(refuse(on_upgrade));
    response.map(|()| Body::empty())
}

async fn refuse(on_upgrade: OnUpgrade) {
    let upgraded = on_upgrade.await.expect("the client stays");
    let io = server_socket(upgraded, WebSocketLimits::default()).await;
    let server = Server::new(config(), Connection::new(false), OsRandom, io.now());
    let mut session = Session::new(server, io);
    while let Some(event) = session.next().await {
        if let ServerEvent::OpenRequested(request) = event {
            let error = StreamError::new(Condition::HostUnknown);
            session.command(|server, now| server.refuse(now, request, error)).expect("it is asked");
        }
    }
}

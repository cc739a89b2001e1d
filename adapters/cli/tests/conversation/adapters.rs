//! The adapters, as the conversation wants them.

use std::future::Future;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::pin::pin;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll, Waker};
use std::thread;

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::server::Server;
use xmpp_ws::time::Instant;
use xmpp_ws_tests::conversation::{ClientSide, Hosting, ServerSide, host};
use xmpp_ws_tokio::xmpp_ws_driver::{Io, Session, Waited};
use xmpp_ws_tokio::{
    AcceptConfig, AcceptError, Accepted, ClientTls, DialConfig, OsRandom, server_tls_from_pem_files,
};

/// Those whose sessions are futures, and whose byte streams come from the standard library's sockets.
macro_rules! asynchronous {
    ($adapter:ident, $name:literal, $krate:ident, $block_on:expr, $stream:expr) => {
        pub(crate) struct $adapter;

        impl ClientSide for $adapter {
            const NAME: &'static str = $name;
            type Io = $krate::ClientIo;

            fn dial<E: Endpoint>(
                trust: Option<&Path>,
                endpoint: impl FnOnce(Instant) -> E,
            ) -> Session<E, $krate::ClientIo> {
                $krate::connect(dial(trust), endpoint)
            }

            fn run<T>(work: impl Future<Output = T>) -> T {
                $block_on(work)
            }
        }

        impl ServerSide for $adapter {
            const NAME: &'static str = $name;

            fn serve(listener: TcpListener, hosting: Hosting, ended: Sender<Ending>) {
                each(listener, move |stream| {
                    $block_on(async {
                        let stream = $stream(stream);
                        match &hosting.tls {
                            None => {
                                let accepted = $krate::accept(stream, &accept()).await;
                                entertain(accepted, &hosting, &ended).await
                            }
                            Some(files) => {
                                let tls = server_tls_from_pem_files(&files.chain, &files.key);
                                let tls = tls.expect("good files");
                                let accepted = $krate::accept_tls(stream, tls, &accept()).await;
                                entertain(accepted, &hosting, &ended).await
                            }
                        }
                    });
                });
            }
        }
    };
}

asynchronous!(Tokio, "tokio", xmpp_ws_tokio, under_tokio, |stream| {
    tokio::net::TcpStream::from_std(stream).expect("it does not block")
});
asynchronous!(Smol, "smol", xmpp_ws_smol, smol::block_on, |stream| {
    smol::net::TcpStream::try_from(stream).expect("it does not block")
});
asynchronous!(
    AsyncStd,
    "async-std",
    xmpp_ws_async_std,
    async_std::task::block_on,
    async_std::net::TcpStream::from
);

pub(crate) struct Blocking;

impl ClientSide for Blocking {
    const NAME: &'static str = "blocking";
    type Io = xmpp_ws_blocking::ClientIo;

    fn dial<E: Endpoint>(
        trust: Option<&Path>,
        endpoint: impl FnOnce(Instant) -> E,
    ) -> Session<E, Self::Io> {
        xmpp_ws_blocking::connect(dial(trust), endpoint).expect("a poller")
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        block_on(work)
    }

    async fn attempt(session: &mut Session<Client, Self::Io>) -> Option<Option<ClientEvent>> {
        match session.wait_until(Some(session.now())) {
            Waited::Event(event) => Some(Some(event)),
            Waited::Ended => Some(None),
            Waited::TimedOut | Waited::Notified => None,
        }
    }
}

impl ServerSide for Blocking {
    const NAME: &'static str = "blocking";

    fn serve(listener: TcpListener, hosting: Hosting, ended: Sender<Ending>) {
        each(listener, move |stream| match &hosting.tls {
            None => {
                let accepted = xmpp_ws_blocking::accept(stream, &accept());
                block_on(entertain(accepted, &hosting, &ended));
            }
            Some(files) => {
                let tls = server_tls_from_pem_files(&files.chain, &files.key);
                let tls = tls.expect("good files");
                let accepted = xmpp_ws_blocking::accept_tls(stream, tls, &accept());
                block_on(entertain(accepted, &hosting, &ended));
            }
        });
    }
}

/// What blocks the thread is pending only where it can be polled again, or for what another thread is about to do.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(output) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        thread::yield_now();
    }
}

pub(crate) fn under_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn dial(trust: Option<&Path>) -> DialConfig {
    let mut dial = DialConfig::default();
    dial.tls = trust.map(|file| ClientTls::trusting_pem_file(file).expect("certificates"));
    dial
}

fn accept() -> AcceptConfig {
    let mut config = AcceptConfig::default();
    config.limits.max_message_bytes = host::MAX_MESSAGE_BYTES;
    config
}

/// Serves each in a thread of its own.
fn each(listener: TcpListener, serve: impl Fn(TcpStream) + Clone + Send + 'static) {
    for stream in listener.incoming() {
        let stream = stream.expect("somebody comes");
        stream.set_nonblocking(true).expect("TCP");
        let serve = serve.clone();
        thread::spawn(move || serve(stream));
    }
}

/// Whoever was refused has been told so.
async fn entertain<I: Io>(
    accepted: Result<Accepted<I>, AcceptError>,
    hosting: &Hosting,
    ended: &Sender<Ending>,
) {
    let Ok(accepted) = accepted else { return };
    let config = hosting.config.clone();
    let session =
        accepted.into_session(|connection, now| Server::new(config, connection, OsRandom, now));
    let why = host::entertain(session, &hosting.sessions).await;
    // Nobody may want to know.
    let _ = ended.send(why);
}

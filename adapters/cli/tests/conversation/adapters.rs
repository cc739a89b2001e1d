//! The adapters, as the conversation wants them.

use std::future::Future;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::thread;

use xmpp_ws::client::{Client, ClientConfig};
use xmpp_ws::ending::Ending;
use xmpp_ws::server::Server;
use xmpp_ws_tests::conversation::{ClientSide, ServerSide, TlsFiles, host};
use xmpp_ws_tokio::xmpp_ws_driver::{Io, Session};
use xmpp_ws_tokio::{
    AcceptConfig, Accepted, ClientTls, DialConfig, OsRandom, server_tls_from_pem_files,
};

/// Those whose sessions are futures, and whose byte streams come from the standard library's sockets.
macro_rules! asynchronous {
    ($adapter:ident, $name:literal, $krate:ident, $block_on:expr, $stream:expr) => {
        pub(crate) struct $adapter;

        impl ClientSide for $adapter {
            const NAME: &'static str = $name;
            type Io = $krate::ClientIo;

            fn connect(
                trust: Option<&Path>,
                config: ClientConfig,
            ) -> Session<Client, $krate::ClientIo> {
                $krate::connect(dial(trust), |now| Client::new(config, OsRandom, now))
            }

            fn run<T>(work: impl Future<Output = T>) -> T {
                $block_on(work)
            }
        }

        impl ServerSide for $adapter {
            const NAME: &'static str = $name;

            fn serve(listener: TcpListener, tls: Option<TlsFiles>, ended: Sender<Ending>) {
                each(listener, move |stream| {
                    let why = $block_on(async {
                        let stream = $stream(stream);
                        match &tls {
                            None => {
                                let accepted = $krate::accept(stream, &accept()).await;
                                entertain(accepted.expect("a good request")).await
                            }
                            Some(files) => {
                                let tls = server_tls_from_pem_files(&files.chain, &files.key);
                                let tls = tls.expect("good files");
                                let accepted = $krate::accept_tls(stream, tls, &accept()).await;
                                entertain(accepted.expect("a good request")).await
                            }
                        }
                    });
                    // Nobody may want to know.
                    let _ = ended.send(why);
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

fn under_tokio<T>(work: impl Future<Output = T>) -> T {
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

async fn entertain<I: Io>(accepted: Accepted<I>) -> Ending {
    let session = accepted
        .into_session(|connection, now| Server::new(host::config(), connection, OsRandom, now));
    host::entertain(session).await
}

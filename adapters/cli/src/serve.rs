//! `xmpp-ws serve`: the embedded server for others to talk to.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tokio::net::TcpListener;
use xmpp_ws::jid::Jid;
use xmpp_ws_tokio::{OsRandom, TlsSetupError, server_tls_from_pem_files};

use crate::accounts::{AccountError, Accounts};
use crate::arguments::ServeOptions;
use crate::output::Output;
use crate::runtime;
use crate::service::Service;
use crate::site::Site;
use crate::status::Status;
use crate::stop::{self, Signals};

/// What is told on standard output.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event<'a> {
    /// Connections are accepted at this address.
    Listening { url: &'a str },
}

/// Serves until a signal comes.
pub(crate) fn run(options: &ServeOptions) -> Result<Status, ServeError> {
    if !options.path.starts_with('/') {
        return Err(ServeError::Path(options.path.clone()));
    }
    let host: Jid = options.host.parse().map_err(|_| ServeError::Host(options.host.clone()))?;
    if host.local().is_some() || !host.is_bare() {
        return Err(ServeError::Host(options.host.clone()));
    }
    let accounts = Accounts::new(&host, &options.users, &mut OsRandom)?;
    let tls = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => Some(server_tls_from_pem_files(certificate, key)?),
        _ => None,
    };
    let site = options.web.as_deref().map(|folder| {
        let failed = |error| ServeError::Web { folder: folder.to_owned(), error };
        Site::open(folder).map_err(failed)
    });
    let site = site.transpose()?;
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let service = Service::new(host, accounts)
        .at_path(&options.path)
        .with_tls(tls)
        .with_site(site)
        .allow_plaintext_auth(options.allow_plaintext_auth)
        .with_max_connections(options.max_connections)
        .with_resumption(options.resume_for)
        .with_patience(options.login_timeout, options.keepalive, options.answer_timeout);
    runtime::block_on(serve(service, options, scheme)).map_err(ServeError::Start)?
}

async fn serve(
    service: Service,
    options: &ServeOptions,
    scheme: &str,
) -> Result<Status, ServeError> {
    let listen = &options.listen;
    let failed = |error| ServeError::Listen { address: listen.clone(), error };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("{scheme}://{address}{}", options.path);
    let event = Event::Listening { url: &url };
    // Whoever closed our output does not want to know.
    let _ = Output::new(options.json).write(&event, Some(&format!("listening on {url}")));
    let (stopper, stop) = stop::stopper();
    let serving = service.run(listener, stop);
    let stopping = async {
        match Signals::listen() {
            Ok(mut signals) => signals.next().await,
            Err(error) => tracing::error!(%error, "no signals can be waited for"),
        }
        tracing::info!("shutting down");
        stopper.stop();
    };
    tokio::join!(serving, stopping);
    Ok(Status::Success)
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("--host {0:?} is not the name of a host, such as localhost or example.com")]
    Host(String),
    #[error("--path {0:?} does not begin with a slash, such as /xmpp-websocket")]
    Path(String),
    #[error("--user: {0}")]
    Account(#[from] AccountError),
    #[error("TLS cannot be offered: {0}")]
    Tls(#[from] TlsSetupError),
    #[error("--web {}: {error}", folder.display())]
    Web { folder: PathBuf, error: io::Error },
    #[error("cannot listen on {address}: {error}; choose another with --listen ADDRESS:PORT")]
    Listen { address: String, error: io::Error },
    #[error("cannot start: {0}")]
    Start(io::Error),
}

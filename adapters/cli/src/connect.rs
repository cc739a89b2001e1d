//! `xmpp-ws connect`: one account's conversation, its stanzas a line each, over as many connections as it takes.

mod advice;
mod event;
mod lines;
mod sent;
mod talk;

use std::env::{self, VarError};
use std::io;
use std::path::PathBuf;

use xmpp_ws::client::{Client, ClientConfig};
use xmpp_ws::jid::Jid;
use xmpp_ws::uri::Uri;
use xmpp_ws_tokio::{ClientTls, DialConfig, OsRandom, TlsSetupError, connect};

use self::advice::{Circumstances, Who};
use self::talk::Talk;
use crate::arguments::ConnectOptions;
use crate::output::Output;
use crate::runtime;
use crate::status::Status;
use crate::stop::Signals;

/// Logs in and talks, until the input ends or the stream does.
pub(crate) fn run(options: &ConnectOptions) -> Result<Status, ConnectError> {
    let config = client_config(options)?;
    let mut dial = DialConfig::default();
    for (host, address) in &options.resolve {
        dial.resolve.entry(host.clone()).or_default().push(*address);
    }
    if let Some(ca) = &options.ca {
        dial.tls = Some(
            ClientTls::trusting_pem_file(ca)
                .map_err(|error| ConnectError::Ca { path: ca.clone(), error })?,
        );
    }
    let here = Circumstances {
        was_connected: false,
        was_secure: false,
        goes_on: config.reconnect.is_some(),
        who: if is_guest(options) { Who::Guest } else { Who::User },
    };
    let talking = async {
        let signals = Signals::listen().map_err(ConnectError::Start)?;
        let session = connect(dial, |now| Client::new(config, Box::new(OsRandom), now));
        let (lines, output) = (lines::standard_input(), Output::new(options.json));
        let talk = Talk::new(session, lines, output, here, options.linger);
        talk.run(signals).await.map_err(ConnectError::Output)
    };
    runtime::block_on(talking).map_err(ConnectError::Start)?
}

fn client_config(options: &ConnectOptions) -> Result<ClientConfig, ConnectError> {
    let mut config = ClientConfig::discovering(options.jid.clone());
    if let Some(uri) = options.url.as_ref().filter(|uri| !uri.is_websocket()) {
        return Err(ConnectError::Scheme(uri.clone()));
    }
    config.uri.clone_from(&options.url);
    if let Some(password) = password(options)? {
        config = config.with_password(&password);
    }
    config.tolerance.plain_without_tls = options.allow_plaintext_auth;
    config.stream_management = !options.no_stream_management;
    if options.no_reconnect {
        config.reconnect = None;
    }
    if let Some(keepalive) = options.keepalive {
        config.limits.ping_after = Some(keepalive).filter(|it| !it.is_zero());
    }
    Ok(config)
}

/// The account's password; none for a guest, who logs in by ANONYMOUS.
fn password(options: &ConnectOptions) -> Result<Option<String>, ConnectError> {
    let password = match &options.password {
        Some(password) => Ok(password.clone()),
        None => env::var(PASSWORD_VARIABLE),
    };
    match password {
        Ok(_) if is_guest(options) => Err(ConnectError::NoUser(options.jid.clone())),
        Ok(password) => Ok(Some(password)),
        Err(VarError::NotPresent) if is_guest(options) => Ok(None),
        Err(VarError::NotPresent) => Err(ConnectError::NoPassword),
        Err(VarError::NotUnicode(_)) => Err(ConnectError::PasswordEncoding),
    }
}

fn is_guest(options: &ConnectOptions) -> bool {
    options.jid.local().is_none()
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("--url {0} is not the address of a WebSocket, which begins with wss:// or ws://")]
    Scheme(Uri),
    #[error(
        "there is a password (--password, or {PASSWORD_VARIABLE} in the environment), but --jid {0} has no user name, \
         such as alice@{0}; a guest has neither"
    )]
    NoUser(Jid),
    #[error("no password: set {PASSWORD_VARIABLE} in the environment, or give --password")]
    NoPassword,
    #[error("the password in {PASSWORD_VARIABLE} is not UTF-8")]
    PasswordEncoding,
    #[error("--ca {}: {error}", path.display())]
    Ca { path: PathBuf, error: TlsSetupError },
    #[error("cannot start: {0}")]
    Start(io::Error),
    #[error("standard output takes nothing more: {0}")]
    Output(io::Error),
}

const PASSWORD_VARIABLE: &str = "XMPP_PASSWORD";

//! One conversation for every adapter: what a session must live through, whatever runtime it is under.
//!
//! An adapter joins by [`ClientSide`], [`ServerSide`] or both. [`talk`], [`cuts`] and [`faults`] are a client's part, with
//! real servers and with peers that follow a script; [`guests`] is a server's, with clients that follow one. Each scenario
//! panics where it fails, and tells in a word or two how it went where it does not.

pub mod cuts;
pub mod faults;
pub mod guests;
pub mod host;
pub mod script;
pub mod sessions;
pub mod table;
pub mod talk;

use std::future::{Future, poll_fn};
use std::mem;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc::Sender;
use std::task::Poll;
use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::server::ServerConfig;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Io, OsRandom, Session};

use self::sessions::Sessions;

/// What an adapter can do as a client.
pub trait ClientSide: 'static {
    /// Its name in the table.
    const NAME: &'static str;

    /// Its transport.
    type Io: Io;

    /// A session of `endpoint` that dials by itself, and trusts the authorities in this file, or those of the system.
    fn dial<E: Endpoint>(
        trust: Option<&Path>,
        endpoint: impl FnOnce(Instant) -> E,
    ) -> Session<E, Self::Io>;

    /// A client's session.
    fn connect(trust: Option<&Path>, config: ClientConfig) -> Session<Client, Self::Io> {
        Self::dial(trust, |now| Client::new(config, OsRandom, now))
    }

    /// Does this in the present thread, under the adapter's runtime.
    fn run<T>(work: impl Future<Output = T>) -> T;

    /// Begins to wait for the next event, and drops the wait where there is none yet.
    fn attempt(
        session: &mut Session<Client, Self::Io>,
    ) -> impl Future<Output = Option<Option<ClientEvent>>> {
        async {
            let mut next = pin!(session.next());
            let event = poll_fn(|cx| {
                Poll::Ready(match next.as_mut().poll(cx) {
                    Poll::Ready(event) => Some(event),
                    Poll::Pending => None,
                })
            });
            event.await
        }
    }

    /// Lets others have their turn.
    fn breathe() -> impl Future<Output = ()> {
        let mut before = false;
        poll_fn(move |cx| {
            if mem::replace(&mut before, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}

/// What an adapter can do as a server.
pub trait ServerSide: 'static {
    /// Its name in the table.
    const NAME: &'static str;

    /// Serves whoever comes, as long as the process lives: each connection by [`host::entertain`], whose outcome is
    /// told, with the limits of [`host::MAX_MESSAGE_BYTES`].
    fn serve(listener: TcpListener, hosting: Hosting, ended: Sender<Ending>);
}

/// How a server side serves.
#[derive(Clone, Debug)]
pub struct Hosting {
    /// With TLS, or without.
    pub tls: Option<TlsFiles>,
    /// What each server is made with.
    pub config: ServerConfig,
    /// Where its clients' sessions are between two connections.
    pub sessions: Sessions,
}

impl Hosting {
    /// Without TLS, and without any session yet.
    pub fn new(config: ServerConfig) -> Self {
        Self { tls: None, config, sessions: Sessions::default() }
    }
}

/// The files a server shows its certificate from.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain of certificates (PEM).
    pub chain: PathBuf,
    /// The key (PEM).
    pub key: PathBuf,
}

/// A server that sends what is sent to oneself back.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its name in the table.
    pub name: String,
    /// Where it is.
    pub uri: String,
    /// The account to log in with.
    pub account: String,
    /// The account's password.
    pub password: String,
    /// Whom to trust.
    pub trust: Option<PathBuf>,
    /// The longest message that it takes; `None`: it takes whatever we would send.
    pub max_message_bytes: Option<usize>,
    /// Whether it leaves in good order when a message asks for that.
    pub leaves: bool,
    /// How a connection to it is cut.
    pub cut: Cut,
}

/// How a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cut {
    /// Both sides learn that it is gone.
    Told,
    /// Nothing comes through any more, and nobody is told.
    Silent,
}

impl Place {
    /// A client of this place. It takes longer messages than the place does, and never gives a busy machine up.
    pub fn config(&self) -> ClientConfig {
        let account = self.account.parse().expect("an address");
        let uri = self.uri.parse().expect("a URI");
        let mut config = ClientConfig::new(account, uri).with_password(&self.password);
        config.tolerance.plain_without_tls = true;
        config.limits.max_message_bytes = 512 * 1024;
        config.limits.open = PATIENCE;
        // Each scenario is about one connection, unless it says otherwise.
        config.reconnect = None;
        config
    }
}

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

//! `xmpp-ws demo`: a server and two clients in one process, over real WebSockets, each frame shown.

mod actor;
mod meaning;
mod narrator;
mod tap;
mod wire;

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use xmpp_ws::client::Iq;
use xmpp_ws::ending::Ending;
use xmpp_ws::jid::{Jid, JidError};
use xmpp_ws::uri::{Uri, UriError};
use xmpp_ws_tokio::OsRandom;

use self::actor::{Actor, ActorError};
use self::narrator::Narrator;
use self::wire::Wire;
use crate::accounts::{Account, AccountError, Accounts};
use crate::runtime;
use crate::service::Service;
use crate::status::Status;
use crate::stop;

/// Plays it once.
pub(crate) fn run() -> Result<Status, DemoError> {
    // What a client holds is large for a stack.
    let playing = async { timeout(TIME, Box::pin(play())).await };
    let played = runtime::block_on(playing).map_err(DemoError::Start)?;
    played.unwrap_or(Err(DemoError::TooLong))
}

async fn play() -> Result<Status, DemoError> {
    let host: Jid = HOST.parse()?;
    let users = [Account::new("alice", PASSWORD), Account::new("bob", PASSWORD)];
    let accounts = Accounts::new(&host, &users, &mut OsRandom)?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(DemoError::Listen)?;
    let address = listener.local_addr().map_err(DemoError::Listen)?;
    let (stopper, stop) = stop::stopper();
    let serving = tokio::spawn(Service::new(host, accounts).at_path(PATH).run(listener, stop));

    let wire = Wire::to(address).await.map_err(DemoError::Listen)?;
    let uri = uri_at(address)?;
    let narrator = Rc::new(RefCell::new(Narrator::new()));
    narrator.borrow_mut().scene(&format!("A server of {HOST} listens at {uri}"));
    Box::pin(converse(&narrator, &uri, &wire)).await?;
    stopper.stop();
    // It has nothing left to do but to end.
    let _ = serving.await;
    narrator.borrow().end("That was all. Every frame above went over a real WebSocket.");
    Ok(Status::Success)
}

fn uri_at(address: SocketAddr) -> Result<Uri, UriError> {
    format!("ws://{address}{PATH}").parse()
}

async fn converse(
    narrator: &Rc<RefCell<Narrator>>,
    uri: &Uri,
    wire: &Wire,
) -> Result<(), DemoError> {
    let scene = |title: &str| narrator.borrow_mut().scene(title);
    let enter = |account: &str, password, uri: &Uri| -> Result<Actor, JidError> {
        Ok(Actor::new(account.parse()?, password, uri, narrator))
    };

    scene("Alice logs in");
    let mut alice = enter(ALICE, PASSWORD, uri)?;
    alice.until_bound().await?;

    scene("Bob logs in, and says that he is there");
    let mut bob = enter(BOB, PASSWORD, &uri_at(wire.address())?)?;
    bob.until_bound().await?;
    bob.send("<presence/>").await?;
    bob.until_stanza("presence").await?;

    scene("Alice writes to Bob, wherever he is; Bob answers her");
    alice.send(QUESTION).await?;
    bob.until_stanza("message").await?;
    bob.send(ANSWER).await?;
    alice.until_stanza("message").await?;

    scene("Alice asks the server whether it is there, and what it is");
    let to_host = |content| -> Result<Iq, JidError> { Ok(Iq::get(content).to(HOST.parse()?)) };
    alice.ask(to_host("<ping xmlns='urn:xmpp:ping'/>")?).await?;
    alice.ask(to_host("<query xmlns='jabber:iq:version'/>")?).await?;

    lose_and_resume(&scene, &mut alice, &mut bob, wire).await?;

    scene("Both close their streams");
    for actor in [&mut alice, &mut bob] {
        match actor.close().await? {
            Ending::Clean => {}
            other => return Err(ActorError::Ended(other).into()),
        }
    }

    scene("Somebody else tries to be Alice, with a wrong password, and does not try again");
    match enter(ALICE, "guessed", uri)?.until_end().await? {
        Ending::NotAuthenticated(_) => Ok(()),
        other => Err(ActorError::Ended(other).into()),
    }
}

/// Bob's wire loses what is on it, and breaks; he goes on as if nothing had been.
async fn lose_and_resume(
    scene: &impl Fn(&str),
    alice: &mut Actor,
    bob: &mut Actor,
    wire: &Wire,
) -> Result<(), DemoError> {
    scene("Bob's wire begins to lose what is on it: what both write now does not arrive");
    wire.lose();
    bob.send(LOST_ANSWER).await?;
    wire.lost().await;
    alice.send(LOST_QUESTION).await?;
    wire.lost().await;

    scene("The wire breaks. Bob sees it now, and Alice writes on");
    wire.cut();
    bob.until_disconnected().await?;
    wire.mend();
    alice.send(LATE_QUESTION).await?;

    scene("Bob connects again and resumes his session: each sends what the other did not get");
    bob.resume().await?;
    for _ in [LOST_QUESTION, LATE_QUESTION] {
        bob.until_stanza("message").await?;
    }
    alice.until_stanza("message").await?;
    bob.until_settled().await?;

    // The first exchange is a message each, too.
    for (actor, expected) in [(bob, 3), (alice, 2)] {
        let messages = actor.messages();
        if messages != expected {
            return Err(DemoError::Miscounted { messages, expected });
        }
    }
    Ok(())
}

/// Why it did not go as it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error("the demo cannot start: {0}")]
    Start(io::Error),
    #[error("the demo needs a free port on 127.0.0.1: {0}")]
    Listen(io::Error),
    #[error("the demo took too long: is this machine very busy?")]
    TooLong,
    #[error("the demo went otherwise than it should: {0}")]
    Actor(#[from] ActorError),
    #[error("{messages} messages came, where {expected} were sent")]
    Miscounted { messages: usize, expected: usize },
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Jid(#[from] JidError),
    #[error(transparent)]
    Uri(#[from] UriError),
}

const HOST: &str = "localhost";
const ALICE: &str = "alice@localhost/balcony";
const BOB: &str = "bob@localhost/orchard";
const QUESTION: &str = "<message to='bob@localhost' type='chat'>\
    <body>Art thou not Romeo, and a Montague?</body></message>";
const ANSWER: &str = "<message to='alice@localhost/balcony' type='chat'>\
    <body>Neither, fair saint, if either thee dislike.</body></message>";
const LOST_ANSWER: &str = "<message to='alice@localhost/balcony' type='chat'>\
    <body>By a name I know not how to tell thee who I am.</body></message>";
const LOST_QUESTION: &str = "<message to='bob@localhost/orchard' type='chat'>\
    <body>How cam'st thou hither, tell me, and wherefore?</body></message>";
const LATE_QUESTION: &str = "<message to='bob@localhost/orchard' type='chat'>\
    <body>The orchard walls are high and hard to climb.</body></message>";
const PATH: &str = "/xmpp-websocket";
const PASSWORD: &str = "secret";
const TIME: Duration = Duration::from_secs(20);

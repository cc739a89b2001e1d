//! One client of the demo.

use std::cell::RefCell;
use std::rc::Rc;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent, Iq, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws::error::Misuse;
use xmpp_ws::jid::Jid;
use xmpp_ws::stanza::StanzaKind;
use xmpp_ws::uri::Uri;
use xmpp_ws_tokio::xmpp_ws_driver::Io;
use xmpp_ws_tokio::{ClientIo, DialConfig, Dialer, OsRandom, Session, TokioTimer};

use super::narrator::Narrator;
use super::tap::Tap;

/// A client whose frames are shown.
pub(super) struct Actor {
    session: Session<Client, Tap<ClientIo>>,
    /// How many messages came.
    messages: usize,
    /// How many stanzas were sent, and how many of them the server has taken charge of.
    sent: usize,
    acked: usize,
}

impl Actor {
    /// A client that will log in when it is waited for.
    pub(super) fn new(
        account: Jid,
        password: &str,
        uri: &Uri,
        narrator: &Rc<RefCell<Narrator>>,
    ) -> Self {
        let name = account.local().unwrap_or_default().to_owned();
        let config = ClientConfig::new(account, uri.clone()).with_password(password);
        let io = ClientIo::new(Dialer::new(DialConfig::default()), TokioTimer::new());
        let tap = Tap::new(io, name, narrator);
        let client = Client::new(config, Box::new(OsRandom), tap.now());
        Self { session: Session::new(client, tap), messages: 0, sent: 0, acked: 0 }
    }

    pub(super) async fn until_bound(&mut self) -> Result<Jid, ActorError> {
        self.until(|event| match event {
            ClientEvent::Bound(jid) => Some(jid),
            _ => None,
        })
        .await
    }

    /// Until a stanza of this name comes.
    pub(super) async fn until_stanza(&mut self, name: &str) -> Result<(), ActorError> {
        self.until(|event| match event {
            ClientEvent::Stanza(stanza) if stanza.kind().name() == name => Some(()),
            _ => None,
        })
        .await
    }

    /// Sends at once: nobody may ask this client for its next event for a while.
    pub(super) async fn send(&mut self, stanza: &str) -> Result<(), ActorError> {
        self.session.send(stanza)?;
        self.sent += 1;
        self.session.flush().await;
        Ok(())
    }

    /// How many messages came so far.
    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    /// Until the connection is seen to be gone, and the session to be one that can go on.
    pub(super) async fn until_disconnected(&mut self) -> Result<(), ActorError> {
        self.until(|event| {
            matches!(event, ClientEvent::Disconnected { resumable: true, .. }).then_some(())
        })
        .await
    }

    /// Connects again at once, instead of after the usual wait, and goes on with the session.
    pub(super) async fn resume(&mut self) -> Result<(), ActorError> {
        self.session.nudge();
        self.until(|event| matches!(event, ClientEvent::Resumed).then_some(())).await
    }

    /// Until the server has taken charge of all that was sent.
    pub(super) async fn until_settled(&mut self) -> Result<(), ActorError> {
        self.session.nudge();
        while self.acked < self.sent {
            self.until(|event| matches!(event, ClientEvent::Acked(_)).then_some(())).await?;
        }
        Ok(())
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&mut self, iq: Iq) -> Result<(), ActorError> {
        self.session.iq(iq)?;
        self.sent += 1;
        self.until(|event| match event {
            ClientEvent::Reply { reply: Reply::Result(_), .. } => Some(()),
            _ => None,
        })
        .await
    }

    pub(super) async fn close(&mut self) -> Result<Ending, ActorError> {
        self.session.close()?;
        self.until_end().await
    }

    /// Until all is over, and the connection gone.
    pub(super) async fn until_end(&mut self) -> Result<Ending, ActorError> {
        let mut ending = None;
        while let Some(event) = self.session.next().await {
            if let ClientEvent::Ended(why) = event {
                ending = Some(why);
            }
        }
        ending.ok_or(ActorError::NoReason)
    }

    fn count(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::Stanza(stanza) => {
                self.messages += usize::from(stanza.kind() == StanzaKind::Message);
            }
            ClientEvent::Acked(_) => self.acked += 1,
            _ => {}
        }
    }

    async fn until<T>(
        &mut self,
        mut pick: impl FnMut(ClientEvent) -> Option<T>,
    ) -> Result<T, ActorError> {
        loop {
            match self.session.next().await {
                Some(ClientEvent::Ended(why)) => return Err(ActorError::Ended(why)),
                // Neither may happen to anybody here.
                Some(ClientEvent::NotResumed(_) | ClientEvent::Undelivered(_)) => {
                    return Err(ActorError::Lost);
                }
                Some(event) => {
                    self.count(&event);
                    if let Some(picked) = pick(event) {
                        return Ok(picked);
                    }
                }
                None => return Err(ActorError::NoReason),
            }
        }
    }
}

/// Why a client did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActorError {
    #[error("{0}")]
    Ended(Ending),
    #[error("a session ended without a reason")]
    NoReason,
    #[error("a session was lost, though the server should have it")]
    Lost,
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

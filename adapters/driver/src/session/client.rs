//! What an application does often with a client's session, without [`command`](Session::command).

use xmpp_ws::client::{Client, Iq, KeyAnswer, NotEntered, PasswordRequest, SavedSession};
use xmpp_ws::endpoint::Ticket;
use xmpp_ws::error::Misuse;
use xmpp_ws::jid::Jid;
use xmpp_ws::sasl::Password;
use xmpp_ws::stream_error::StreamError;

use super::Session;
use crate::io::Io;

/// The [`Client`]'s own commands, which are given the transport's time. As with all of them, what they have to say goes
/// out with the next wait.
impl<I: Io> Session<Client, I> {
    /// The address that the server gave, once bound.
    pub fn jid(&self) -> Option<&Jid> {
        self.endpoint.jid()
    }

    /// Sends a request and watches for its answer; see [`Client::iq`].
    ///
    /// The answer is an event like all others, known by the ticket:
    ///
    /// ```
    /// use xmpp_ws_driver::{Io, Session};
    /// use xmpp_ws_driver::xmpp_ws::client::{Client, ClientEvent, Iq, Reply};
    /// use xmpp_ws_driver::xmpp_ws::error::Misuse;
    ///
    /// async fn show_contacts<I: Io>(mut session: Session<Client, I>) -> Result<(), Misuse> {
    ///     let mut roster = None;
    ///     while let Some(event) = session.next().await {
    ///         match event {
    ///             ClientEvent::Bound(_) => {
    ///                 roster = Some(session.iq(Iq::get("<query xmlns='jabber:iq:roster'/>"))?);
    ///             }
    ///             ClientEvent::Reply { ticket, reply } if Some(ticket) == roster => match reply {
    ///                 Reply::Result(stanza) => println!("{}", stanza.xml()),
    ///                 Reply::Error(_, error) => println!("refused: {error}"),
    ///                 _ => println!("no answer"),
    ///             },
    ///             event => println!("{event:?}"),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// Where many are asked, a `HashMap` from tickets to what each was about does the same; its values may be the
    /// sending ends of channels, at the other ends of which other tasks wait.
    ///
    /// There is no method that waits for the one answer. It would have to keep what comes before it: without a bound, or
    /// with one past which the answer is never read; a password might be asked for, and nobody be there to answer; and
    /// stanzas that nobody saw yet would count as handled (XEP-0198 § 4), in a [saved](Self::save) session too.
    pub fn iq(&mut self, iq: Iq) -> Result<Ticket, Misuse> {
        self.endpoint.iq(self.io.now(), iq)
    }

    /// The network changed, or the machine woke up; see [`Client::nudge`].
    pub fn nudge(&mut self) {
        self.endpoint.nudge(self.io.now());
    }

    /// Says whether somebody looks at the client (XEP-0352); see [`Client::set_active`].
    pub fn set_active(&mut self, active: bool) {
        self.endpoint.set_active(active);
    }

    /// Answers [`ClientEvent::PasswordWanted`](xmpp_ws::client::ClientEvent::PasswordWanted); see [`Client::password`].
    pub fn password(
        &mut self,
        request: PasswordRequest,
        password: &Password,
    ) -> Result<(), NotEntered> {
        self.endpoint.password(self.io.now(), request, password)
    }

    /// Answers [`ClientEvent::KeysWanted`](xmpp_ws::client::ClientEvent::KeysWanted), which comes only after
    /// [`answer_inline(false)`](Self::answer_inline); see [`Client::keys`].
    pub fn keys(&mut self, answer: KeyAnswer) -> Result<(), Misuse> {
        self.endpoint.keys(self.io.now(), answer)
    }

    /// The client's session as it is now, for another process or page to go on with; see [`Client::save`]. Take the
    /// events that are there first, and drop this session after it.
    pub fn save(&mut self) -> Option<SavedSession> {
        self.endpoint.save(self.io.now())
    }

    /// Ends the stream with an error (RFC 6120 § 4.9); see [`Client::fail`].
    pub fn fail(&mut self, error: StreamError) -> Result<(), Misuse> {
        self.endpoint.fail(self.io.now(), error)
    }
}

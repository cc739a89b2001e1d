//! A client's session that outlives its page (XEP-0198 § 5).

use std::time::Duration;

use js_sys::Date;
use xmpp_ws::client::{Client, ClientConfig, NotRestored, SavedSession};
use xmpp_ws_driver::{Session, Timer};

use crate::dial::{DialConfig, Dialer, WebIo};
use crate::random::WebRandom;
use crate::storage::{StorageError, Stored};
use crate::timer::WebTimer;

/// The place in the tab's `sessionStorage` where a client's session waits while the page is loaded again.
///
/// [`save`](Self::save) it when the page goes (`pagehide`), as the last thing that is done with the session;
/// [`take`](Self::take) it when the page comes, and go on by [`resume`]. What was sent and not yet acknowledged is in
/// it, so nothing is lost and nothing comes twice. It has no password: logging in takes that again, or
/// [keys](xmpp_ws::sasl::DerivedKeys) that were derived from it.
///
/// # When it cannot be had
///
/// - The storage is full or forbidden: `save` says so, and nothing is there to be found. The next page logs in to
///   another session; what becomes of the stanzas that were not acknowledged is told to nobody, and the server keeps the
///   former session until its time is over, with what comes for it. It can be full: browsers keep some 5 million
///   characters an origin, a client up to
///   [`Limits::max_unacknowledged_bytes`](xmpp_ws::limits::Limits::max_unacknowledged_bytes) (4 MiB).
/// - The page ends without `pagehide`, as in a crash: nothing was saved, with the same outcome.
/// - The server has the session no more: [`ClientEvent::NotResumed`](xmpp_ws::client::ClientEvent::NotResumed) and
///   [`ClientEvent::Undelivered`](xmpp_ws::client::ClientEvent::Undelivered) tell, and the client binds another.
///
/// # Two pages, one session
///
/// A session has one client. "Duplicate tab" and `window.open` copy the `sessionStorage`; a page that lives has nothing
/// in it, since `take` forgets what it gives. But where the tab was on another page at that time, both copies find the
/// session. Then the second to resume it has it: the server ends the first one's stream with `<conflict/>`, on which a
/// client does not connect again
/// ([`Ending::PeerError`](xmpp_ws::ending::Ending::PeerError)). The first one's stanzas of before may be delivered twice,
/// and what the first was sent is not sent to the second.
///
/// A page that the browser keeps whole for the way back (`pageshow` with `persisted`) must not go on with the client
/// that it saved, for another page may have taken the session: load it again, and it takes what is there.
#[derive(Clone, Debug)]
pub struct StoredSession(Stored);

impl StoredSession {
    /// What is kept under this key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(Stored::new(key))
    }

    /// Keeps the session as it is now, in place of what was there; `false` where the client has none that could be
    /// resumed, and then nothing is kept.
    ///
    /// Events that were not taken yet are not in it: their stanzas come again, other events are lost. So take those
    /// that are there, save, and drop `session`: what happens after is not in it either, and to resume what is out of date
    /// loses stanzas, or the session: where the counts do not fit, the client binds another. Dropping it closes the WebSocket without `<close/>`, by which the server
    /// keeps the session (RFC 7395 § 3.6).
    pub fn save(&self, session: &mut Session<Client, WebIo>) -> Result<bool, StorageError> {
        let text = session
            .save()
            .map(|saved| serde_json::to_string(&(Date::now(), saved)))
            .transpose()
            .map_err(|error| StorageError::Unreadable(error.to_string()));
        match text {
            Ok(Some(text)) => self.put(&text).map(|()| true),
            Ok(None) => self.clear().map(|()| false),
            Err(error) => self.clear().and(Err(error)),
        }
    }

    /// Takes the session out; `None` where none was saved. One that cannot be read, such as another version's, is
    /// [`StorageError::Unreadable`], and gone as well. The time that it was there is [counted](SavedSession::pass), by
    /// the machine's calendar clock.
    pub fn take(&self) -> Result<Option<SavedSession>, StorageError> {
        self.0
            .take()?
            .map(|text| {
                let (at, mut saved): (f64, SavedSession) = serde_json::from_str(&text)?;
                saved.pass(since(at));
                Ok(saved)
            })
            .transpose()
            .map_err(|error: serde_json::Error| StorageError::Unreadable(error.to_string()))
    }

    /// Forgets the session.
    pub fn clear(&self) -> Result<(), StorageError> {
        self.0.clear()
    }

    /// An older session in the place of one that does not fit would be resumed out of date.
    fn put(&self, text: &str) -> Result<(), StorageError> {
        let kept = self.0.save(text);
        if kept.is_err() {
            self.clear()?;
        }
        kept
    }
}

/// How long ago this moment of the calendar clock was, in milliseconds as it counts; none where the clock was set back.
fn since(at: f64) -> Duration {
    Duration::try_from_secs_f64((Date::now() - at) / MILLISECONDS).unwrap_or_default()
}

const MILLISECONDS: f64 = 1000.0;

/// A session of a client that goes on with what another page [saved](StoredSession::save);
/// if that is not the account of `config` it comes back. See [`connect`](crate::connect), which begins anew.
///
/// It can send at once. Where the server cannot be reached it tries again, as after a lost connection, for there was one
/// before: [`ClientEvent::Disconnected`](xmpp_ws::client::ClientEvent::Disconnected), not `Ended`, tells so.
pub fn resume(
    dial: DialConfig,
    config: ClientConfig,
    saved: SavedSession,
) -> Result<Session<Client, WebIo>, NotRestored> {
    let timer = WebTimer::new();
    let client = Client::restore(config, saved, WebRandom, timer.now())?;
    Ok(Session::new(client, WebIo::new(Dialer::new(dial), timer)))
}

//! Stanzas to send, made of values that anybody may have written.

use bytestring::ByteString;

use crate::ns;
use crate::stanza::StanzaKind;
use crate::xml::{Unwritable, Writer};

/// A message to send (RFC 6121 § 5). Whatever is put into it is escaped, so that each value may be a user's.
///
/// ```
/// use xmpp_ws::stanza::{Message, MessageKind};
///
/// let typed = "<b>1 & 1</b>";
/// let message = Message::new("bob@example.com").kind(MessageKind::Chat).body(typed).finish()?;
/// assert_eq!(
///     message,
///     "<message xmlns='jabber:client' type='chat' to='bob@example.com'>\
///      <body>&lt;b&gt;1 &amp; 1&lt;/b&gt;</body></message>",
/// );
/// // No XML can carry this character.
/// assert!(Message::new("bob@example.com").body("\u{7}").finish().is_err());
/// # Ok::<(), xmpp_ws::xml::Unwritable>(())
/// ```
///
/// What is [finished](Self::finish) is given to `send`, which checks it as it checks all stanzas.
#[derive(Clone, Copy, Debug)]
#[must_use = "a message is written by `finish`, and sent by `send`"]
pub struct Message<'a> {
    head: Head<'a>,
    body: Option<&'a str>,
}

/// A presence to send (RFC 6121 § 4). Whatever is put into it is escaped, so that each value may be a user's.
///
/// ```
/// use xmpp_ws::ns;
/// use xmpp_ws::stanza::{Presence, PresenceKind};
///
/// let away = Presence::new().status("At lunch & away").finish_with(|writer| {
///     writer.start("show", ns::CLIENT).text("away").end();
/// })?;
/// assert_eq!(
///     away,
///     "<presence xmlns='jabber:client'><status>At lunch &amp; away</status><show>away</show></presence>",
/// );
/// let ask = Presence::new().to("bob@example.com").kind(PresenceKind::Subscribe).finish()?;
/// assert_eq!(ask, "<presence xmlns='jabber:client' type='subscribe' to='bob@example.com'/>");
/// # Ok::<(), xmpp_ws::xml::Unwritable>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a presence is written by `finish`, and sent by `send`"]
pub struct Presence<'a> {
    head: Head<'a>,
    status: Option<&'a str>,
}

named! {
    /// What a message is part of (RFC 6121 § 5.2.2). All that can be sent; an error is made by
    /// [`Stanza::error_reply`](super::Stanza::error_reply).
    pub enum MessageKind {
        /// A conversation of two.
        Chat = "chat",
        /// A conversation of many, in a room.
        Groupchat = "groupchat",
        /// News, which nobody answers.
        Headline = "headline",
        /// A single message outside of a conversation; so are those that say nothing of the kind.
        Normal = "normal",
    }
}

named! {
    /// What a presence says, other than that one is there (RFC 6121 § 4.7.1). All that a client can send; an error is
    /// made by [`Stanza::error_reply`](super::Stanza::error_reply).
    pub enum PresenceKind {
        /// One asks somebody for his presence.
        Subscribe = "subscribe",
        /// One lets somebody have one's own.
        Subscribed = "subscribed",
        /// One is not there any more.
        Unavailable = "unavailable",
        /// One does not want somebody's presence any more.
        Unsubscribe = "unsubscribe",
        /// One does not let somebody have one's own, or not any more.
        Unsubscribed = "unsubscribed",
    }
}

impl<'a> Message<'a> {
    /// An empty message to this address.
    pub fn new(to: &'a str) -> Self {
        Self { head: Head { to: Some(to), ..Head::default() }, body: None }
    }

    /// `type`. Without it: [`MessageKind::Normal`].
    pub fn kind(mut self, kind: MessageKind) -> Self {
        self.head.kind = Some(kind.name());
        self
    }

    /// `id` (RFC 6120 § 8.1.3), by which an error in answer to it is known.
    pub fn id(mut self, id: &'a str) -> Self {
        self.head.id = Some(id);
        self
    }

    /// `from` (RFC 6120 § 8.1.2). For servers: a client's is put there by its server.
    pub fn from(mut self, from: &'a str) -> Self {
        self.head.from = Some(from);
        self
    }

    /// `xml:lang`: the language of what is for people in it, such as `en` (RFC 6120 § 8.1.5).
    pub fn language(mut self, language: &'a str) -> Self {
        self.head.language = Some(language);
        self
    }

    /// The text.
    pub fn body(mut self, text: &'a str) -> Self {
        self.body = Some(text);
        self
    }

    /// The XML, for `send`; an error if a value has a character that no XML can carry.
    pub fn finish(self) -> Result<ByteString, Unwritable> {
        self.finish_with(|_| ())
    }

    /// The same with further elements, behind the body. What `more` begins it should also end.
    ///
    /// ```
    /// use xmpp_ws::stanza::Message;
    ///
    /// let message = Message::new("bob@example.com").body("Hi!").finish_with(|writer| {
    ///     writer.start("request", "urn:xmpp:receipts").end();
    /// })?;
    /// assert!(message.ends_with("</body><request xmlns='urn:xmpp:receipts'/></message>"));
    /// # Ok::<(), xmpp_ws::xml::Unwritable>(())
    /// ```
    pub fn finish_with(self, more: impl FnOnce(&mut Writer<'a>)) -> Result<ByteString, Unwritable> {
        self.head.write(StanzaKind::Message, "body", self.body, more)
    }
}

impl<'a> Presence<'a> {
    /// That one is there; without an address, for all who may know (RFC 6121 § 4.2).
    pub fn new() -> Self {
        Self::default()
    }

    /// For this address alone.
    pub fn to(mut self, to: &'a str) -> Self {
        self.head.to = Some(to);
        self
    }

    /// `type`. Without it: that one is there.
    pub fn kind(mut self, kind: PresenceKind) -> Self {
        self.head.kind = Some(kind.name());
        self
    }

    /// `id` (RFC 6120 § 8.1.3), by which an error in answer to it is known.
    pub fn id(mut self, id: &'a str) -> Self {
        self.head.id = Some(id);
        self
    }

    /// `from` (RFC 6120 § 8.1.2). For servers: a client's is put there by its server.
    pub fn from(mut self, from: &'a str) -> Self {
        self.head.from = Some(from);
        self
    }

    /// `xml:lang`: the language of what is for people in it, such as `en` (RFC 6120 § 8.1.5).
    pub fn language(mut self, language: &'a str) -> Self {
        self.head.language = Some(language);
        self
    }

    /// A description for people (RFC 6121 § 4.7.2.2).
    pub fn status(mut self, text: &'a str) -> Self {
        self.status = Some(text);
        self
    }

    /// The XML, for `send`; an error if a value has a character that no XML can carry.
    pub fn finish(self) -> Result<ByteString, Unwritable> {
        self.finish_with(|_| ())
    }

    /// The same with further elements, behind the status. What `more` begins it should also end.
    pub fn finish_with(self, more: impl FnOnce(&mut Writer<'a>)) -> Result<ByteString, Unwritable> {
        self.head.write(StanzaKind::Presence, "status", self.status, more)
    }
}

/// The attributes that all stanzas may have (RFC 6120 § 8.1).
#[derive(Clone, Copy, Debug, Default)]
struct Head<'a> {
    kind: Option<&'static str>,
    to: Option<&'a str>,
    from: Option<&'a str>,
    id: Option<&'a str>,
    language: Option<&'a str>,
}

impl<'a> Head<'a> {
    fn write(
        self,
        kind: StanzaKind,
        name: &'static str,
        text: Option<&'a str>,
        more: impl FnOnce(&mut Writer<'a>),
    ) -> Result<ByteString, Unwritable> {
        let values = [self.to, self.from, self.id, self.language, text];
        let length: usize = values.into_iter().flatten().map(str::len).sum();
        let mut writer = Writer::with_capacity(length + MARKUP);
        writer
            .start(kind.name(), ns::CLIENT)
            .optional_attribute("type", self.kind)
            .optional_attribute("id", self.id)
            .optional_attribute("to", self.to)
            .optional_attribute("from", self.from)
            .optional_attribute("xml:lang", self.language);
        if let Some(text) = text {
            writer.start(name, ns::CLIENT).text(text).end();
        }
        more(&mut writer);
        writer.finish()
    }
}

/// What the names, the namespace and some escaped characters take.
const MARKUP: usize = 160;

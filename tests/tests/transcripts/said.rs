//! What the recorded client said, and how ours says it.

use std::collections::VecDeque;

use xmpp_ws::client::{Client, Iq};
use xmpp_ws::endpoint::{Endpoint, Target, Ticket, Transmit};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::time::Instant;
use xmpp_ws::xml::Scanner;

use super::record::{Transcript, attribute, is, namespace};

/// What of the login was recorded: ours asks on its own, and the answers are those to the recorded requests.
#[derive(Default)]
pub(crate) struct Login {
    bind: Option<String>,
    session: Option<String>,
    enables: bool,
    /// How much the recorded client had handled, where it resumed.
    resumed_at: Option<String>,
}

impl Login {
    pub(crate) fn of(transcript: &Transcript) -> Self {
        let texts = || transcript.texts(true).enumerate();
        let index = |name: &str| texts().find(|(_, text)| is(text, name)).map(|(index, _)| index);
        let enable = index("enable");
        let request = |what: &str| {
            let (index, text) = texts().find(|(_, text)| is(text, "iq") && text.contains(what))?;
            Some((index, attribute(text, "id")))
        };
        // A session that is asked for once the other is under way has nothing to do with the login.
        let is_early = |(index, _): &(usize, String)| enable.is_none_or(|enable| *index < enable);
        let resume = transcript.first(true, "resume");
        Self {
            bind: request("xmpp-bind").map(|(_, id)| id),
            session: request("xmpp-session").filter(is_early).map(|(_, id)| id),
            enables: enable.is_some(),
            resumed_at: resume.map(|resume| attribute(resume, "h")),
        }
    }
}

/// What the recorded client said on one connection, so far as ours has to say it, and under which ids.
pub(crate) struct Said {
    login: Login,
    /// Whether stanzas do not count yet, for stream management is asked for later.
    is_uncounted: bool,
    waiting: VecDeque<String>,
    /// Recorded ids of requests, and ours.
    ids: Vec<(String, String)>,
    /// The session that the server is made to grant, with its address.
    granted: Option<(String, String)>,
    /// What the server has to be made to answer, for the recorded client never asked.
    unasked: VecDeque<String>,
    pub(crate) mapped: Vec<&'static str>,
    /// Where our client wants to be connected to.
    pub(crate) dialed: Option<Target>,
    pub(crate) sent: usize,
    /// What ours refuses to say: it is not well-formed, or no stanza.
    pub(crate) refused: usize,
}

impl Said {
    pub(crate) fn new() -> Self {
        Self {
            login: Login::default(),
            is_uncounted: false,
            waiting: VecDeque::new(),
            ids: Vec::new(),
            granted: None,
            unasked: VecDeque::new(),
            mapped: Vec::new(),
            dialed: None,
            sent: 0,
            refused: 0,
        }
    }

    /// The next connection. `manages`: our client asks for stream management.
    pub(crate) fn begin(&mut self, login: Login, manages: bool) {
        self.is_uncounted = manages && login.enables;
        self.login = login;
        self.granted = None;
        self.waiting.clear();
        self.unasked.clear();
    }

    /// The next connection, on which our client shall get this session, with this address, at its own requests.
    pub(crate) fn begin_with(&mut self, session: &str, jid: &str) {
        self.begin(Login::default(), false);
        self.granted = Some((session.into(), jid.into()));
        self.map("a session of before");
    }

    fn map(&mut self, what: &'static str) {
        if !self.mapped.contains(&what) {
            self.mapped.push(what);
        }
    }

    /// The recorded client said this.
    pub(crate) fn note(&mut self, text: &str) {
        if is(text, "enable") && namespace(text) == SM {
            self.is_uncounted = false;
        }
        if !text.trim_start().starts_with(['<', '&']) || !is_stanza(text) {
            return;
        }
        let id = attribute(text, "id");
        let is_logins = |id_of: &Option<String>| is(text, "iq") && id_of.as_ref() == Some(&id);
        if is_logins(&self.login.bind) || is_logins(&self.login.session) {
            return;
        }
        // XEP-0198 § 3: what is sent before `<enable/>` does not count, and ours sends nothing before.
        if self.is_uncounted {
            self.map("an early stanza");
        } else {
            self.waiting.push_back(text.to_owned());
        }
    }

    /// Has our client say what waits, where it can.
    pub(crate) fn say(&mut self, now: Instant, client: &mut Client) -> Vec<Transmit> {
        let mut said = Vec::new();
        while client.jid().is_some() && client.has_room() {
            let Some(text) = self.waiting.pop_front() else { break };
            let ticket = self.ask(now, client, &text);
            let ticket = ticket.or_else(|| Client::send(client, now, text).ok());
            match ticket {
                Some(_) => self.sent += 1,
                None => self.refused += 1,
            }
            said.extend(self.take(client));
        }
        said
    }

    /// A request, with an id of our client's.
    fn ask(&mut self, now: Instant, client: &mut Client, text: &str) -> Option<Ticket> {
        let iq = request(text)?;
        let ticket = client.iq(now, iq).ok()?;
        // It is the last to be written.
        let said: Vec<_> = std::iter::from_fn(|| client.poll_transmit()).collect();
        let ours = said.iter().rev().filter_map(text_of).find(|text| is(text, "iq"))?;
        self.ids.push((attribute(text, "id"), attribute(ours, "id")));
        Some(ticket)
    }

    /// Takes what our client says.
    pub(crate) fn take(&mut self, client: &mut Client) -> Vec<Transmit> {
        let said: Vec<_> = std::iter::from_fn(|| client.poll_transmit()).collect();
        for transmit in &said {
            match transmit {
                Transmit::Text(text) => self.heed(text),
                Transmit::Dial(target) => self.dialed = Some(target.clone()),
                _ => {}
            }
        }
        said
    }

    fn heed(&mut self, text: &str) {
        let id = || attribute(text, "id");
        if is(text, "iq") && text.contains("xmpp-bind") {
            self.pair(self.login.bind.clone(), id(), text);
        } else if is(text, "iq") && text.contains("xmpp-session") {
            self.pair(self.login.session.clone(), id(), text);
        } else if is(text, "enable") && !self.login.enables {
            self.unasked.push_back(text.to_owned());
        } else if is(text, "resume")
            && self.login.resumed_at.as_ref().is_some_and(|h| *h != attribute(text, "h"))
        {
            self.map("the count");
        }
    }

    fn pair(&mut self, recorded: Option<String>, ours: String, text: &str) {
        match recorded {
            Some(recorded) => self.ids.push((recorded, ours)),
            None => self.unasked.push_back(text.to_owned()),
        }
    }

    /// The answer to what our client asks for and the recorded one did not, while the login waits for it.
    pub(crate) fn unrecorded(&mut self) -> Option<String> {
        let asked = self.unasked.pop_front()?;
        let id = attribute(&asked, "id");
        if is(&asked, "enable") {
            if let Some((session, _)) = &self.granted {
                return Some(format!("<enabled xmlns='{SM}' id='{session}' resume='true'/>"));
            }
            self.map("a refused <enable/>");
            return Some(format!("<failed xmlns='{SM}'/>"));
        }
        let content = match &self.granted {
            Some((_, jid)) if asked.contains("xmpp-bind") => {
                format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind>")
            }
            Some(_) => String::new(),
            // Where nobody was bound, ours is not, either.
            None if asked.contains("xmpp-bind") => return None,
            None => {
                self.map("a session request");
                String::new()
            }
        };
        Some(format!("<iq xmlns='jabber:client' type='result' id='{id}'>{content}</iq>"))
    }

    /// The text as it would be an answer to ours.
    pub(crate) fn answer(&mut self, text: &str) -> String {
        let is_answer = is(text, "iq") && matches!(&*attribute(text, "type"), "result" | "error");
        let id = attribute(text, "id");
        let pair =
            self.ids.iter().rev().find(|(recorded, _)| is_answer && *recorded == id).cloned();
        let Some((recorded, ours)) = pair else { return text.into() };
        self.map("ids");
        let swap = |quote: &str| {
            let [recorded, ours] = [&recorded, &ours].map(|id| ["id=", quote, id, quote].concat());
            text.replacen(&recorded, &ours, 1)
        };
        if text.contains(&["id='", &recorded, "'"].concat()) { swap("'") } else { swap("\"") }
    }
}

/// The request as our client makes one; `None` where it is none, or not one that ours can make.
fn request(text: &str) -> Option<Iq> {
    let mut scanner = Scanner::new();
    let root =
        scanner.scan(text, &XmlLimits::default()).ok().filter(|it| it.local_name() == "iq")?;
    let document = root.read();
    let mut children = document.root().children();
    let content = children.next().filter(|_| children.next().is_none())?.to_xml();
    let iq = match &*attribute(text, "type") {
        "get" => Iq::get(content),
        "set" => Iq::set(content),
        _ => return None,
    };
    match &*attribute(text, "to") {
        "" => Some(iq),
        to => Some(iq.to(to.parse().ok()?)),
    }
}

fn text_of(transmit: &Transmit) -> Option<&str> {
    match transmit {
        Transmit::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether this says a stanza.
pub(crate) fn says_stanza(transmit: &Transmit) -> bool {
    text_of(transmit).is_some_and(is_stanza)
}

/// Whether it means to be a stanza, well-formed or not.
pub(crate) fn is_stanza(text: &str) -> bool {
    let name = text.trim_start().trim_start_matches('<');
    let end = name.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(name.len());
    matches!(&name[..end], "message" | "presence" | "iq")
}

const SM: &str = "urn:xmpp:sm:3";

//! What a file of the corpus says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::WebSocketFault;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::Scanner;

/// One recorded connection.
pub(crate) struct Transcript {
    pub(crate) name: String,
    /// What it shares with the other connections that were recorded with it.
    pub(crate) scenario: String,
    pub(crate) records: Vec<Record>,
}

/// One thing that was seen.
pub(crate) struct Record {
    pub(crate) from_client: bool,
    /// When, in microseconds; on one clock within a scenario.
    pub(crate) at: u64,
    pub(crate) input: Input,
}

impl Record {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.input {
            Input::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Transcript {
    /// The connections of one file; those whose upgrade failed, so that nothing was said, are left out.
    pub(crate) fn read(file: &Path) -> Vec<Self> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a file of text");
        // Successive connections are numbered.
        let scenario = name.trim_end_matches(|it: char| it.is_ascii_digit());
        let scenario = scenario.strip_suffix('.').unwrap_or(&name).to_owned();
        let mut connections: BTreeMap<String, Reading> = BTreeMap::new();
        let mut current: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("one JSON object a line");
            let client = line.get("conn").and_then(Value::as_str).unwrap_or_default();
            let (count, connection) = current.entry(client.into()).or_default();
            // Who is cut off comes back under the same name.
            if line.get("op").and_then(Value::as_str) == Some("handshake") {
                *count += 1;
                let number = if *count > 1 { format!(".{count}") } else { String::new() };
                *connection = [client, &number].concat();
            }
            connections.entry(connection.clone()).or_default().line(&line);
        }
        let named = connections.into_iter().map(|(connection, reading)| Self {
            name: if connection.is_empty() {
                name.clone()
            } else {
                [&name, ".", &connection].concat()
            },
            scenario: scenario.clone(),
            records: reading.records,
        });
        named
            .filter(|it| it.texts(true).next().is_some() || it.texts(false).next().is_some())
            .collect()
    }

    /// The texts of one side.
    pub(crate) fn texts(&self, from_client: bool) -> impl Iterator<Item = &str> {
        let records = self.records.iter().filter(move |it| it.from_client == from_client);
        records.filter_map(Record::text)
    }

    /// How many texts one side may be expected to have got across: after its close frame there are none.
    pub(crate) fn count(&self, from_client: bool) -> usize {
        let records = self.records.iter().filter(|it| it.from_client == from_client);
        let open = records.take_while(|it| !matches!(it.input, Input::Closed { .. } | Input::Lost));
        open.filter(|it| it.text().is_some()).count()
    }

    /// The first text of one side with this root.
    pub(crate) fn first(&self, from_client: bool, name: &str) -> Option<&str> {
        self.texts(from_client).find(|text| is(text, name))
    }

    /// Whether one side said such an element.
    pub(crate) fn says(&self, from_client: bool, name: &str) -> bool {
        self.first(from_client, name).is_some()
    }

    /// What the recorded client logs in by first.
    pub(crate) fn mechanism(&self) -> String {
        self.first(true, "auth").map(|auth| attribute(auth, "mechanism")).unwrap_or_default()
    }

    /// Whether it is a real client's usual conversation with a real server.
    fn is_usual(&self) -> bool {
        let is_real = !self.name.contains("-raw-") && !self.name.starts_with("mock");
        // The one resumes; the other's client did not ask for the session that its server insists on, and ours does.
        let is_other = ["sm-resume.2", "mongooseim-xmpp.js-session"];
        is_real && !is_other.iter().any(|other| self.name.contains(other))
    }

    /// Whether the recorded login went through to a resource.
    pub(crate) fn has_bound(&self) -> bool {
        self.texts(false).any(|text| text.contains("<jid>") && attribute(text, "type") == "result")
    }

    /// Whether our client has to get as far as the recorded one.
    pub(crate) fn must_bind_client(&self) -> bool {
        let known = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];
        self.is_usual() && self.has_bound() && known.contains(&&*self.mechanism())
    }

    /// Whether our server has to take the recorded client as far.
    pub(crate) fn must_bind_server(&self) -> bool {
        self.must_bind_client()
    }
}

/// What was read of one connection so far.
#[derive(Default)]
struct Reading {
    records: Vec<Record>,
    /// When it began, in microseconds, where the file says so by a clock.
    started: u64,
    /// The beginnings of messages in fragments.
    parts: [String; 2],
}

impl Reading {
    fn line(&mut self, line: &Value) {
        let field = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        if let Some(started) = line.get("started").and_then(Value::as_str) {
            self.started = time_of_day(started);
        }
        let at = self.started + microseconds(line);
        let from_client = match field("dir") {
            "c2s" => true,
            "s2c" => false,
            _ if field("op") == "tcp-killed" => {
                self.records.push(Record { from_client: true, at, input: Input::Lost });
                self.records.push(Record { from_client: false, at, input: Input::Lost });
                return;
            }
            _ => return,
        };
        let [of_server, of_client] = &mut self.parts;
        let part = if from_client { of_client } else { of_server };
        let is_last = line.get("fin").and_then(Value::as_bool).unwrap_or(true);
        let input = match field("op") {
            "text" | "cont" if is_cut(line) => {
                Input::Text(filled(line).expect("a run of one character was cut out").into())
            }
            "text" | "cont" if field("enc") == "base64" => {
                Input::Unreadable(WebSocketFault::NotUtf8)
            }
            "text" | "cont" => {
                part.push_str(field("data"));
                if !is_last {
                    return;
                }
                Input::Text(std::mem::take(part).into())
            }
            "binary" => Input::Binary,
            "ping" => Input::Ping,
            "pong" => Input::Pong,
            "close" => {
                let code = line.pointer("/data/code").and_then(Value::as_u64);
                Input::Closed { code: code.and_then(|code| u16::try_from(code).ok()) }
            }
            "tcp-fin" | "tcp-error" | "tcp-eof" | "tcp-reset" | "tcp-abort" => Input::Lost,
            "note" | "raw-chunk" | "send-failed" => return,
            _ => Input::Unreadable(WebSocketFault::Protocol),
        };
        self.records.push(Record { from_client, at, input });
    }
}

/// Milliseconds since the connection, or the whole recording, began.
fn microseconds(line: &Value) -> u64 {
    let milliseconds = line.get("t").map(Value::to_string).unwrap_or_default();
    let (whole, part) = milliseconds.split_once('.').unwrap_or((&milliseconds, ""));
    let part = format!("{part:0<3}");
    let number = |digits: Option<&str>| digits.and_then(|it| it.parse().ok()).unwrap_or(0_u64);
    number(Some(whole)) * 1_000 + number(part.get(..3))
}

/// The time of `2026-11-22T17:52:37.511Z`. No scenario went past midnight.
fn time_of_day(started: &str) -> u64 {
    let time = started.split_once('T').map_or("", |(_, time)| time);
    let mut numbers = time.split([':', '.', 'Z']).map(|it| it.parse().unwrap_or(0_u64));
    let mut next = || numbers.next().unwrap_or(0);
    let (hours, minutes, seconds) = (next(), next(), next());
    ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + next() * 1_000
}

/// Whether the middle of a long text was left out.
fn is_cut(line: &Value) -> bool {
    line.get("truncated").is_some() || line.get("elided_from_chars").is_some()
}

/// The text with what was left out of its middle: one character over and over.
fn filled(line: &Value) -> Option<String> {
    let data = line.get("data")?.as_str()?;
    let count = |name: &str| usize::try_from(line.get(name)?.as_u64()?).ok();
    let (head, tail, length) = match line.get("elided_from_chars") {
        // `xxx…[9000×x]…</body>`
        Some(_) => {
            let (head, rest) = data.split_once("…[")?;
            (head, rest.split_once("]…")?.1, count("elided_from_chars")?)
        }
        None => (data, line.get("tail")?.as_str()?, count("len")?),
    };
    let filler = head.chars().next_back()?;
    let missing = length.checked_sub(head.chars().count() + tail.chars().count())?;
    Some([head, &filler.to_string().repeat(missing), tail].concat())
}

/// Whether the root has this name.
pub(crate) fn is(xml: &str, name: &str) -> bool {
    let mut scanner = Scanner::new();
    scanner.scan(&brief(xml), &XmlLimits::default()).is_ok_and(|root| root.local_name() == name)
}

/// The namespace of the root, `""` when there is none.
pub(crate) fn namespace(xml: &str) -> String {
    let mut scanner = Scanner::new();
    let brief = brief(xml);
    let root = scanner.scan(&brief, &XmlLimits::default()).ok();
    root.map(|root| root.namespace().to_string()).unwrap_or_default()
}

/// The value of the root's attribute, `""` when there is none.
pub(crate) fn attribute(xml: &str, name: &str) -> String {
    let mut scanner = Scanner::new();
    let brief = brief(xml);
    let root = scanner.scan(&brief, &XmlLimits::default()).ok();
    let attribute = root.and_then(|root| root.attribute("", name));
    attribute.map(|it| it.value().into_owned()).unwrap_or_default()
}

/// Of a long text the root alone: some have megabytes, and are looked at again and again.
fn brief(xml: &str) -> Cow<'_, str> {
    let tag = xml.split_once('>').filter(|_| xml.len() > LONG);
    tag.map_or(Cow::Borrowed(xml), |(tag, _)| {
        Cow::Owned([tag.trim_end_matches('/'), "/>"].concat())
    })
}

/// What stands in an element in base64, as text.
pub(crate) fn data(xml: &str) -> String {
    let content = xml.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</"));
    let bytes = content.and_then(|(content, _)| BASE64_STANDARD.decode(content).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The value of an attribute of a SCRAM message.
pub(crate) fn scram<'a>(message: &'a str, name: &str) -> &'a str {
    let message = message.strip_prefix("n,,").or(message.strip_prefix("y,,")).unwrap_or(message);
    let mut attributes = message.split(',').filter_map(|it| it.split_once('='));
    attributes.find(|(it, _)| *it == name).map_or("", |(_, value)| value)
}

/// Above this length a text is not looked at as a whole.
const LONG: usize = 65_536;

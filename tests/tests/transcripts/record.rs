//! What a file of the corpus says.

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
    pub(crate) records: Vec<Record>,
}

/// One thing that was seen.
pub(crate) struct Record {
    pub(crate) from_client: bool,
    pub(crate) input: Input,
}

impl Transcript {
    /// The connections of one file; those whose upgrade failed, so that nothing was said, are left out.
    pub(crate) fn read(file: &Path) -> Vec<Self> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a file of text");
        let mut connections: BTreeMap<String, Reading> = BTreeMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("one JSON object a line");
            let connection = line.get("conn").and_then(Value::as_str).unwrap_or_default();
            connections.entry(connection.into()).or_default().line(&line);
        }
        let named = connections.into_iter().map(|(connection, reading)| Self {
            name: if connection.is_empty() {
                name.clone()
            } else {
                [&name, ".", &connection].concat()
            },
            records: reading.records,
        });
        named
            .filter(|it| it.texts(true).next().is_some() || it.texts(false).next().is_some())
            .collect()
    }

    /// The texts of one side.
    pub(crate) fn texts(&self, from_client: bool) -> impl Iterator<Item = &str> {
        self.records.iter().filter(move |it| it.from_client == from_client).filter_map(|it| {
            match &it.input {
                Input::Text(text) => Some(&**text),
                _ => None,
            }
        })
    }

    /// The first text of one side with this root.
    pub(crate) fn first(&self, from_client: bool, name: &str) -> Option<&str> {
        self.texts(from_client).find(|text| is(text, name))
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
    /// The beginnings of messages in fragments.
    parts: [String; 2],
}

impl Reading {
    fn line(&mut self, line: &Value) {
        let field = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let from_client = match field("dir") {
            "c2s" => true,
            "s2c" => false,
            _ if field("op") == "tcp-killed" => {
                self.records.push(Record { from_client: true, input: Input::Lost });
                self.records.push(Record { from_client: false, input: Input::Lost });
                return;
            }
            _ => return,
        };
        let [of_server, of_client] = &mut self.parts;
        let part = if from_client { of_client } else { of_server };
        let is_last = line.get("fin").and_then(Value::as_bool).unwrap_or(true);
        let is_cut = line.get("truncated").is_some() || line.get("elided_from_chars").is_some();
        let input = match field("op") {
            "text" | "cont" if is_cut => Input::Unreadable(WebSocketFault::TooLong),
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
        self.records.push(Record { from_client, input });
    }
}

/// Whether the root has this name.
pub(crate) fn is(xml: &str, name: &str) -> bool {
    let mut scanner = Scanner::new();
    scanner.scan(xml, &XmlLimits::default()).is_ok_and(|root| root.local_name() == name)
}

/// The namespace of the root, `""` when there is none.
pub(crate) fn namespace(xml: &str) -> String {
    let mut scanner = Scanner::new();
    let root = scanner.scan(xml, &XmlLimits::default()).ok();
    root.map(|root| root.namespace().to_string()).unwrap_or_default()
}

/// The value of the root's attribute, `""` when there is none.
pub(crate) fn attribute(xml: &str, name: &str) -> String {
    let mut scanner = Scanner::new();
    let root = scanner.scan(xml, &XmlLimits::default()).ok();
    let attribute = root.and_then(|root| root.attribute("", name));
    attribute.map(|it| it.value().into_owned()).unwrap_or_default()
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

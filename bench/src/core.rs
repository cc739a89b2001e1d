//! The whole core in the open state: a message in and its event out, and a stanza sent and its message out.

use std::hint::black_box;

use bytestring::ByteString;
use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::{Endpoint, Input, Transmit};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::Scanner;
use xmpp_ws_tests::corpus;
use xmpp_ws_tests::pair::Pair;

use crate::measure::{Column, Contestant, Table};
use crate::parsers;

/// Measures a client that is logged in.
pub fn table() -> Table {
    Table::measure(BASE, &columns(), &mut contestants())
}

/// Stanzas that a client takes and that it may send.
fn columns() -> Vec<Column<ByteString>> {
    let mut pair = Pair::bound();
    let mut is_of_use = |text: &ByteString| {
        let is_taken = receive(&mut pair, text);
        if !is_taken {
            pair = Pair::bound();
        }
        is_taken && send(&mut pair, text)
    };
    let real: Vec<_> = corpus::elements()
        .into_iter()
        .map(ByteString::from)
        .filter(|text| STANZAS.iter().any(|start| text.starts_with(start)))
        .filter(&mut is_of_use)
        .collect();
    let mut columns = Vec::new();
    if !real.is_empty() {
        let mean = real.iter().map(|text| text.len()).sum::<usize>() / real.len();
        let name = format!("{} real stanzas, {mean} bytes on average", real.len());
        columns.push(Column { name, texts: real });
    }
    let name = format!("a message of {} bytes", MESSAGE.len());
    let texts = vec![ByteString::from_static(MESSAGE); 1000];
    columns.push(Column { name, texts });
    columns
}

fn contestants() -> Vec<Contestant<ByteString>> {
    let mut scanner = Scanner::new();
    let limits = XmlLimits::default();
    let mut receiver = Pair::bound();
    let mut sender = Pair::bound();
    vec![
        ("UTF-8 check", Box::new(|text| parsers::utf8(text))),
        ("scan, the full check", Box::new(move |text| scanner.scan(text, &limits).is_ok())),
        (BASE, Box::new(move |text| receive(&mut receiver, text))),
        ("**send to transmit**", Box::new(move |text| send(&mut sender, text))),
    ]
}

/// Whether the client tells a stanza when this arrives: as bytes, of which it is not known yet that they are UTF-8.
fn receive(pair: &mut Pair, text: &ByteString) -> bool {
    let bytes = text.as_bytes().clone();
    let text = ByteString::try_from(black_box(bytes)).expect("they are UTF-8");
    pair.client.handle(pair.now, Input::Text(text));
    let mut is_stanza = false;
    while let Some(event) = pair.client.poll_event() {
        is_stanza |= matches!(black_box(event), ClientEvent::Stanza(_));
    }
    while let Some(transmit) = pair.client.poll_transmit() {
        black_box(transmit);
    }
    is_stanza
}

/// Whether the client writes this.
fn send(pair: &mut Pair, text: &ByteString) -> bool {
    let is_sent = black_box(pair.client.send(pair.now, text.clone())).is_ok();
    let mut is_written = false;
    while let Some(transmit) = pair.client.poll_transmit() {
        is_written |= matches!(black_box(transmit), Transmit::Text(_));
    }
    while let Some(event) = pair.client.poll_event() {
        black_box(event);
    }
    is_sent && is_written
}

const BASE: &str = "**text in to event out**";
const STANZAS: [&str; 3] = ["<message ", "<presence ", "<iq "];
const MESSAGE: &str = "<message xmlns='jabber:client' from='juliet@example.com/balcony' \
    to='romeo@example.net' type='chat' id='z94nb37h' xml:lang='en'>\
    <body>Wherefore art thou, Romeo? Deny thy father!</body></message>";

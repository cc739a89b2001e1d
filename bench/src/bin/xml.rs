//! Prints how long each parser takes for a text, and how that compares.
//!
//! All take their turns within a round, and of all rounds the fastest counts: a machine that is busy with other things
//! slows all of them down, and none of them can be faster than it is. Time is the thread's own.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::Scanner;
use xmpp_ws_bench as others;
use xmpp_ws_tests::corpus;

type Parser = Box<dyn FnMut(&str) -> bool>;

fn main() {
    let only = std::env::args().nth(1);
    let mut parsers = parsers();
    if let Some(only) = &only {
        parsers.retain(|(name, _)| name.contains(only.as_str()) || *name == BASE);
    }
    let rows = rows();
    let times: Vec<Vec<Duration>> = rows.iter().map(|row| measure(row, &mut parsers)).collect();

    print!("| ns a message (of {BASE}) |");
    rows.iter().for_each(|row| print!(" {} |", row.name));
    print!("\n|---|");
    rows.iter().for_each(|_| print!("---:|"));
    println!();
    let base = parsers
        .iter()
        .position(|(name, _)| *name == BASE)
        .expect("it is there");
    for (index, (name, _)) in parsers.iter().enumerate() {
        print!("| {name} |");
        for (row, times) in rows.iter().zip(&times) {
            let each = times[index].as_secs_f64() * 1e9 / row.texts.len() as f64;
            let ratio = times[index].as_secs_f64() / times[base].as_secs_f64();
            print!(" {each:.0} ({ratio:.2}) |");
        }
        println!();
    }
}

struct Row {
    name: String,
    texts: Vec<String>,
}

fn rows() -> Vec<Row> {
    let elements = corpus::elements();
    let bytes: usize = elements.iter().map(String::len).sum();
    let mut rows = Vec::new();
    if !elements.is_empty() {
        let mean = bytes / elements.len();
        let name = format!("{} real elements, {mean} bytes on average", elements.len());
        rows.push(Row {
            name,
            texts: elements,
        });
    }
    let message = "<message xmlns='jabber:client' from='juliet@example.com/balcony' to='romeo@example.net' \
        type='chat' id='z94nb37h' xml:lang='en'><body>Wherefore art thou, Romeo? Deny thy father!</body></message>";
    rows.push(Row {
        name: format!("a message of {} bytes", message.len()),
        texts: vec![message.to_owned(); 1000],
    });
    let attributes: Vec<_> = (0..50)
        .map(|n| format!(" attribute{n}='value {n}'"))
        .collect();
    let element = format!(
        "<iq xmlns='jabber:client'><q xmlns='u'{}/></iq>",
        attributes.concat()
    );
    rows.push(Row {
        name: "50 attributes".to_owned(),
        texts: vec![element; 200],
    });
    let sentence = "It is the east, and Juliet is the sun. ";
    let text = sentence.repeat(1024 * 1024 / sentence.len());
    let element = format!("<message xmlns='jabber:client'><body>{text}</body></message>");
    rows.push(Row {
        name: "1 MiB of text".to_owned(),
        texts: vec![element; 20],
    });
    rows
}

fn parsers() -> Vec<(&'static str, Parser)> {
    let mut scanner = Scanner::new();
    let limits = XmlLimits::default();
    vec![
        ("UTF-8 check (floor)", Box::new(others::utf8)),
        (
            "`memchr2` over `<` and `>` (floor)",
            Box::new(others::brackets),
        ),
        (
            "**xmpp-ws, full check**",
            Box::new(move |text| scanner.scan(text, &limits).is_ok()),
        ),
        (BASE, Box::new(others::quick_xml_events)),
        (
            "quick-xml, with attributes",
            Box::new(others::quick_xml_attributes),
        ),
        ("roxmltree", Box::new(others::roxmltree)),
        #[cfg(feature = "expat")]
        ("libexpat with namespaces", Box::new(others::expat::parse)),
        ("rxml", Box::new(others::rxml)),
        ("minidom", Box::new(others::minidom)),
    ]
}

/// The fastest round of each parser.
fn measure(row: &Row, parsers: &mut [(&'static str, Parser)]) -> Vec<Duration> {
    for (name, parser) in parsers.iter_mut() {
        let taken = row.texts.iter().filter(|text| parser(text)).count();
        if taken < row.texts.len() {
            eprintln!("{name} refuses {} of {}", row.texts.len() - taken, row.name);
        }
    }
    let mut fastest = vec![Duration::MAX; parsers.len()];
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < MIN_ROUNDS || start.elapsed() < TIME_A_ROW {
        rounds += 1;
        for ((_, parser), fastest) in parsers.iter_mut().zip(&mut fastest) {
            let start = ThreadTime::now();
            let taken = row.texts.iter().filter(|text| parser(text)).count();
            let elapsed = start.elapsed();
            std::hint::black_box(taken);
            *fastest = elapsed.min(*fastest);
        }
    }
    fastest
}

const BASE: &str = "quick-xml, events only";
const MIN_ROUNDS: usize = 10;
const TIME_A_ROW: Duration = Duration::from_secs(4);

//! Eight times the text takes about eight times as long, whatever a peer puts into it.

use std::time::{Duration, Instant};

use xmpp_ws::xml::{Scanner, Writer};
use xmpp_ws_tests::oracle;

/// Each makes a text of about so many kilobytes.
type Shape = fn(usize) -> String;

const SHAPES: &[(&str, Shape)] = &[
    ("text", |size| element(&"a ".repeat(size * 512))),
    ("brackets", |size| element(&"]".repeat(size * 1024))),
    ("references", |size| element(&"&amp;".repeat(size * 200))),
    ("an open reference", |size| element(&["&#", &"0".repeat(size * 1024), "65;"].concat())),
    ("characters that are nearly none", |size| element(&"\u{ff01}".repeat(size * 340))),
    ("CDATA", |size| element(&"<![CDATA[x]]>".repeat(size * 80))),
    ("empty elements", |size| element(&"<b/>".repeat(size * 256))),
    ("depth", |size| ["<b>".repeat(size * 140), "</b>".repeat(size * 140)].concat()),
    ("attributes", |size| tag(&each(size * 100, |n| format!(" a{n}=''")))),
    ("attributes of one length", |size| tag(&each(size * 80, |n| format!(" a{n:06}b=''")))),
    ("attributes with prefixes", |size| {
        let uses = each(size * 80, |n| format!(" p:a{n:06}=''"));
        tag(&[" xmlns:p='u'", &uses].concat())
    }),
    ("one namespace under many prefixes", |size| {
        let namespace = "u".repeat(size * 300);
        let uses = each(size * 30, |n| format!(" p:a{n}='' q:b{n}=''"));
        tag(&[" xmlns:p='", &namespace, "' xmlns:q='", &namespace, "'", &uses].concat())
    }),
    ("declarations", |size| tag(&each(size * 60, |n| format!(" xmlns:p{n}='u'")))),
    ("declarations and uses", |size| {
        let names = each(size * 30, |n| format!(" xmlns:p{n}='u{n}'"));
        let uses = each(size * 30, |n| format!("<p{n}:b p{n}:c=''/>"));
        ["<a", &names, ">", &uses, "</a>"].concat()
    }),
    ("scopes within scopes", |size| {
        let starts = each(size * 30, |n| format!("<b xmlns:p='u{n}' xmlns:q{n}='v'>"));
        starts + &"</b>".repeat(size * 30)
    }),
    ("scopes beside scopes", |size| {
        let names = each(size * 20, |n| format!(" xmlns:p{n}='u{n}'"));
        let inner = each(size * 20, |n| format!("<b xmlns:p{n}='v' xmlns:q='w'/>"));
        ["<a", &names, ">", &inner, "</a>"].concat()
    }),
    ("prefixes that begin alike", |size| {
        let long = "p".repeat(size * 8);
        tag(&each(100, |n| format!(" xmlns:{long}{n}='u'")))
    }),
];

fn each(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().concat()
}

fn element(content: &str) -> String {
    ["<a>", content, "</a>"].concat()
}

fn tag(attributes: &str) -> String {
    ["<a", attributes, "/>"].concat()
}

/// The shortest of a few runs: what other programs do meanwhile only makes it longer.
fn shortest(mut run: impl FnMut()) -> Duration {
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    runs.min().expect("there are runs")
}

#[test]
fn is_linear() {
    let limits = oracle::unlimited();
    let mut scanner = Scanner::new();
    for (name, shape) in SHAPES {
        let mut time = |size| {
            let text = shape(size);
            let taken = shortest(|| {
                scanner.scan(&text, &limits).expect(name);
            });
            taken.as_secs_f64() / f64::from(u32::try_from(text.len()).expect("it is short"))
        };
        let (small, large) = (time(8), time(64));
        eprintln!("{name}: {:.2} ns a byte, then {:.2}", small * 1e9, large * 1e9);
        assert!(large < small * 4.0, "{name}: {small} s a byte became {large}");
    }
}

#[test]
fn so_is_reading() {
    let limits = oracle::unlimited();
    let mut scanner = Scanner::new();
    for (name, shape) in SHAPES {
        let mut time = |size| {
            let text = shape(size);
            let root = scanner.scan(&text, &limits).expect(name);
            let taken = shortest(|| {
                let document = root.read();
                let _ = document.root().text();
                let _ = Writer::new().element(document.root()).finish();
            });
            taken.as_secs_f64() / f64::from(u32::try_from(text.len()).expect("it is short"))
        };
        let (small, large) = (time(4), time(32));
        assert!(large < small * 4.0, "{name}: {small} s a byte became {large}");
    }
}

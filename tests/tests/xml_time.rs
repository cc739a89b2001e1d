//! Eight times the text takes about eight times as long, whatever a peer puts into it.

use cpu_time::ThreadTime;
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

/// Asserts that a long text takes no more time a byte than a short one, give or take what a busy machine adds.
///
/// It is the thread's own time that is taken, of all runs the shortest count, and the two sizes take turns.
fn assert_linear(name: &str, shape: Shape, sizes: [usize; 2], mut run: impl FnMut(&str)) {
    let texts = sizes.map(shape);
    let mut shortest = [f64::MAX; 2];
    for _ in 0..20 {
        for (text, shortest) in texts.iter().zip(&mut shortest) {
            let start = ThreadTime::now();
            run(text);
            let length = f64::from(u32::try_from(text.len()).expect("it is short"));
            *shortest = shortest.min(start.elapsed().as_secs_f64() / length);
        }
        let [short, long] = shortest;
        if long < short * 3.0 {
            return;
        }
    }
    panic!("{name}: {shortest:?} seconds a byte");
}

#[test]
fn is_linear() {
    let limits = oracle::unlimited();
    let mut scanner = Scanner::new();
    for &(name, shape) in SHAPES {
        assert_linear(name, shape, [8, 64], |text| {
            scanner.scan(text, &limits).expect(name);
        });
    }
}

#[test]
fn so_is_reading() {
    let limits = oracle::unlimited();
    let mut scanner = Scanner::new();
    for &(name, shape) in SHAPES {
        assert_linear(name, shape, [4, 32], |text| {
            let document = scanner.scan(text, &limits).expect(name).read();
            let _ = document.root().text();
            let _ = Writer::new().element(document.root()).finish();
        });
    }
}

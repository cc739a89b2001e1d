//! Every limit of the scanner, at the limit and one past it.

use std::ops::Range;

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::{Fault, Rule, Scanner};

fn judge(text: &str, limits: &XmlLimits) -> Result<(), Rule> {
    Scanner::new().scan(text, limits).map(|_| ()).map_err(|Fault { rule, .. }| rule)
}

#[test]
fn depth() {
    let limits = XmlLimits::default();
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(judge(&nested(limits.max_depth), &limits), Ok(()));
    assert_eq!(judge(&nested(limits.max_depth + 1), &limits), Err(Rule::TooDeep));
    let mut limits = limits;
    limits.max_depth = 1;
    assert_eq!(judge("<a></a>", &limits), Ok(()));
    assert_eq!(judge("<a><b/></a>", &limits), Err(Rule::TooDeep));
}

#[test]
fn attributes() {
    let limits = XmlLimits::default();
    let element = |count| {
        let attributes: Vec<_> = (0..count).map(|number| format!(" a{number}=''")).collect();
        let attributes = attributes.concat();
        format!("<a xmlns='u' xmlns:p='v'><b xmlns='w'{attributes}/></a>")
    };
    assert_eq!(judge(&element(limits.max_attributes), &limits), Ok(()));
    let one_more = element(limits.max_attributes + 1);
    assert_eq!(judge(&one_more, &limits), Err(Rule::TooManyAttributes));
}

#[test]
fn declarations() {
    let limits = XmlLimits::default();
    let element = |count| {
        let declare = |numbers: Range<usize>| {
            let all: Vec<_> = numbers.map(|number| format!(" xmlns:p{number}='u'")).collect();
            all.concat()
        };
        let outside = declare(1..count / 2);
        let inside = declare(count / 2..count);
        format!("<a xmlns='u'{outside}><b{inside}/><b{inside}></b><b{inside}/></a>")
    };
    assert_eq!(judge(&element(limits.max_declarations), &limits), Ok(()));
    let one_more = element(limits.max_declarations + 1);
    assert_eq!(judge(&one_more, &limits), Err(Rule::TooManyDeclarations));
}

#[test]
fn names() {
    let limits = XmlLimits::default();
    for (of, more) in [
        ("<{}/>", "a"),
        ("<a {}=''/>", "a"),
        ("<a><{}/></a>", "a"),
        ("<a xml:{}=''/>", "xml:"),
        ("<a xmlns:{}='u'/>", "xmlns:"),
        ("<{}/>", "\u{e9}"),
    ] {
        let prefix = if more.ends_with(':') { more.len() } else { 0 };
        let unit = if more.ends_with(':') { "a" } else { more };
        let name = unit.repeat((limits.max_name_bytes - prefix) / unit.len());
        assert_eq!(judge(&of.replace("{}", &name), &limits), Ok(()), "{of}");
        let longer = of.replace("{}", &format!("{name}a"));
        assert_eq!(judge(&longer, &limits), Err(Rule::NameTooLong), "{of}");
    }
}

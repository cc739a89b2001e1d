//! The scanner's rules, one table each: what it must take, and what it must refuse for which rule and where.

mod documents;
mod tags;

use xmpp_ws::condition::Condition;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::{Fault, Rule, Scanner};

fn judge(text: &str) -> Result<(), Fault> {
    Scanner::new().scan(text, &XmlLimits::default()).map(|_| ())
}

#[track_caller]
fn refuses(cases: &[(&str, Rule, usize)]) {
    for &(text, rule, offset) in cases {
        assert_eq!(judge(text), Err(Fault { rule, offset }), "{text:?}");
    }
}

#[track_caller]
fn takes(cases: &[&str]) {
    for text in cases {
        assert_eq!(judge(text), Ok(()), "{text:?}");
    }
}

#[test]
fn characters_and_references() {
    refuses(&[
        ("<a>\0</a>", Rule::Character, 3),
        ("<a>\u{1}</a>", Rule::Character, 3),
        ("<a>\u{8}</a>", Rule::Character, 3),
        ("<a>\u{b}</a>", Rule::Character, 3),
        ("<a>\u{c}</a>", Rule::Character, 3),
        ("<a>\u{1f}</a>", Rule::Character, 3),
        ("<a>\u{fffe}</a>", Rule::Character, 3),
        ("<a>\u{ffff}</a>", Rule::Character, 3),
        ("<a><![CDATA[\u{1}]]></a>", Rule::Character, 12),
        ("<a><![CDATA[\u{ff01}\u{ffff}]]></a>", Rule::Character, 15),
        ("<a>&</a>", Rule::Reference, 3),
        ("<a>& b</a>", Rule::Reference, 3),
        ("<a>&amp</a>", Rule::Reference, 3),
        ("<a>&amp </a>", Rule::Reference, 3),
        ("<a>&;</a>", Rule::Reference, 3),
        ("<a>&1;</a>", Rule::Reference, 3),
        ("<a>&amp", Rule::Reference, 3),
        ("<a>&nbsp;</a>", Rule::Entity, 3),
        ("<a>&AMP;</a>", Rule::Entity, 3),
        ("<a>&a:b;</a>", Rule::Entity, 3),
        ("<a>&\u{e9};</a>", Rule::Entity, 3),
        ("<a>&#;</a>", Rule::CharacterReference, 3),
        ("<a>&#x;</a>", Rule::CharacterReference, 3),
        ("<a>&#+65;</a>", Rule::CharacterReference, 3),
        ("<a>&#-1;</a>", Rule::CharacterReference, 3),
        ("<a>&#X41;</a>", Rule::CharacterReference, 3),
        ("<a>&#xG;</a>", Rule::CharacterReference, 3),
        ("<a>&#A;</a>", Rule::CharacterReference, 3),
        ("<a>&#65</a>", Rule::CharacterReference, 3),
        ("<a>&#0;</a>", Rule::CharacterReference, 3),
        ("<a>&#1;</a>", Rule::CharacterReference, 3),
        ("<a>&#xB;</a>", Rule::CharacterReference, 3),
        ("<a>&#xFFFE;</a>", Rule::CharacterReference, 3),
        ("<a>&#xFFFF;</a>", Rule::CharacterReference, 3),
        ("<a>&#xD800;</a>", Rule::CharacterReference, 3),
        ("<a>&#xDFFF;</a>", Rule::CharacterReference, 3),
        ("<a>&#x110000;</a>", Rule::CharacterReference, 3),
        ("<a>&#x100000041;</a>", Rule::CharacterReference, 3),
        ("<a>&#18446744073709551681;</a>", Rule::CharacterReference, 3),
        ("<a>]]></a>", Rule::CdataEnd, 3),
        ("<a>]]]></a>", Rule::CdataEnd, 4),
        ("<a>x]]>", Rule::CdataEnd, 4),
    ]);
}

#[test]
fn conditions() {
    let condition = |text| judge(text).map_err(Fault::condition);
    assert_eq!(condition("<a"), Err(Condition::NotWellFormed));
    assert_eq!(condition("<p:a/>"), Err(Condition::NotWellFormed));
    assert_eq!(condition("<a><!----></a>"), Err(Condition::RestrictedXml));
    assert_eq!(condition("<a>&b;</a>"), Err(Condition::RestrictedXml));
    let latin = "<?xml version='1.0' encoding='latin1'?><a/>";
    assert_eq!(condition(latin), Err(Condition::UnsupportedEncoding));
    let deep = "<a>".repeat(1000);
    assert_eq!(condition(&deep), Err(Condition::PolicyViolation));
}

#[test]
fn a_fault_speaks() {
    let fault = judge("<a b='1' b='2'/>").expect_err("twice");
    assert_eq!(fault.to_string(), "an attribute given twice at byte 9");
}

/// Every rule must hold wherever in a word a byte happens to stand, and however near the end.
#[test]
fn places_do_not_matter() {
    for shift in 0..24 {
        let pad = "n".repeat(shift + 1);
        for (inside, rule, at) in [
            ("\u{1}", Rule::Character, 0),
            ("\u{ffff}", Rule::Character, 0),
            ("<", Rule::AttributeValue, 0),
            ("&", Rule::Reference, 0),
            ("\t\r\n\u{ff01}\u{1f}", Rule::Character, 6),
        ] {
            let text = format!("<a b='{pad}{inside}'/>");
            let offset = 6 + pad.len() + at;
            assert_eq!(judge(&text), Err(Fault { rule, offset }), "{text:?}");
        }
        for (inside, rule, at) in [
            ("\u{1}", Rule::Character, 0),
            ("]]>", Rule::CdataEnd, 0),
            ("]]]]>", Rule::CdataEnd, 2),
            ("&b;", Rule::Entity, 0),
            ("\u{ff01}\u{fffe}", Rule::Character, 3),
        ] {
            let text = format!("<a>{pad}{inside}</a>");
            let offset = 3 + pad.len() + at;
            assert_eq!(judge(&text), Err(Fault { rule, offset }), "{text:?}");
        }
        for byte in 0..0x80 {
            let character = char::from(byte);
            let text = format!("<{pad}{character}x/>");
            let is_name = character.is_ascii_alphanumeric() || "-._".contains(character);
            let is_space = " \t\r\n".contains(character);
            match judge(&text) {
                Ok(()) => assert!(is_name, "{text:?}"),
                Err(fault) if is_space => assert_eq!(fault.rule, Rule::AttributeEquals, "{text:?}"),
                Err(_) => assert!(!is_name, "{text:?}"),
            }
        }
    }
}

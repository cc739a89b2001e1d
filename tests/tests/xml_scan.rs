//! The scanner's rules, one table each: what it must take, and what it must refuse for which rule and where.

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
fn well_formed_elements() {
    takes(&[
        "<a/>",
        "<a />",
        "<a></a>",
        "<a></a >",
        "<a\n\t\r />",
        "<a/> \t\r\n",
        "<a>text</a>",
        "<a b='1' c=\"2\"/>",
        "<a b = '1'\tc\n=\r\"2\" />",
        "<a b='>'>></a>",
        "<a b='\"' c=\"'\"/>",
        "<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#x10FFFF;&#9;</a>",
        "<a b='&lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#xa;'/>",
        "<a>&#0000000000000000000000000000000000000000000000065;</a>",
        "<a><![CDATA[<&>]]]]><![CDATA[>]]></a>",
        "<a>]] > ]></a>",
        "<a>\t\r\n</a>",
        "<a b='\t\r\n'/>",
        "<a><b><c/></b><b/></a>",
        "<a xml:lang='en'/>",
        "<xml:a/>",
        "<_a.b-c1/>",
        "<\u{e9}\u{10000}\u{b7}/>",
        "<\u{37f}\u{fdf0}\u{fffd}/>",
        "<a>\u{7f}\u{80}\u{9f}\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}</a>",
        "<a>\u{ff01}\u{efff}\u{f000}</a>",
    ]);
}

#[test]
fn documents() {
    refuses(&[
        ("", Rule::Empty, 0),
        ("<?xml version='1.0'?>", Rule::Empty, 21),
        (" ", Rule::BeforeRoot, 0),
        (" <a/>", Rule::BeforeRoot, 0),
        ("\u{feff}<a/>", Rule::BeforeRoot, 0),
        ("\u{feff}\u{feff}<a/>", Rule::BeforeRoot, 0),
        ("text<a/>", Rule::BeforeRoot, 0),
        ("&#32;<a/>", Rule::BeforeRoot, 0),
        ("\0<a/>", Rule::Character, 0),
        ("<a/><b/>", Rule::AfterRoot, 4),
        ("<a/> \n<b/>", Rule::AfterRoot, 6),
        ("<a/>text", Rule::AfterRoot, 4),
        ("<a/>&#32;", Rule::AfterRoot, 4),
        ("<a></a></a>", Rule::AfterRoot, 7),
        ("<a/>\u{feff}", Rule::AfterRoot, 4),
        ("<a/>\0", Rule::Character, 4),
        ("<a/><![CDATA[]]>", Rule::AfterRoot, 4),
        ("<![CDATA[]]><a/>", Rule::BeforeRoot, 0),
        ("<", Rule::Unfinished, 1),
        ("<a", Rule::Unfinished, 2),
        ("<a ", Rule::Unfinished, 3),
        ("<a/", Rule::Unfinished, 3),
        ("<a b", Rule::Unfinished, 4),
        ("<a b=", Rule::Unfinished, 5),
        ("<a b='", Rule::Unfinished, 6),
        ("<a b='\u{e9}\u{ff01}", Rule::Unfinished, 11),
        ("<a b='c'", Rule::Unfinished, 8),
        ("<a>", Rule::Unfinished, 3),
        ("<a>text", Rule::Unfinished, 7),
        ("<a><b></b>", Rule::Unfinished, 10),
        ("<a><", Rule::Unfinished, 4),
        ("<a></", Rule::Unfinished, 5),
        ("<a></a", Rule::Unfinished, 6),
        ("<ab></a", Rule::Unfinished, 7),
        ("<a></a ", Rule::Unfinished, 7),
        ("<a><![CDATA[", Rule::Unfinished, 12),
        ("<a><![CDATA[]]", Rule::Unfinished, 14),
    ]);
}

#[test]
fn what_follows_can_be_scanned_apart() {
    let text = "<error xmlns='s'/> \n<close/>";
    let fault = judge(text).expect_err("two elements");
    assert_eq!(fault.rule, Rule::AfterRoot);
    let (first, second) = text.split_at(fault.offset);
    takes(&[first, second]);
}

#[test]
fn tags() {
    refuses(&[
        ("<a></b>", Rule::EndTag, 5),
        ("<a></ab>", Rule::EndTag, 5),
        ("<ab></a>", Rule::EndTag, 6),
        ("<a></A>", Rule::EndTag, 5),
        ("<a><b></a></b>", Rule::EndTag, 8),
        ("</a>", Rule::Name, 1),
        ("<a></a b='1'>", Rule::Tag, 7),
        ("<a></a/>", Rule::EndTag, 5),
        ("<a></ a>", Rule::Name, 5),
        ("<a></>", Rule::Name, 5),
        ("< a/>", Rule::Name, 1),
        ("<>", Rule::Name, 1),
        ("<></>", Rule::Name, 1),
        ("<a / >", Rule::Tag, 4),
        ("<a/ >", Rule::Tag, 3),
        ("<a/b>", Rule::Tag, 3),
        ("<a/n/>", Rule::Tag, 3),
        ("<a<n/>", Rule::Tag, 2),
        ("<a'>", Rule::Tag, 2),
        ("<1m/>", Rule::Name, 1),
        ("<-m/>", Rule::Name, 1),
        ("<.m/>", Rule::Name, 1),
        ("<m,n/>", Rule::Tag, 2),
        ("<m$/>", Rule::Tag, 2),
        ("<m\0/>", Rule::Character, 2),
        ("<m\u{1}/>", Rule::Character, 2),
        ("<m\u{d7}/>", Rule::Tag, 2),
        ("<m\u{a0}/>", Rule::Tag, 2),
        ("<\u{d7}/>", Rule::Name, 1),
        ("<\u{b7}/>", Rule::Name, 1),
        ("<\u{300}/>", Rule::Name, 1),
        ("<\u{f0000}/>", Rule::Name, 1),
        ("<m\u{fffe}/>", Rule::Character, 2),
        ("<a><></a>", Rule::Name, 4),
    ]);
}

#[test]
fn attributes() {
    refuses(&[
        ("<a b/>", Rule::AttributeEquals, 4),
        ("<a b c='1'/>", Rule::AttributeEquals, 5),
        ("<a b=1/>", Rule::AttributeQuotes, 5),
        ("<a b=/>", Rule::AttributeQuotes, 5),
        ("<a b='1\"/>", Rule::Unfinished, 10),
        ("<a ='1'/>", Rule::Name, 3),
        ("<a 'b'/>", Rule::Name, 3),
        ("<a 1b='1'/>", Rule::Name, 3),
        ("<a b$='1'/>", Rule::AttributeEquals, 4),
        ("<a b='1'c='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1':c='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1'\u{e9}='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1''/>", Rule::Tag, 8),
        ("<a b='<'/>", Rule::AttributeValue, 6),
        ("<a b='&'/>", Rule::Reference, 6),
        ("<a b='&amp'/>", Rule::Reference, 6),
        ("<a b='&foo;'/>", Rule::Entity, 6),
        ("<a b='&#0;'/>", Rule::CharacterReference, 6),
        ("<a b='\0'/>", Rule::Character, 6),
        ("<a b='\u{1}'/>", Rule::Character, 6),
        ("<a b='\u{1f}'/>", Rule::Character, 6),
        ("<a b='\u{fffe}'/>", Rule::Character, 6),
        ("<a b='\u{ffff}'/>", Rule::Character, 6),
        ("<a b='1' b='2'/>", Rule::DuplicateAttribute, 9),
        ("<a b='1' c='' b='1'/>", Rule::DuplicateAttribute, 14),
        ("<a xml:lang='' xml:lang=''/>", Rule::DuplicateAttribute, 15),
        ("<a xmlns='u' xmlns='u'/>", Rule::DuplicateAttribute, 13),
        ("<a xmlns:p='u' xmlns:p='v'/>", Rule::DuplicateAttribute, 15),
        ("<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", Rule::DuplicateExpandedName, 34),
        ("<a xmlns:p='u' xmlns:q='&#117;' p:b='' q:b=''/>", Rule::DuplicateExpandedName, 39),
        ("<x xmlns:p='u'><a xmlns:q='u' q:b='' b='' p:b=''/></x>", Rule::DuplicateExpandedName, 42),
    ]);
    takes(&[
        "<a xmlns:p='u' xmlns:q='v' p:b='' q:b='' b=''/>",
        "<a xmlns:p='u' xmlns='u' p:b='' b=''/>",
        "<a B='' b=''/>",
    ]);
}

#[test]
fn twice_among_many() {
    let many: Vec<_> = (0..100).map(|number| format!(" a{number}=''")).collect();
    let many = many.concat();
    takes(&[&format!("<a{many}/>")]);
    for twice in [0, 15, 16, 17, 50, 99] {
        let text = format!("<a{many} a{twice}=''/>");
        let fault = Fault { rule: Rule::DuplicateAttribute, offset: 2 + many.len() + 1 };
        assert_eq!(judge(&text), Err(fault), "a{twice}");
        let text = format!("<a a{twice}=''{many}/>");
        let offset = text.rfind(&format!(" a{twice}=")).expect("it is there") + 1;
        assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }));
    }
}

#[test]
fn twice_among_names_that_end_alike() {
    let name = |number: u8| format!("{}_ends_alike", char::from(b'a' + number));
    let each = |count| {
        let attributes: Vec<_> = (0..count).map(|number| format!(" {}=''", name(number))).collect();
        attributes.concat()
    };
    for count in 1..20 {
        takes(&[&format!("<a{}/>", each(count))]);
    }
    for count in 1..8 {
        // The first fault counts, although another follows.
        let text = format!("<a{} {}='' b=''c=''/>", each(count), name(count - 1));
        let offset = 2 + each(count).len() + 1;
        assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }), "{text}");
    }
    let text = format!("<a{} {}=''/>", each(20), name(19));
    let offset = 2 + each(20).len() + 1;
    assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }), "{text}");
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
fn restricted_xml() {
    refuses(&[
        ("<a><!-- b --></a>", Rule::Comment, 3),
        ("<!-- b --><a/>", Rule::Comment, 0),
        ("<a/><!-- b -->", Rule::Comment, 4),
        ("<a><?b c?></a>", Rule::ProcessingInstruction, 3),
        ("<?b?><a/>", Rule::ProcessingInstruction, 0),
        ("<a/><?b?>", Rule::ProcessingInstruction, 4),
        ("<?xml-stylesheet href=''?><a/>", Rule::ProcessingInstruction, 0),
        ("<!DOCTYPE a><a/>", Rule::Doctype, 0),
        ("<a><!DOCTYPE a></a>", Rule::Doctype, 3),
        ("<a/><!DOCTYPE a>", Rule::Doctype, 4),
        ("<!doctype a><a/>", Rule::Markup, 0),
        ("<a><!FOO></a>", Rule::Markup, 3),
        ("<a><![cdata[]]></a>", Rule::Markup, 3),
        ("<a><! [CDATA[]]></a>", Rule::Markup, 3),
        ("<a><!></a>", Rule::Markup, 3),
    ]);
}

#[test]
fn xml_declarations() {
    takes(&[
        "<?xml version='1.0'?><a/>",
        "<?xml version=\"1.0\" encoding='UTF-8'?>\n<a/>",
        "<?xml\tversion = '1.0'\nencoding = \"utf-8\" standalone='yes' ?> \r\n<a/>\n",
        "<?xml version='1.0' standalone='no'?><a/>",
    ]);
    refuses(&[
        (" <?xml version='1.0'?><a/>", Rule::BeforeRoot, 0),
        ("<a><?xml version='1.0'?></a>", Rule::MisplacedDeclaration, 3),
        ("<a/><?xml version='1.0'?>", Rule::MisplacedDeclaration, 4),
        ("<?xml version='1.0'?><?xml version='1.0'?><a/>", Rule::MisplacedDeclaration, 21),
        ("<?XML version='1.0'?><a/>", Rule::MisplacedDeclaration, 0),
        ("<a><?xMl?></a>", Rule::MisplacedDeclaration, 3),
        ("<?xml?><a/>", Rule::Declaration, 5),
        ("<?xml ?><a/>", Rule::Declaration, 5),
        ("<?xml encoding='UTF-8'?><a/>", Rule::Declaration, 5),
        ("<?xml version='1.0' junk='1'?><a/>", Rule::Declaration, 20),
        ("<?xml version='1.0'encoding='UTF-8'?><a/>", Rule::Declaration, 19),
        ("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", Rule::Declaration, 37),
        ("<?xml version='1.0' version='1.0'?><a/>", Rule::Declaration, 20),
        ("<?xml version='1.0' standalone='maybe'?><a/>", Rule::Declaration, 19),
        ("<?xml version='2.0'?><a/>", Rule::Declaration, 19),
        ("<?xml version='1.1'?><a/>", Rule::Declaration, 19),
        ("<?xml version=1.0?><a/>", Rule::Declaration, 14),
        ("<?xml version='1.0\"?><a/>", Rule::Declaration, 14),
        ("<?xml version '1.0'?><a/>", Rule::Declaration, 14),
        ("<?xml version='1.0'><a/>", Rule::Declaration, 19),
        ("<?xml version='1.0' encoding='9x'?><a/>", Rule::Declaration, 19),
        ("<?xml version='1.0' encoding=''?><a/>", Rule::Declaration, 19),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>", Rule::Encoding, 19),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", Rule::Encoding, 19),
        ("<?xml version='1.0'?>text<a/>", Rule::BeforeRoot, 21),
    ]);
}

#[test]
fn namespaces() {
    takes(&[
        "<a xmlns=''/>",
        "<a xmlns='u'><b xmlns=''/></a>",
        "<p:a xmlns:p='u'><p:b p:c=''/></p:a>",
        "<a xmlns:p='u'><b xmlns:p='v'><p:c/></b><p:d/></a>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p=' '/>",
        "<a xmlns:p='xmlns'/>",
    ]);
    refuses(&[
        ("<p:a/>", Rule::UnboundPrefix, 1),
        ("<stream:error/>", Rule::UnboundPrefix, 1),
        ("<a p:b=''/>", Rule::UnboundPrefix, 3),
        ("<a><b xmlns:p='u'/><p:c/></a>", Rule::UnboundPrefix, 20),
        ("<a><b xmlns:p='u'></b><p:c/></a>", Rule::UnboundPrefix, 23),
        ("<a xmlns:p=''/>", Rule::EmptyNamespace, 3),
        ("<a xmlns:p='u'><b xmlns:p=''/></a>", Rule::EmptyNamespace, 18),
        ("<a xmlns:xml='u'/>", Rule::ReservedPrefix, 3),
        ("<a xmlns:xmlns='u'/>", Rule::ReservedPrefix, 3),
        ("<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedPrefix, 3),
        ("<xmlns:m/>", Rule::ReservedPrefix, 1),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/2000/xmln&#115;/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns:p='&#104;ttp://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a:b:c/>", Rule::QualifiedName, 4),
        ("<:m/>", Rule::QualifiedName, 1),
        ("<:/>", Rule::QualifiedName, 1),
        ("<p:/>", Rule::QualifiedName, 3),
        ("<p:1 xmlns:p='u'/>", Rule::QualifiedName, 3),
        ("<p:-m/>", Rule::QualifiedName, 3),
        ("<a xmlns:=''/>", Rule::QualifiedName, 9),
        ("<a :b=''/>", Rule::QualifiedName, 3),
        ("<a b:c:d=''/>", Rule::QualifiedName, 6),
        ("<p:a xmlns:p='u' xmlns:q='u'></q:a>", Rule::EndTag, 31),
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

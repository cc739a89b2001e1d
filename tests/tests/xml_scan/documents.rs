//! What may stand around the element, and what may stand nowhere.

use xmpp_ws::xml::Rule;

use super::{judge, refuses, takes};

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

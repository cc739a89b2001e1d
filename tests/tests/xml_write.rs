//! The writer: what it writes, what it escapes, what it refuses.

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::{BytesMut, Scanner, Writer};

#[test]
fn namespaces_are_declared_where_they_change() {
    let xml = Writer::new()
        .start("iq", ns::CLIENT)
        .attribute("type", "set")
        .optional_attribute("id", Some("1"))
        .optional_attribute("to", None)
        .attribute("xml:lang", "en")
        .start("bind", ns::BIND)
        .start("resource", ns::BIND)
        .text("r")
        .end()
        .end()
        .start("error", ns::CLIENT)
        .end()
        .start("none", "")
        .end()
        .end()
        .finish();
    assert_eq!(
        xml.expect("writable"),
        "<iq xmlns='jabber:client' type='set' id='1' xml:lang='en'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind>\
         <error/><none xmlns=''/></iq>"
    );
}

#[test]
fn a_prefixed_root() {
    let xml = Writer::new()
        .start_prefixed("stream", "features", ns::STREAMS)
        .start("bind", ns::BIND)
        .end()
        .start("mechanisms", ns::SASL)
        .finish();
    assert_eq!(
        xml.expect("writable"),
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></stream:features>"
    );
}

#[test]
fn values_are_escaped() {
    let value = "<&>'\"\t\n\r \u{e9}]]>";
    let xml = Writer::new()
        .start("a", "u&'")
        .attribute("b", value)
        .text(value)
        .finish()
        .expect("writable");
    assert_eq!(
        xml,
        "<a xmlns='u&amp;&apos;' b='&lt;&amp;&gt;&apos;\"&#9;&#10;&#13; \u{e9}]]&gt;'>\
         &lt;&amp;&gt;'\"\t\n&#13; \u{e9}]]&gt;</a>"
    );
    let mut scanner = Scanner::new();
    let root = scanner.scan(&xml, &XmlLimits::default()).expect("well-formed");
    assert_eq!(root.namespace(), "u&'");
    assert_eq!(root.attribute("", "b").expect("it is there").value(), value);
    assert_eq!(root.read().root().text(), value);
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    for character in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        let value = format!("a\u{ff01}{character}\u{2}");
        let text = Writer::new().start("a", "").text(&value).end().finish();
        assert_eq!(text.expect_err("not XML").character, character);
        let attribute = Writer::new().start("a", "").attribute("b", &value).end().finish();
        assert_eq!(attribute.expect_err("not XML").character, character);
        let namespace = Writer::new().start("a", &value).end().finish();
        assert_eq!(namespace.expect_err("not XML").character, character);
    }
    let unwritable = Writer::new().start("a", "").text("\u{1}").finish().expect_err("not XML");
    assert_eq!(unwritable.to_string(), "XML cannot carry U+0001");
}

#[test]
fn one_buffer_for_many() {
    let mut arena = BytesMut::with_capacity(1024);
    let first = Writer::with_buffer(&mut arena).start("a", "u").text("1").finish();
    assert!(Writer::with_buffer(&mut arena).start("a", "u").text("\0").finish().is_err());
    let second = Writer::with_buffer(&mut arena).start("a", "u").text("2").finish();
    assert_eq!(first.expect("writable"), "<a xmlns='u'>1</a>");
    assert_eq!(second.expect("writable"), "<a xmlns='u'>2</a>");
    assert!(arena.is_empty());
}

#[test]
fn checked_elements_are_put_in() {
    let limits = XmlLimits::default();
    let mut scanner = Scanner::new();
    for (inner, around, outer) in [
        ("<b xmlns='v'/>", "u", "<a xmlns='u'><b xmlns='v'/></a>"),
        ("<?xml version='1.0'?> <b><c/></b> ", "u", "<a xmlns='u'><b xmlns=''><c/></b></a>"),
        ("<b c=''/>", "", "<a><b c=''/></a>"),
        ("<p:b xmlns:p='v'/>", "u", "<a xmlns='u'><p:b xmlns='' xmlns:p='v'/></a>"),
    ] {
        let root = scanner.scan(inner, &limits).expect(inner);
        let document = root.read();
        let raw = Writer::new().start("a", around).raw(&root).end().finish();
        assert_eq!(raw.expect("writable"), outer);
        let read = Writer::new().start("a", around).element(document.root()).end().finish();
        assert_eq!(read.expect("writable"), outer);
    }
    let text = "<x xmlns='u' xmlns:p='v'><b p:c=''/><d xmlns='w'/></x>";
    let root = scanner.scan(text, &limits).expect(text);
    let document = root.read();
    let mut writer = Writer::new();
    writer.start("a", "u");
    for child in document.root().children() {
        writer.element(child);
    }
    assert_eq!(
        writer.finish().expect("writable"),
        "<a xmlns='u'><b xmlns:p='v' p:c=''/><d xmlns='w'/></a>"
    );
}

#[test]
fn depth_has_no_end() {
    let mut writer = Writer::new();
    for _ in 0..100 {
        writer.start("a", "u");
    }
    let xml = writer.finish().expect("writable");
    assert_eq!(xml.matches("xmlns").count(), 1);
    assert!(Scanner::new().scan(&xml, &XmlLimits::default()).is_ok());
}

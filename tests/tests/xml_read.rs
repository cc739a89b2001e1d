//! Reading a checked element.

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::{Document, Scanner};

fn read(text: &str) -> Document<'_> {
    Scanner::new().scan(text, &XmlLimits::default()).expect(text).read()
}

#[test]
fn a_path_is_a_chain() {
    let document = read(
        "<iq xmlns='jabber:client' type='result'><query xmlns='jabber:iq:roster'>\
         <item jid='a@b' name='A &amp; B'/><item jid='c@d'/></query></iq>",
    );
    let roster = "jabber:iq:roster";
    let root = document.root();
    assert!(root.is("iq", ns::CLIENT));
    let item = root.child("query", roster).and_then(|query| query.child("item", roster));
    let item = item.expect("it is there");
    assert_eq!(item.attribute("name").as_deref(), Some("A & B"));
    assert_eq!(item.attribute("no"), None);
    let query = root.child("query", roster).expect("it is there");
    let all: Vec<_> = query.children().map(|item| item.attribute("jid")).collect();
    assert_eq!(all, [Some("a@b".into()), Some("c@d".into())]);
    assert!(root.child("query", ns::CLIENT).is_none());
}

#[test]
fn text() {
    for (content, text) in [
        ("", ""),
        ("plain", "plain"),
        ("a<b>c</b>d<b/>e", "ade"),
        ("<b/>d", "d"),
        ("&lt;&#65;&#x42;&gt;", "<AB>"),
        ("a\r\nb\rc\n\r\n", "a\nb\nc\n\n"),
        ("&#13;\r\n", "\r\n"),
        ("a<![CDATA[&lt;]]\r\n]]>b", "a&lt;]]\nb"),
        ("<![CDATA[]]><![CDATA[<a>]]>", "<a>"),
        ("<![CDATA[<!-- ]]>&amp;<b><![CDATA[</b>]]></b>\t", "<!-- &\t"),
        ("\u{1F600}", "\u{1F600}"),
    ] {
        let xml = format!("<a>{content}</a>");
        assert_eq!(read(&xml).root().text(), text, "{content}");
    }
}

#[test]
fn attributes() {
    let document = read(
        "<a xmlns='u' xmlns:p = \"v\"\n b = 'x&#10;y\r\nz\t>'\tp:b=\"'/>\" xml:lang='en' ><c/></a >",
    );
    let root = document.root();
    assert_eq!(root.attribute("b").as_deref(), Some("x\ny z >"));
    assert_eq!(root.attribute_ns("v", "b").as_deref(), Some("'/>"));
    assert_eq!(root.attribute_ns(ns::XML, "lang").as_deref(), Some("en"));
    assert_eq!(root.attribute_ns("u", "b"), None);
    assert_eq!(root.attributes().count(), 3);
    assert_eq!(root.children().count(), 1);
}

#[test]
fn bytes_as_they_stand() {
    let document = read(
        "<?xml version='1.0'?>\n<a xmlns='u' xmlns:p='v'>x<b p:c='d'>y</b ><p:e/><f xmlns=''><g/></f></a>  ",
    );
    let root = document.root();
    let xml: Vec<_> = root.children().map(|child| child.xml()).collect();
    assert_eq!(xml, ["<b p:c='d'>y</b >", "<p:e/>", "<f xmlns=''><g/></f>"]);
    let alone: Vec<_> = root.children().map(|child| child.to_xml()).collect();
    assert_eq!(
        alone,
        ["<b xmlns='u' xmlns:p='v' p:c='d'>y</b >", "<p:e xmlns:p='v'/>", "<f xmlns=''><g/></f>"]
    );
    let g = root.child("f", "").and_then(|f| f.child("g", "")).expect("it is there");
    assert_eq!(g.to_xml(), "<g/>");
    assert!(root.xml().starts_with("<a ") && root.xml().ends_with("</a>"));
}

#[test]
fn what_stands_alone_needs_what_its_content_needs() {
    let document = read(
        "<p:a xmlns:p='v&#39;' xmlns='u' xmlns:q='w' xmlns:r='x'><p:b><c q:d='1'/></p:b></p:a>",
    );
    let b = document.root().children().next().expect("it is there");
    assert_eq!(b.to_xml(), "<p:b xmlns:p='v&apos;' xmlns='u' xmlns:q='w'><c q:d='1'/></p:b>");
    assert_eq!(read(&b.to_xml()).root().namespace(), "v'");
}

//! What a scan tells about the root.

use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::Scanner;

#[test]
fn names_and_places() {
    let text = "<?xml version='1.0'?> <s:a xmlns:s='u' b='&lt;1' s:c=\"x\ty\"><d/>e</s:a>\n";
    let mut scanner = Scanner::new();
    let root = scanner.scan(text, &XmlLimits::default()).expect("well-formed");
    assert_eq!(root.text(), text);
    assert_eq!(root.local_name(), "a");
    assert_eq!(root.prefix(), Some("s"));
    assert_eq!(root.namespace(), "u");
    assert!(root.is("a", "u"));
    assert!(root.has_declaration());
    assert!(!root.declares_default());
    assert_eq!(root.start(), 22);
    assert_eq!(text.get(root.start()..root.name_end()), Some("<s:a"));
    assert_eq!(text.get(root.end()..), Some("\n"));
    assert_eq!(Some(root.xml()), text.get(22..text.len() - 1));
    assert_eq!((root.depth(), root.elements(), root.attribute_count()), (2, 2, 2));
    let all: Vec<_> = root
        .attributes()
        .map(|attribute| {
            (attribute.prefix(), attribute.namespace(), attribute.local_name(), attribute.value())
        })
        .collect();
    assert_eq!(all, [(None, "", "b", "<1".into()), (Some("s"), "u", "c", "x y".into())]);
    let attribute = root.attribute("", "b").expect("it is there");
    assert_eq!(attribute.raw_value(), "&lt;1");
    assert_eq!(text.get(attribute.value_range()), Some("&lt;1"));
    assert!(root.attribute("", "c").is_none());
    assert!(root.attribute("u", "c").is_some());
}

#[test]
fn namespaces_count_by_value() {
    let mut scanner = Scanner::new();
    for (text, namespace) in [
        ("<a/>", ""),
        ("<a xmlns=''/>", ""),
        ("<a xmlns='u'><b xmlns='v'/></a>", "u"),
        ("<a xmlns='jabber&#58;client'/>", "jabber:client"),
        ("<a xmlns='&amp;&#x20;\t'/>", "&  "),
        ("<p:a xmlns:p='&#117;' xmlns='v' p:b=''/>", "u"),
        ("<p:a xmlns:p='u' xmlns='v'><p:b xmlns:p='w'/></p:a>", "u"),
        ("<a xmlns:p='x&#117;' xmlns='&#118;' xmlns:q='y&#117;'><b xmlns:r='z&#118;'/></a>", "v"),
        ("<xml:a/>", ns::XML),
    ] {
        let root = scanner.scan(text, &XmlLimits::default()).expect(text);
        assert_eq!(root.namespace(), namespace, "{text}");
    }
}

#[test]
fn prefixes_come_and_go() {
    // Prefixes that share beginnings, declared at once, shadowed and left again.
    let names = ["a", "ab", "abc", "b", "ba", "\u{e9}", "c1", "c2", "c3", "c33"];
    let each = |of: &dyn Fn(&str) -> String| names.map(of).concat();
    let declare = |uri| each(&|name| format!(" xmlns:{name}='{uri}{name}'"));
    let uses = each(&|name| format!("<{name}:x {name}:y=''/>"));
    let attributes = each(&|name| format!(" {name}:z=''"));
    let text = format!(
        "<x{}{attributes}>{uses}<y{}>{uses}</y>{uses}<y{}/>{uses}</x>",
        declare("u"),
        declare("v"),
        declare("&#117;")
    );
    let mut scanner = Scanner::new();
    let root = scanner.scan(&text, &XmlLimits::default()).expect("all are declared");
    for name in names {
        assert!(root.attribute(&format!("u{name}"), "z").is_some(), "{name}");
    }
    let document = root.read();
    let child = |place| document.root().children().nth(place).expect("as many");
    for (index, name) in names.iter().enumerate() {
        for place in [index, names.len() + 1 + index, 2 * names.len() + 2 + index] {
            assert_eq!(child(place).namespace(), format!("u{name}"));
            let attribute = child(place).attributes().next().expect("one");
            assert_eq!(attribute.namespace(), format!("u{name}"));
        }
        let inner = child(names.len()).children().nth(index).expect("as many");
        assert_eq!(inner.namespace(), format!("v{name}"));
    }
}

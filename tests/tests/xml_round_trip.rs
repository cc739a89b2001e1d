//! What is written is read again as it was.

use proptest::prelude::*;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::{Document, Element, Scanner, Writer};
use xmpp_ws_tests::{corpus, infoset};

fn read(text: &str) -> Document<'_> {
    let mut scanner = Scanner::new();
    let root = scanner.scan(text, &XmlLimits::default());
    root.unwrap_or_else(|fault| panic!("{fault}: {text}")).read()
}

#[test]
fn real_elements_written_anew() {
    let mut written = 0;
    for element in corpus::elements() {
        let document = read(&element);
        let mut names = Vec::new();
        let Some(anew) = write(document.root(), &mut names) else {
            continue;
        };
        assert_eq!(infoset::of(read(&anew).root()), infoset::of(document.root()), "{element}");
        written += 1;
    }
    eprintln!("{written} real elements were written anew and say the same");
}

/// Writes what an element says; `None` if it needs prefixes, which the writer has no use for.
fn write(root: Element<'_>, names: &mut Vec<&'static str>) -> Option<String> {
    let mut writer = Writer::new();
    let mut name = |name: &str| -> &'static str {
        names.iter().copied().find(|known| *known == name).unwrap_or_else(|| {
            let name = Box::leak(name.to_owned().into_boxed_str());
            names.push(name);
            name
        })
    };
    let mut left = vec![Some(root)];
    while let Some(next) = left.pop() {
        let Some(element) = next else {
            writer.end();
            continue;
        };
        writer.start(name(element.name()), element.namespace());
        for attribute in element.attributes() {
            let value = attribute.value();
            match attribute.namespace() {
                "" => writer.attribute(name(attribute.local_name()), &value),
                ns::XML => {
                    let qualified = format!("xml:{}", attribute.local_name());
                    writer.attribute(name(&qualified), &value)
                }
                _ => return None,
            };
        }
        writer.text(&element.text());
        left.push(None);
        let children: Vec<_> = element.children().map(Some).collect();
        left.extend(children.into_iter().rev());
    }
    Some(writer.finish().expect("what was read can be written").into())
}

fn is_xml(text: &str) -> bool {
    // XML 1.0 § 2.2, written anew.
    text.chars().all(|character| {
        !character.is_ascii_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
            || matches!(character, '\t' | '\n' | '\r' | '\x7f')
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value(
        text in "(\\PC|[\u{0}-\u{20}\u{fff0}-\u{ffff}<>&'\"\\]\r\n\t])*",
        value in "(\\PC|[\t\n\r <>&'\"])*",
        namespace in "([a-z:/]|[\t\n\r <>&'\"])*",
    ) {
        let written = Writer::new()
            .start("a", &namespace)
            .attribute("b", &value)
            .attribute("xml:lang", &text)
            .text(&text)
            .end()
            .finish();
        prop_assert_eq!(written.is_ok(), is_xml(&text) && is_xml(&value));
        let Ok(written) = written else { return Ok(()) };
        let document = read(&written);
        let root = document.root();
        prop_assert_eq!(root.namespace(), namespace);
        prop_assert_eq!(root.attribute("b"), Some(value.into()));
        prop_assert_eq!(root.attribute_ns(ns::XML, "lang"), Some(text.as_str().into()));
        prop_assert_eq!(root.text(), text);
    }
}

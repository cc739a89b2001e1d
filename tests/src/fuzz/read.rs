use xmpp_ws::xml::{Scanner, Writer};

use crate::{infoset, oracle};

/// Reading any text that the scanner takes: it gives what is there, and what it gives alone is the same again.
pub fn read(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut scanner = Scanner::new();
    let limits = oracle::unlimited();
    let Ok(root) = scanner.scan(text, &limits) else {
        return;
    };
    let document = root.read();
    let items = infoset::of(document.root());
    assert_eq!(items.len(), root.elements());
    assert_eq!(items.iter().map(|item| item.depth + 1).max(), Some(root.depth()));
    let attributes: usize = items.iter().map(|item| item.attributes.len()).sum();
    assert_eq!(attributes, root.attribute_count());
    assert_eq!(document.root().xml(), root.xml());
    assert_eq!(
        (document.root().name(), document.root().namespace()),
        (root.local_name(), root.namespace())
    );
    assert!(
        root.attributes()
            .map(|one| one.value())
            .eq(document.root().attributes().map(|one| one.value()))
    );

    // Put into another element, where another default namespace is, it is what it was.
    let mut inner = Scanner::new();
    for wrapped in [
        Writer::new().start("w", "urn:w").raw(&root).finish(),
        Writer::new().start("w", "urn:w").element(document.root()).finish(),
    ] {
        let wrapped = wrapped.expect("it was checked");
        let document = inner.scan(&wrapped, &limits).expect("it is good in another").read();
        let mut again = infoset::of(document.root());
        again.remove(0);
        for item in &mut again {
            item.depth -= 1;
        }
        assert_eq!(again, items, "{wrapped:?}");
    }

    // And so is each element that is in it, by itself.
    for child in document.root().children().take(8) {
        let alone = child.to_xml();
        let read = inner.scan(&alone, &limits).expect("it is good by itself").read();
        assert_eq!(infoset::of(read.root()), infoset::of(child), "{alone:?}");
    }
}

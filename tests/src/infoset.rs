//! What an element says, apart from how it is written: the measure by which two readings are the same.

use std::collections::BTreeMap;

use xmpp_ws::xml::Element;

/// One element of a tree, in the order of the start tags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Item {
    /// How many elements it is in.
    pub depth: usize,
    /// Its namespace, empty for none.
    pub namespace: String,
    /// Its local name.
    pub name: String,
    /// The values of its attributes by namespace and local name.
    pub attributes: BTreeMap<(String, String), String>,
    /// The text directly in it.
    pub text: String,
}

/// The infoset of an element that the library read.
pub fn of(root: Element<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut left = vec![(0, root)];
    while let Some((depth, element)) = left.pop() {
        items.push(Item {
            depth,
            namespace: element.namespace().to_owned(),
            name: element.name().to_owned(),
            attributes: element
                .attributes()
                .map(|attribute| {
                    let name =
                        (attribute.namespace().to_owned(), attribute.local_name().to_owned());
                    (name, attribute.value().into_owned())
                })
                .collect(),
            text: element.text().into_owned(),
        });
        let children: Vec<_> = element.children().map(|child| (depth + 1, child)).collect();
        left.extend(children.into_iter().rev());
    }
    items
}

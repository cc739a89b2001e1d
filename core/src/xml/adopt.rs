//! An element's content under another root.
//!
//! What the content borrows from its root is declared on the new one, each declaration once: somebody may have chosen a
//! long one for many elements. The new root has a default namespace of its own. So elements in the old default
//! namespace get a prefix, and one that has or holds an element of no namespace says so itself.

use std::collections::BTreeSet;

use super::element::Element;
use super::namespaces::Namespace;
use super::read::{Declaration, Node};
use super::root::Attribute;
use super::write::Writer;

impl Writer<'_> {
    /// Gives the element that has just begun, in another namespace than none, the attributes of a document's `root`
    /// that it `takes`, and the elements in it. The text beside those is left behind.
    pub(crate) fn adopt(&mut self, root: Element<'_>, takes: impl Fn(&Attribute<'_>) -> bool) {
        let borrowed = Borrowed::of(root, self.default_namespace());
        for (prefix, declaration) in &borrowed.declarations {
            self.declare(prefix, &declaration.uri);
        }
        for attribute in root.attributes().filter(takes) {
            self.copy_attribute(&attribute);
        }
        for child in root.children() {
            self.copy_element(child, &borrowed);
        }
    }

    fn copy_element(&mut self, element: Element<'_>, borrowed: &Borrowed<'_>) {
        self.close_tag();
        let mut at = element.node().whole.start;
        for (place, addition) in borrowed.additions(element) {
            self.markup(&[element.slice(at..place), addition]);
            at = place;
        }
        self.markup(&[element.slice(at..element.node().whole.end)]);
    }
}

/// What a root declares that is used in it.
struct Borrowed<'d> {
    /// With the prefix that each has from now on.
    declarations: Vec<(String, &'d Declaration<'d>)>,
    /// The default namespace, where its elements need a prefix from now on, and that with its colon.
    renamed: Option<(Namespace, String)>,
    /// What has no namespace, and would get one.
    unnamed: Vec<Namespace>,
}

impl<'d> Borrowed<'d> {
    fn of(root: Element<'d>, default: &str) -> Self {
        let declarations = &root.document.declarations;
        let used = used(root);
        let mut borrowed =
            Self { declarations: Vec::new(), renamed: None, unnamed: vec![Namespace::None] };
        for (number, declaration) in (0..).zip(declarations) {
            let namespace = Namespace::Declared(number);
            let is_own = declaration.element == 0;
            if !is_own || declaration.prefix == "xml" || !used.contains(&namespace) {
                continue;
            }
            if !declaration.prefix.is_empty() {
                borrowed.declarations.push((declaration.prefix.to_owned(), declaration));
            } else if declaration.uri.is_empty() {
                borrowed.unnamed.push(namespace);
            } else if declaration.uri != default {
                let prefix = unused_prefix(declarations);
                borrowed.renamed = Some((namespace, [&prefix, ":"].concat()));
                borrowed.declarations.push((prefix, declaration));
            }
        }
        borrowed
    }

    /// What an element needs in addition, and where, in the order of the places.
    fn additions(&self, element: Element<'_>) -> Vec<(usize, &str)> {
        let mut additions = Vec::new();
        let is_unnamed = |node: &Node| node.prefix == 0 && self.unnamed.contains(&node.namespace);
        if !element.node().declares_default && element.subtree().iter().any(is_unnamed) {
            additions.push((element.node().name_end, " xmlns=''"));
        }
        let Some((namespace, prefix)) = &self.renamed else { return additions };
        for node in element.subtree().iter().filter(|node| node.namespace == *namespace) {
            additions.push((node.whole.start + "<".len(), prefix.as_str()));
            if node.content.end < node.whole.end {
                additions.push((node.content.end + "</".len(), prefix));
            }
        }
        additions.sort_unstable_by_key(|(place, _)| *place);
        additions
    }
}

/// The namespaces of the elements in a root, and of all attributes.
fn used(root: Element<'_>) -> BTreeSet<Namespace> {
    let below = root.subtree().iter().skip(1).map(|node| node.namespace);
    below.chain(root.document.attributes.iter().map(|it| it.namespace)).collect()
}

fn unused_prefix(declarations: &[Declaration<'_>]) -> String {
    let used: BTreeSet<&str> = declarations.iter().map(|declaration| declaration.prefix).collect();
    let mut number = 0_usize;
    loop {
        let prefix = format!("n{number}");
        if !used.contains(prefix.as_str()) {
            return prefix;
        }
        number += 1;
    }
}

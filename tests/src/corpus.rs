//! Real elements, which are data and not part of the project: where they are, if they are there.

#![expect(clippy::missing_panics_doc, reason = "what is there must be readable")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Every element of every `*.framed.txt`, or an empty list, which is said in words.
pub fn elements() -> Vec<String> {
    let Some(directory) = directory("XMPP_WS_CORPUS", "corpus") else {
        return Vec::new();
    };
    let mut files: Vec<_> = fs::read_dir(&directory)
        .expect("the corpus can be listed")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.to_string_lossy().ends_with(".framed.txt"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("the corpus is UTF-8");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// A directory of data: what `variable` says, or else `shared/name` beside the checkout.
pub fn directory(variable: &str, name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    let path = env::var_os(variable).map_or(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("NOT CHECKED: there is no {}; {variable} can name another place", path.display());
    None
}

/// Elements that show what XML has, for where the real ones are not.
pub const SAMPLES: &[&str] = &[
    "<a/>",
    "<message xmlns='jabber:client' to='a@b' xml:lang='en'><body>a &lt; b &#38; c</body></message>",
    "<p:a xmlns:p='u' xmlns='v' p:b=\"1\" b='&quot;'><c xmlns=''>x]]<![CDATA[<y>]]></c ><p:d/></p:a>",
    "<iq xmlns='jabber:client' type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\n<resource >\u{e9}\u{1F600}</resource>\t</bind></iq>",
    "<?xml version='1.0' encoding=\"utf-8\"?> <a b = 'c' d='e'></a>\n",
    "<a xmlns:p='u' xmlns:q='v' p:x='' q:x='' x=''><p:\u{e9}.-_1 p:y='&#x10FFFF;'>&amp;&gt;&apos;</p:\u{e9}.-_1></a>",
];

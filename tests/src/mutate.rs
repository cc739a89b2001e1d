//! Damaging XML: at every place in turn, or at places that bytes or numbers choose.

/// Gives `each` every text that one edit makes of `text`: at each place something taken out, put in, or replaced.
pub fn at_every_place(text: &str, mut each: impl FnMut(&str)) {
    let ascii: Vec<String> = (0..0x80).map(|byte| char::from(byte).to_string()).collect();
    for (at, character) in text.char_indices() {
        let (before, rest) = text.split_at(at);
        let after = rest.strip_prefix(character).unwrap_or_default();
        each(&[before, after].concat());
        each(before);
        each(&[before, rest, rest].concat());
        for piece in PIECES {
            each(&[before, piece, rest].concat());
        }
        for piece in &ascii {
            each(&[before, piece, after].concat());
        }
    }
}

/// Makes as many edits as there are pairs of numbers: where, and what.
pub fn edited(text: &str, edits: impl IntoIterator<Item = (usize, usize)>) -> String {
    let mut text = text.to_owned();
    for (place, what) in edits {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let Some(&at) = places.get(place % places.len().max(1)) else {
            return text;
        };
        let (before, rest) = text.split_at(at);
        let after: String = rest.chars().skip(1).collect();
        let other = places.get(what.wrapping_mul(31) % places.len()).copied().unwrap_or(0);
        let (before_other, from_other) = text.split_at(other);
        let piece = PIECES.get(what / 4 % (PIECES.len() + 1)).copied();
        let piece = piece.unwrap_or(from_other.get(..8).unwrap_or(before_other));
        text = match what % 4 {
            0 => [before, &after].concat(),
            1 => [before, piece, rest].concat(),
            2 => [before, piece, &after].concat(),
            _ if text.len() < 4096 => [before, from_other].concat(),
            _ => before.to_owned(),
        };
    }
    text
}

/// Numbers that look random and are the same every time (xorshift, Marsaglia 2003).
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
}

impl Iterator for Numbers {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 32).ok()
    }
}

/// What matters somewhere in XML.
pub const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "=",
    "'",
    "\"",
    " ",
    "&",
    ";",
    ":",
    "]",
    "!",
    "?",
    "-",
    "\t",
    "\n",
    "\r",
    "\0",
    "\u{1}",
    "a",
    "b",
    "1",
    "_",
    ".",
    "\u{e9}",
    "\u{d7}",
    "\u{b7}",
    "\u{37e}",
    "\u{300}",
    "\u{2070}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{ff01}",
    "\u{feff}",
    "\u{1F600}",
    "\u{F0000}",
    "&amp;",
    "&lt;",
    "&quot;",
    "&#65;",
    "&#x41;",
    "&#0;",
    "&#1;",
    "&#xD800;",
    "&#xFFFE;",
    "&#x110000;",
    "&#;",
    "&#X41;",
    "&#00000000000065;",
    "&foo;",
    "&1;",
    "&amp",
    "]]>",
    "<![CDATA[",
    "<![CDATA[x]]>",
    "<![cdata[",
    "<!--",
    "<!-- x -->",
    "<?x?>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a>",
    "<!FOO>",
    "<a>",
    "</a>",
    "<a/>",
    "</",
    "/>",
    " xmlns='u'",
    " xmlns=''",
    " xmlns:p='u'",
    " xmlns:p=''",
    " xmlns:q='&#117;'",
    " xmlns:xml='u'",
    " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " xmlns:p='http://www.w3.org/XML/1998/namespace'",
    " xmlns='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xmlns='u'",
    " xmlns:p='http://www.w3.org/2000/xmlns/'",
    " xmlns='http://www.w3.org/2000/xmlns/'",
    " p:a=''",
    " q:a=''",
    " a=''",
    " a='1' a='2'",
    "p:",
    "q:",
    "xmlns:",
    "xml:",
    "a:b:c",
    " a",
    "a='1'b='2'",
    " a=1",
];

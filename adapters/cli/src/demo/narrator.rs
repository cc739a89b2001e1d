//! Prints the demo.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Prints scenes and frames on standard output.
#[derive(Debug)]
pub(super) struct Narrator {
    has_colour: bool,
    scenes: u32,
}

/// Which way a frame goes, seen from the client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Direction {
    Out,
    In,
}

impl Narrator {
    pub(super) fn new() -> Self {
        let has_colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        Self { has_colour, scenes: 0 }
    }

    /// The beginning of something new.
    pub(super) fn scene(&mut self, title: &str) {
        let gap = if self.scenes == 0 { "" } else { "\n" };
        self.scenes += 1;
        print(&format!("{gap}{}", self.styled(BOLD, &format!("{}. {title}", self.scenes))));
    }

    /// The last words.
    pub(super) fn end(&self, words: &str) {
        print(&format!("\n{}", self.styled(BOLD, words)));
    }

    /// One frame, or another thing that was seen or done.
    pub(super) fn frame(&mut self, who: &str, direction: Direction, words: &str, frame: &str) {
        let arrow = match direction {
            Direction::Out => "-->",
            Direction::In => "<--",
        };
        print(&format!("  {who:>5} {arrow} server  {words}"));
        for line in wrapped(frame, WIDTH - INDENT.len()) {
            print(&format!("{INDENT}{}", self.styled(FAINT, line)));
        }
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.has_colour { [style, text, PLAIN].concat() } else { text.to_owned() }
    }
}

/// Whoever closed our output does not want to see more.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Breaks a frame into lines: between tags where that fills most of a line, else between attributes, else anywhere.
fn wrapped(mut text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    while let Some((end, _)) = text.char_indices().nth(width) {
        let (head, tail) = text.split_at(end);
        let after = |found: Option<usize>| found.map(|at| at + 1);
        let starts_tag =
            |at: &usize| *at > end / 2 && text.get(*at..).is_some_and(|tag| !tag.starts_with("</"));
        let before_tag = head.rmatch_indices('<').map(|(at, _)| at).find(starts_tag);
        let behind_tag = after(head.rfind('>')).filter(|at| *at > end / 2);
        let space = if tail.starts_with(' ') { Some(end) } else { head.rfind(' ') };
        let at = before_tag.or(behind_tag).or_else(|| after(space)).unwrap_or(end);
        let (line, rest) = text.split_at(at);
        lines.push(line.trim_end());
        text = rest;
    }
    if !text.is_empty() {
        lines.push(text);
    }
    lines
}

const WIDTH: usize = 100;
const INDENT: &str = "                    ";
const BOLD: &str = "\u{1b}[1m";
const FAINT: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_frames_are_broken_where_it_reads_well() {
        assert_eq!(wrapped("", 10), [""; 0]);
        assert_eq!(wrapped("<a/>", 10), ["<a/>"]);
        assert_eq!(wrapped("<abc def='g' h='i'/>", 12), ["<abc def='g'", "h='i'/>"]);
        assert_eq!(wrapped("<abcdefgh/><b/>", 12), ["<abcdefgh/>", "<b/>"]);
        assert_eq!(wrapped("<abc def=''>ghijklm", 16), ["<abc def=''>", "ghijklm"]);
        assert_eq!(wrapped("<äöüäöüäöüäöü/>", 5), ["<äöüä", "öüäöü", "äöü/>"]);
    }
}

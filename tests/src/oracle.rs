//! Other parsers' opinions, and where they are known to be wrong.

use std::collections::BTreeMap;

use quick_xml::events::Event as QuickEvent;
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, Reader};
use rxml::{Event, Parse, Parser};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::{Fault, Rule, Scanner};

use crate::infoset::Item;

/// A difference to another parser that is known, and whose fault it is not.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Gap {
    /// rxml takes a default namespace that is declared twice in one tag.
    RxmlDuplicateDefault,
    /// rxml takes references to white space and empty CDATA sections after the root.
    RxmlAfterRoot,
    /// rxml takes a prefix, or the default, for the namespace of `xmlns`.
    RxmlReservedNamespace,
    /// rxml refuses a carriage return in a value, and at the end.
    RxmlCarriageReturn,
    /// rxml refuses the characters U+FDF0 to U+FFFD in names.
    RxmlHighName,
    /// rxml refuses a character reference with many zeros.
    RxmlLongReference,
    /// rxml drops carriage returns wherever they are, also from the version in an XML declaration.
    RxmlDeclaration,
    /// quick-xml does not check this, by design; the rule says what.
    QuickXml(QuickGap),
}

/// What quick-xml leaves to its callers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum QuickGap {
    /// Two attributes of one expanded name.
    ExpandedNames,
    /// No space between attributes, `<` in their values.
    AttributeSyntax,
    /// The characters of names, and where colons may be.
    Names,
    /// Characters that are none, themselves or as references.
    Characters,
    /// `]]>` in text.
    CdataEnd,
    /// What is outside the root, or that there is one.
    OutsideRoot,
    /// Where an XML declaration is, and what is in it.
    Declaration,
    /// Comments, processing instructions, DOCTYPE, which XML has and XMPP has not.
    Restricted,
    /// Markup that begins with `<!` and is none.
    Markup,
    /// Unbinding of prefixes, and the reserved namespaces.
    Namespaces,
    /// White space and other things before the end of a tag.
    TagSyntax,
}

/// How the library's verdict on a text compares with that of the others: what is known to differ, or words about a
/// difference that is not.
pub fn compare(text: &str) -> Result<Vec<Gap>, String> {
    let mut scanner = Scanner::new();
    let ours = scanner.scan(text, &unlimited()).map(|root| crate::infoset::of(root.read().root()));
    let mut gaps = Vec::new();
    match (&ours, &rxml(text)) {
        (Ok(ours), Ok(theirs)) if ours == theirs => {}
        (Err(_), Err(_)) => {}
        (ours, theirs) => {
            let gap = rxml_gap(text, ours.as_ref().err(), theirs.is_ok());
            let words = || format!("{text:?}: we say {ours:?}, rxml says {theirs:?}");
            gaps.push(gap.ok_or_else(words)?);
        }
    }
    match (&ours, quick_xml(text)) {
        (Ok(_), Ok(())) | (Err(_), Err(_)) => {}
        (Ok(_), Err(theirs)) => {
            return Err(format!("{text:?}: it is good, but quick-xml says {theirs}"));
        }
        (Err(fault), Ok(())) => {
            let words = || format!("{text:?}: we say {fault}, quick-xml takes it");
            gaps.push(quick_gap(fault.rule).map(Gap::QuickXml).ok_or_else(words)?);
        }
    }
    Ok(gaps)
}

fn rxml_gap(text: &str, ours: Option<&Fault>, they_take_it: bool) -> Option<Gap> {
    let here = |fault: &Fault| text.get(fault.offset..).unwrap_or_default();
    let Some(fault) = ours else {
        let has = |pattern: &dyn Fn(char) -> bool| text.contains(pattern);
        return if text.contains('\r') {
            Some(Gap::RxmlCarriageReturn)
        } else if has(&|character| ('\u{fdf0}'..='\u{fffd}').contains(&character)) {
            Some(Gap::RxmlHighName)
        } else if text.contains("&#0") || text.contains("&#x0") {
            Some(Gap::RxmlLongReference)
        } else {
            None
        };
    };
    if !they_take_it {
        return None;
    }
    match fault.rule {
        Rule::DuplicateAttribute if here(fault).starts_with("xmlns") => {
            Some(Gap::RxmlDuplicateDefault)
        }
        Rule::AfterRoot if here(fault).starts_with(['&', '<']) => Some(Gap::RxmlAfterRoot),
        Rule::Declaration if text.contains('\r') => Some(Gap::RxmlDeclaration),
        Rule::ReservedNamespace if text.contains(ns::XMLNS) => Some(Gap::RxmlReservedNamespace),
        _ => None,
    }
}

fn quick_gap(rule: Rule) -> Option<QuickGap> {
    Some(match rule {
        Rule::DuplicateExpandedName => QuickGap::ExpandedNames,
        Rule::AttributeSpace | Rule::AttributeValue => QuickGap::AttributeSyntax,
        Rule::Name | Rule::QualifiedName | Rule::AttributeEquals => QuickGap::Names,
        Rule::Character | Rule::CharacterReference => QuickGap::Characters,
        Rule::CdataEnd => QuickGap::CdataEnd,
        Rule::Empty | Rule::BeforeRoot | Rule::AfterRoot => QuickGap::OutsideRoot,
        Rule::Declaration | Rule::MisplacedDeclaration | Rule::Encoding => QuickGap::Declaration,
        Rule::Comment | Rule::ProcessingInstruction | Rule::Doctype => QuickGap::Restricted,
        Rule::Markup => QuickGap::Markup,
        Rule::EmptyNamespace | Rule::ReservedNamespace | Rule::ReservedPrefix => {
            QuickGap::Namespaces
        }
        Rule::Tag => QuickGap::TagSyntax,
        _ => return None,
    })
}

/// What rxml makes of it.
pub fn rxml(text: &str) -> Result<Vec<Item>, String> {
    let mut parser = Parser::new();
    let mut bytes = text.as_bytes();
    let mut items: Vec<Item> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match parser.parse(&mut bytes, true) {
            Ok(None) => return Ok(items),
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                let attributes: BTreeMap<_, _> = attributes
                    .iter()
                    .map(|((namespace, name), value)| {
                        ((namespace.as_str().to_owned(), name.to_string()), value.clone())
                    })
                    .collect();
                items.push(Item {
                    depth: open.len(),
                    namespace: namespace.as_str().to_owned(),
                    name: name.to_string(),
                    attributes,
                    text: String::new(),
                });
                open.push(items.len() - 1);
            }
            Ok(Some(Event::EndElement(_))) => {
                open.pop();
            }
            Ok(Some(Event::Text(_, text))) => {
                if let Some(item) = open.last().and_then(|&index| items.get_mut(index)) {
                    item.text.push_str(&text);
                }
            }
            Ok(Some(_)) => {}
            Err(error) => return Err(format!("{error:?}")),
        }
    }
}

/// What quick-xml says with all its checks, every name resolved, every attribute and reference looked at.
pub fn quick_xml(text: &str) -> Result<(), String> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut depth = 0_usize;
    let error = |error: &dyn std::fmt::Display| error.to_string();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|e| error(&e))?;
        if matches!(namespace, ResolveResult::Unknown(_)) {
            return Err("unknown prefix".to_owned());
        }
        match &event {
            QuickEvent::Start(tag) | QuickEvent::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.map_err(|e| error(&e))?;
                    quick_xml::escape::unescape(&attribute.value).map_err(|e| error(&e))?;
                    let (namespace, _) = reader.resolver().resolve_attribute(attribute.key);
                    if matches!(namespace, ResolveResult::Unknown(_)) {
                        return Err("unknown prefix".to_owned());
                    }
                }
                depth += usize::from(matches!(event, QuickEvent::Start(_)));
            }
            QuickEvent::End(_) => depth -= 1,
            QuickEvent::GeneralRef(reference) => {
                let raw = format!("&{};", &**reference);
                quick_xml::escape::unescape(&raw).map_err(|e| error(&e))?;
            }
            QuickEvent::Eof if depth > 0 => return Err("elements are open".to_owned()),
            QuickEvent::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Whether quick-xml's plain reader gets through it: the least that it checks.
pub fn quick_xml_reads(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(QuickEvent::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Limits that nothing passes.
pub fn unlimited() -> XmlLimits {
    let mut limits = XmlLimits::default();
    limits.max_depth = usize::MAX;
    limits.max_attributes = usize::MAX;
    limits.max_declarations = usize::MAX;
    limits.max_name_bytes = usize::MAX;
    limits
}

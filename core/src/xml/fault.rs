//! Which rule a text broke, and where.

use thiserror::Error;

use crate::condition::Condition;

/// Why a text is not one element of XMPP's restricted XML: the first rule that it breaks.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{rule} at byte {offset}")]
pub struct Fault {
    /// The rule that was broken.
    pub rule: Rule,
    /// Where: an offset in bytes into the scanned text, which is its length when it ends too early.
    pub offset: usize,
}

impl Fault {
    pub(super) const fn new(rule: Rule, offset: usize) -> Self {
        Self { rule, offset }
    }

    /// The stream error that answers this fault.
    pub fn condition(self) -> Condition {
        self.rule.condition()
    }
}

/// A rule of XML, of its namespaces, of XMPP's restriction of both, or a limit.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// There is no element at all: nothing, or only an XML declaration (XML 1.0 § 2.1).
    #[error("no element")]
    Empty,
    /// Something other than `<` comes first: white space, a byte order mark, text (RFC 7395 § 3.3.3).
    #[error("something before the element")]
    BeforeRoot,
    /// Something other than white space follows the element; the offset is where it starts (XML 1.0 § 2.1).
    #[error("something after the element")]
    AfterRoot,
    /// The text ends inside an element or a tag (XML 1.0 § 2.1, § 3).
    #[error("the text ends too early")]
    Unfinished,
    /// A character that no XML may hold, such as most control characters and U+FFFE (XML 1.0 § 2.2).
    #[error("a character that XML does not allow")]
    Character,
    /// A name must stand here, and none does (XML 1.0 § 2.3).
    #[error("not a name")]
    Name,
    /// A colon is not between two names without colons (Namespaces 1.0 § 4).
    #[error("not a qualified name")]
    QualifiedName,
    /// A tag holds something that has no place in it (XML 1.0 § 3.1).
    #[error("misplaced in a tag")]
    Tag,
    /// An end tag does not match its start tag, or has none (XML 1.0 § 3, "Element Type Match").
    #[error("the wrong end tag")]
    EndTag,
    /// No white space comes before an attribute (XML 1.0 § 3.1).
    #[error("no white space before an attribute")]
    AttributeSpace,
    /// An attribute has no `=` (XML 1.0 § 3.1).
    #[error("an attribute without an equals sign")]
    AttributeEquals,
    /// The value of an attribute has no quotes (XML 1.0 § 2.3).
    #[error("an attribute value without quotes")]
    AttributeQuotes,
    /// The value of an attribute holds a `<` (XML 1.0 § 3.1, "No < in Attribute Values").
    #[error("'<' in an attribute value")]
    AttributeValue,
    /// An element has two attributes of one name (XML 1.0 § 3.1, "Unique Att Spec").
    #[error("an attribute given twice")]
    DuplicateAttribute,
    /// An element has two attributes of one namespace and local name (Namespaces 1.0 § 6.3).
    #[error("an attribute given twice, under two prefixes")]
    DuplicateExpandedName,
    /// An `&` does not begin a reference (XML 1.0 § 4.1).
    #[error("'&' without a reference")]
    Reference,
    /// A character reference is malformed, or names what is no XML character (XML 1.0 § 4.1, "Legal Character").
    #[error("a reference to no character of XML")]
    CharacterReference,
    /// An entity other than the five that XML predefines (RFC 6120 § 11.1).
    #[error("an entity other than the predefined five")]
    Entity,
    /// `]]>` in text (XML 1.0 § 2.4).
    #[error("']]>' in text")]
    CdataEnd,
    /// `<!` begins nothing that XML knows (XML 1.0 § 2).
    #[error("markup that XML does not have")]
    Markup,
    /// A comment (RFC 6120 § 11.1).
    #[error("a comment")]
    Comment,
    /// A processing instruction (RFC 6120 § 11.1).
    #[error("a processing instruction")]
    ProcessingInstruction,
    /// A document type declaration (RFC 6120 § 11.1).
    #[error("a document type declaration")]
    Doctype,
    /// An XML declaration is malformed, or is for another version than 1.0 (XML 1.0 § 2.8).
    #[error("a malformed XML declaration")]
    Declaration,
    /// An XML declaration elsewhere than at the very beginning (XML 1.0 § 2.8, § 2.6).
    #[error("a misplaced XML declaration")]
    MisplacedDeclaration,
    /// An XML declaration names an encoding other than UTF-8 (RFC 6120 § 11.6).
    #[error("an encoding other than UTF-8")]
    Encoding,
    /// A prefix is not bound to a namespace (Namespaces 1.0 § 5, "Prefix Declared").
    #[error("an unbound prefix")]
    UnboundPrefix,
    /// `xmlns` is declared or used as an element's prefix, or `xml` declared as something else (Namespaces 1.0 § 3).
    #[error("a reserved prefix")]
    ReservedPrefix,
    /// A namespace that belongs to `xml` or `xmlns` is bound to another prefix, or as default (Namespaces 1.0 § 3).
    #[error("a reserved namespace")]
    ReservedNamespace,
    /// A prefix is bound to nothing (Namespaces 1.0 § 5, "No Prefix Undeclaring").
    #[error("a prefix bound to nothing")]
    EmptyNamespace,
    /// More than [`max_depth`](crate::limits::XmlLimits::max_depth).
    #[error("nested too deeply")]
    TooDeep,
    /// More than [`max_attributes`](crate::limits::XmlLimits::max_attributes).
    #[error("too many attributes")]
    TooManyAttributes,
    /// More than [`max_declarations`](crate::limits::XmlLimits::max_declarations).
    #[error("too many namespace declarations")]
    TooManyDeclarations,
    /// More than [`max_name_bytes`](crate::limits::XmlLimits::max_name_bytes).
    #[error("a name too long")]
    NameTooLong,
    /// More than 4 GiB of text, which this scanner does not address.
    #[error("a text too long")]
    TextTooLong,
}

impl Rule {
    /// The stream error that answers a breach of this rule.
    pub fn condition(self) -> Condition {
        match self {
            Self::Empty
            | Self::BeforeRoot
            | Self::AfterRoot
            | Self::Unfinished
            | Self::Character
            | Self::Name
            | Self::QualifiedName
            | Self::Tag
            | Self::EndTag
            | Self::AttributeSpace
            | Self::AttributeEquals
            | Self::AttributeQuotes
            | Self::AttributeValue
            | Self::DuplicateAttribute
            | Self::DuplicateExpandedName
            | Self::Reference
            | Self::CharacterReference
            | Self::CdataEnd
            | Self::Markup
            | Self::Declaration
            | Self::MisplacedDeclaration
            | Self::UnboundPrefix
            | Self::ReservedPrefix
            | Self::ReservedNamespace
            | Self::EmptyNamespace => Condition::NotWellFormed,
            Self::Entity | Self::Comment | Self::ProcessingInstruction | Self::Doctype => {
                Condition::RestrictedXml
            }
            Self::Encoding => Condition::UnsupportedEncoding,
            Self::TooDeep
            | Self::TooManyAttributes
            | Self::TooManyDeclarations
            | Self::NameTooLong
            | Self::TextTooLong => Condition::PolicyViolation,
        }
    }
}

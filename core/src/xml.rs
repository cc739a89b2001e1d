//! The XML of one message: a strict scanner, reading, and a writer.
//!
//! RFC 7395 § 3.3.3 makes each WebSocket message one element that stands for itself. [`Scanner::scan`] says whether a
//! text is that, in one pass: the answer is either a [`Root`], with its name, its namespace and the places of its
//! attributes, or the first rule that the text breaks and where ([`Fault`]). [`Root::read`] opens what was checked;
//! nothing is checked twice. [`Writer`] makes what is sent.
//!
//! # What is checked
//!
//! XML 1.0, fifth edition, and Namespaces in XML 1.0, completely, for documents without a DTD; and XMPP's restriction
//! of both (RFC 6120 § 11). No fault is repaired. These are the places where a standard leaves a choice, or where
//! XMPP departs from XML:
//!
//! | what | here | why |
//! |---|---|---|
//! | comments, processing instructions, DOCTYPE, entities other than the five | refused | RFC 6120 § 11.1 |
//! | an XML declaration | tolerated as the very first thing, for version 1.0 | RFC 6120 § 11.5; a higher layer may refuse it: [`Root::has_declaration`] |
//! | an encoding other than UTF-8 | refused | RFC 6120 § 11.6 |
//! | white space, a byte order mark or text before the element | refused | RFC 7395 § 3.3.3 |
//! | white space after the element | allowed | XML 1.0 § 2.1 |
//! | characters of names | those of the fifth edition | RFC 6120 names no edition; the fifth takes what earlier ones take |
//! | depth, attributes, declarations, length of names | bounded by [`XmlLimits`](crate::limits::XmlLimits) | RFC 6120 § 13.12 |
//! | namespace names | any string but the reserved two | Namespaces 1.0 § 2.2 compares them as strings |
//!
//! Character references in a namespace name count by value (Namespaces 1.0 § 2.3), so that no two spellings of one
//! name pass for two.

mod adopt;
mod attributes;
mod block;
mod bytes;
mod declaration;
mod element;
mod fault;
mod names;
mod namespaces;
mod padded;
mod plain;
mod prefixes;
mod read;
mod references;
mod root;
mod scan;
mod search;
mod strings;
mod tag;
mod write;

/// A buffer to write into, of the crate `bytes`: see [`Writer::with_buffer`].
pub use ::bytes::BytesMut;
pub use element::Element;
pub use fault::{Fault, Rule};
pub use read::Document;
pub(crate) use references::value as unescape_attribute;
pub use root::{Attribute, Root};
pub use scan::Scanner;
pub(crate) use write::quotable;
pub use write::{Unwritable, Writer};

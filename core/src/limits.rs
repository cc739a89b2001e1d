//! What a peer may make us hold, do or wait for.

use std::time::Duration;

/// The bounds on one element's XML, whoever sent it.
///
/// A message that passes one of them is answered with `<policy-violation/>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct XmlLimits {
    /// How deep elements may nest, the root counting as 1. Default: 128.
    pub max_depth: usize,
    /// How many attributes one element may have, namespace declarations not counted. Default: 128.
    pub max_attributes: usize,
    /// How many namespace declarations may be in scope at once. Default: 128.
    pub max_declarations: usize,
    /// How long a qualified name may be, in bytes. Default: 1,024.
    pub max_name_bytes: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self {
            max_depth: DEFAULT_MAX_DEPTH,
            max_attributes: DEFAULT_MAX_ATTRIBUTES,
            max_declarations: DEFAULT_MAX_DECLARATIONS,
            max_name_bytes: DEFAULT_MAX_NAME_BYTES,
        }
    }
}

/// The bounds on what a server may make a client compute (RFC 5802 § 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScramLimits {
    /// The fewest iterations that are taken from a server; with fewer, whoever listens guesses cheaply. Default: 4,096.
    pub min_iterations: u32,
    /// The most iterations that are taken from a server. Default: 2,000,000.
    pub max_iterations: u32,
}

impl Default for ScramLimits {
    fn default() -> Self {
        Self {
            min_iterations: DEFAULT_MIN_ITERATIONS,
            max_iterations: DEFAULT_MAX_ITERATIONS,
        }
    }
}

// Precedents: 3,000 levels crashed a well-known server's whole VM; Tigase takes 1,000 elements a stanza; the
// deepest example in the XEPs has 15 levels. libxml2 stops at 256 levels.
const DEFAULT_MAX_DEPTH: usize = 128;
// Precedents: Tigase takes 50 attributes an element; the largest example in the XEPs has 15.
const DEFAULT_MAX_ATTRIBUTES: usize = 128;
// Precedent: quick-xml's NsReader takes 128 bindings.
const DEFAULT_MAX_DECLARATIONS: usize = 128;
// Precedents: Tigase takes names of 1,024 characters, rxml of 8 KiB.
const DEFAULT_MAX_NAME_BYTES: usize = 1024;
// Precedents: RFC 5802 § 5.1 and RFC 7677 § 4 have servers ask for at least 4,096; the clients of Cyrus SASL and
// MongoDB insist on it.
const DEFAULT_MIN_ITERATIONS: u32 = 4096;
// Precedents: OWASP recommends 600,000 to servers with SHA-256, and more than a million with SHA-1, so less would
// lock users out; Cyrus SASL takes 65,536, node-postgres 100,000, Bun 10,000,000.
const DEFAULT_MAX_ITERATIONS: u32 = 2_000_000;

//! One message's XML.
use crate::condition::Condition;
/// A broken rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{rule:?} at byte {offset}")]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// The place.
    pub offset: usize,
}
/// A rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Any.
    Any,
}
impl Rule {
    /// The condition.
    pub fn condition(self) -> Condition {
        Condition::NotWellFormed
    }
}
/// What XML cannot carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("XML cannot carry {character:?}")]
pub struct Unwritable {
    /// The character.
    pub character: char,
}

//! Stream management (XEP-0198, `urn:xmpp:sm:3`) as plain data: its elements, its counters, and what is kept so that a
//! session can go on over another connection.

mod element;
mod ledger;
mod stored;
mod suspended;

pub(crate) use self::element::{
    Element, Enable, Enabled, Failed, Handled, Position, handled_count_too_high, request,
};
pub(crate) use self::ledger::{CountTooHigh, Kept, Ledger};
pub(crate) use self::stored::Stored;
pub use self::suspended::Suspended;
pub(crate) use self::suspended::{Move, Resumable};

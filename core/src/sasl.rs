//! SASL.
/// What the server did wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[error("wrong")]
pub enum SaslFault {
    /// Any.
    Any,
}

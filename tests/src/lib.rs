//! What the tests and the fuzz targets of `xmpp-ws` share.

pub mod corpus;
pub mod fuzz;
pub mod infoset;
pub mod mutate;
pub mod oracle;

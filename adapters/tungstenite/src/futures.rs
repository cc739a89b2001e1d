//! All of an adapter but dialing and sleeping, for byte streams of the crate `futures-io`.

mod accept;
mod bytes;
mod dial;
#[cfg(feature = "futures-rustls")]
mod fetch;
mod link;
mod stream;
#[cfg(feature = "futures-rustls")]
mod tls;

pub use accept::accept;
pub use dial::{ClientIo, Dialer, connect, upgrade};
pub use link::{FuturesBytes, Link, SocketIo, client_socket, server_socket};
pub use stream::ClientStream;
#[cfg(feature = "futures-rustls")]
pub use tls::accept_tls;

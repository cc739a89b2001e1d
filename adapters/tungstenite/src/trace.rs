//! What is dialed and accepted, for `tracing`.

use std::net::SocketAddr;

use crate::accept::AcceptError;
use xmpp_ws::endpoint::DialError;
use xmpp_ws::uri::Uri;

#[cfg(feature = "tracing")]
mod told {
    use super::{AcceptError, DialError, SocketAddr, Uri};

    pub(crate) fn trying(uri: &Uri, address: SocketAddr) {
        tracing::debug!(%uri, %address, "connecting");
    }

    pub(crate) fn failed(uri: &Uri, error: &DialError) {
        tracing::debug!(%uri, %error, "not connected");
    }

    pub(crate) fn accepted(error: Option<&AcceptError>) {
        match error {
            None => tracing::debug!("accepted"),
            Some(error) => tracing::debug!(%error, "not accepted"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod told {
    use super::{AcceptError, DialError, SocketAddr, Uri};

    pub(crate) fn trying(_: &Uri, _: SocketAddr) {}
    pub(crate) fn failed(_: &Uri, _: &DialError) {}
    pub(crate) fn accepted(_: Option<&AcceptError>) {}
}

pub(crate) use told::{accepted, failed, trying};

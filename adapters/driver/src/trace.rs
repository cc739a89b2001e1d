//! What goes in and out, for `tracing`; never its content, which may be a password.

use xmpp_ws::endpoint::{Input, Transmit};

#[cfg(feature = "tracing")]
pub(crate) fn input(input: &Input) {
    match input {
        Input::Text(text) => tracing::trace!(bytes = text.len(), "text in"),
        Input::Connected(connection) => tracing::debug!(secure = connection.secure, "connected"),
        Input::Fetched(fetch) => tracing::debug!(uri = %fetch.uri, "fetched"),
        other => tracing::debug!(?other, "in"),
    }
}

#[cfg(feature = "tracing")]
pub(crate) fn transmit(transmit: &Transmit) {
    match transmit {
        Transmit::Text(text) => tracing::trace!(bytes = text.len(), "text out"),
        other => tracing::debug!(?other, "out"),
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn input(_: &Input) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn transmit(_: &Transmit) {}

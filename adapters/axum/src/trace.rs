//! Who is accepted and refused, for `tracing`.

use std::net::IpAddr;

use axum::http::StatusCode;

#[cfg(feature = "tracing")]
mod told {
    use super::{IpAddr, StatusCode};

    pub(crate) fn accepted(address: Option<IpAddr>) {
        tracing::debug!(?address, "accepted");
    }

    pub(crate) fn refused(status: StatusCode, why: &str) {
        tracing::debug!(%status, why, "refused");
    }

    pub(crate) fn not_upgraded(error: &hyper::Error) {
        tracing::debug!(%error, "the client went before its WebSocket was open");
    }

    pub(crate) fn unread() {
        tracing::debug!("the client did not read that its WebSocket is open");
    }

    pub(crate) fn cut_off(left: usize) {
        tracing::warn!(left, "some clients did not go, and are cut off");
    }
}

#[cfg(not(feature = "tracing"))]
mod told {
    use super::{IpAddr, StatusCode};

    pub(crate) fn accepted(_: Option<IpAddr>) {}
    pub(crate) fn refused(_: StatusCode, _: &str) {}
    pub(crate) fn not_upgraded(_: &hyper::Error) {}
    pub(crate) fn unread() {}
    pub(crate) fn cut_off(_: usize) {}
}

pub(crate) use told::{accepted, cut_off, not_upgraded, refused, unread};

//! The bytes that steer a walk, and what is made of them.

use std::time::Duration;

use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input};
use xmpp_ws::error::WebSocketFault;
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;

/// The bytes that steer a walk; zeros when they are used up.
pub(super) struct Script<'a>(pub(super) &'a [u8]);

impl<'a> Script<'a> {
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = usize::from(self.byte()) % choices.len();
        *choices.get(index).expect("less than there are")
    }

    /// As much text as comes.
    pub(super) fn text(&mut self) -> &'a str {
        let (text, rest) = self.0.split_at(usize::from(self.byte() % 48).min(self.0.len()));
        self.0 = rest;
        let legal = str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
        text.get(..legal).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }
}

/// Limits as a walk has them: mostly small, so that they are reached.
pub(super) fn limits(script: &mut Script<'_>) -> Limits {
    let mut limits = Limits::default();
    let kind = script.byte();
    limits.scram.min_iterations = 1;
    if kind & 1 == 0 {
        limits.max_queued_messages = 4;
        limits.max_queued_bytes = 2000;
        limits.max_unacknowledged = 5;
        limits.max_unacknowledged_bytes = 1500;
        limits.max_queued_events = 3;
        limits.max_held_messages = 3;
        limits.max_pending_iqs = 2;
        limits.max_message_bytes = 1000;
        limits.max_message_bytes_unauthenticated = 600;
    }
    if kind & 2 == 0 {
        limits.ping_after = None;
    }
    limits
}

pub(super) fn tolerance(script: &mut Script<'_>) -> Tolerance {
    if script.byte() & 1 == 0 { Tolerance::default() } else { Tolerance::strict() }
}

/// One of the inputs that are no text.
pub(super) fn input(script: &mut Script<'_>) -> Input {
    match script.byte() % 16 {
        0 => Input::Binary,
        1 => Input::Ping,
        2 => Input::Pong,
        3 => Input::Unreadable(WebSocketFault::TooLong),
        4 => Input::Unreadable(WebSocketFault::NotUtf8),
        5 => Input::Unreadable(WebSocketFault::Protocol),
        6 => Input::Closed { code: None },
        7 => Input::Closed { code: Some(1000) },
        8 => Input::Unwritable,
        9 => Input::Lost,
        10 | 11 => Input::Connected(Connection::new(script.byte() & 1 == 0)),
        12 => refused(),
        _ => Input::Timeout,
    }
}

/// A dial comes to nothing.
pub(super) fn refused() -> Input {
    Input::ConnectFailed(DialError::new(DialErrorKind::Unreachable, "nobody there"))
}

pub(super) const TIMES: &[Duration] = &[
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_millis(100),
    Duration::from_secs(2),
    Duration::from_secs(20),
    Duration::from_secs(50),
    Duration::from_secs(3600),
];

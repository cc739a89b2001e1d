//! What may still come in one direction of a stream (RFC 7395 § 3.4 to § 3.6).

use crate::error::Violation;
use crate::frame::Frame;

/// One direction of a stream: what may still come in it.
///
/// | half     | open | element | error  | close  |
/// |----------|------|---------|--------|--------|
/// | Unopened | Open | -       | Failed | Closed |
/// | Open     | -    | Open    | Failed | Closed |
/// | Reopened | -    | -       | Failed | Closed |
/// | Failed   | -    | -       | -      | Closed |
/// | Closed   | -    | -       | -      | -      |
///
/// An error may come before any `<open/>`: its reason must not be lost. (The test at the end of this file reads
/// this table and holds [`Half::after`] to it.)
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Half {
    Unopened,
    Open,
    /// Opened once more, as some servers do before they say why they end it. The table never leads here:
    /// [`Tolerance::open_before_end`](crate::tolerance::Tolerance::open_before_end) does.
    Reopened,
    Failed,
    Closed,
}

/// What the table tells apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Open,
    Element,
    Error,
    Close,
}

impl Half {
    /// The half after a message of this kind; `None`: it may not come now.
    pub(super) const fn after(self, kind: Kind) -> Option<Self> {
        Some(match (self, kind) {
            (Self::Unopened, Kind::Open) | (Self::Open, Kind::Element) => Self::Open,
            (Self::Unopened | Self::Open | Self::Reopened, Kind::Error) => Self::Failed,
            (Self::Unopened | Self::Open | Self::Reopened | Self::Failed, Kind::Close) => {
                Self::Closed
            }
            _ => return None,
        })
    }

    /// Which rule a message breaks that the table does not allow.
    pub(super) const fn violation(self, kind: Kind) -> Violation {
        match (self, kind) {
            // RFC 7395 § 3.3.2: where the header is due, anything else is of the wrong namespace.
            (Self::Unopened, _) => Violation::WrongNamespace,
            (_, Kind::Open) | (Self::Reopened, _) => Violation::OpenedTwice,
            (_, Kind::Element) => Violation::OutOfOrder("element"),
            (_, Kind::Error) => Violation::OutOfOrder("error"),
            (_, Kind::Close) => Violation::OutOfOrder("close"),
        }
    }
}

impl Kind {
    pub(super) const fn of(frame: &Frame) -> Self {
        match frame {
            Frame::Open(_) => Self::Open,
            Frame::Features(_) | Frame::Stanza(_) | Frame::Nonza(_) => Self::Element,
            Frame::Error(_) | Frame::ErrorAndClose(..) => Self::Error,
            Frame::Close(_) => Self::Close,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Half, Kind};

    const HALVES: [Half; 5] =
        [Half::Unopened, Half::Open, Half::Reopened, Half::Failed, Half::Closed];
    const KINDS: [Kind; 4] = [Kind::Open, Kind::Element, Kind::Error, Kind::Close];

    #[test]
    fn the_table_in_the_docs_is_the_table_in_the_code() {
        let rows: Vec<&str> = include_str!("half.rs")
            .lines()
            .filter(|line| line.starts_with("/// | ") && !line.contains("half "))
            .collect();
        assert_eq!(rows.len(), HALVES.len());
        for (half, row) in HALVES.into_iter().zip(rows) {
            let mut cells = row.trim_start_matches("///").split('|').map(str::trim).skip(1);
            assert_eq!(cells.next(), Some(format!("{half:?}").as_str()));
            for kind in KINDS {
                let expected = half.after(kind).map_or("-".into(), |after| format!("{after:?}"));
                assert_eq!(cells.next(), Some(expected.as_str()), "{half:?} after {kind:?}");
            }
        }
    }
}

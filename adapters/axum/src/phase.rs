//! Whether connections go on, are to end, or are cut off.

use tokio::sync::watch;

/// What every connection is to do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Phase {
    Serve,
    /// To end its stream in good order.
    End,
    /// To be gone.
    Cut,
}

/// One connection's view of it; it counts for as long as it is there.
#[derive(Clone, Debug)]
pub(crate) struct Watch(watch::Receiver<Phase>);

impl Watch {
    pub(crate) fn of(sender: &watch::Sender<Phase>) -> Self {
        Self(sender.subscribe())
    }

    /// Waits until that phase has come, or a later one. May be dropped and called again.
    pub(crate) async fn until(&mut self, phase: Phase) {
        // An error means that nobody is left who could say so.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}

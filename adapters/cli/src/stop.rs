//! When to stop: the signals, and the word of it to every task.

use tokio::sync::watch;

/// Waits until all shall stop. Each task has its own.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Says that all shall stop. To drop it says the same.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

pub(crate) fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until all shall stop; may be dropped and called again.
    pub(crate) async fn wait(&mut self) {
        // An error means that nobody is left who could say so.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Waits for whoever sits at the terminal, or the system, to ask for the end.
#[cfg(unix)]
pub(crate) async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = tokio::signal::ctrl_c() => outcome,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for whoever sits at the terminal to ask for the end.
#[cfg(not(unix))]
pub(crate) async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

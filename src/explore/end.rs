//! [`End`]: what tells the process to end.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and, where there is such a thing, the signal to terminate; heard from the moment when this is made.
pub(super) struct End {
    #[cfg(unix)]
    signals: [Signal; 2],
}

impl End {
    /// Listens from now on.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
    }

    /// Listens from now on.
    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Returns when the process is told to end.
    #[cfg(unix)]
    pub(super) async fn comes(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// Returns when the process is told to end.
    #[cfg(not(unix))]
    pub(super) async fn comes(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

//! The signals that tell a process to end.

use std::future::Future;
use std::{io, thread};

use tokio::runtime::Builder;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What told the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Ctrl-C.
    Interrupted,
    /// The signal to terminate, where there is such a thing.
    Terminated,
}

impl End {
    /// The exit code that says so: 128 and the number of the signal.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Ctrl-C and, where there is such a thing, the signal to terminate.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

/// Hears signals from now on, and does with them on a thread of its own, which depends on nobody, what `act` says.
pub(crate) fn on_a_thread<F: Future<Output = ()>>(act: impl FnOnce(Signals) -> F + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    thread::Builder::new().name("signals".into()).spawn(move || runtime.block_on(act(signals)))?;
    Ok(())
}

#[cfg(unix)]
impl Signals {
    /// Hears them from now on, inside a runtime that has I/O.
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns when the next one comes.
    pub(crate) async fn next(&mut self) -> End {
        tokio::select! {
            _ = self.interrupt.recv() => End::Interrupted,
            _ = self.terminate.recv() => End::Terminated,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Hears them from now on, inside a runtime that has I/O.
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Returns when the next one comes.
    pub(crate) async fn next(&mut self) -> End {
        let _ = tokio::signal::ctrl_c().await;
        End::Interrupted
    }
}

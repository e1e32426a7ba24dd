//! [`Ending`]: the signals that end the page, and how long an orderly end may take.
//!
//! They are heard on a thread of their own, which depends on nobody: after the first signal there are [`FAREWELL`] to end in good
//! order, after a second one none.

use std::time::Duration;
use std::{io, process, thread};

use tokio::runtime;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// How long connections and attacks have to end once the process is told to.
const FAREWELL: Duration = Duration::from_secs(2);

/// What ended the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Ctrl-C.
    Interrupted,
    /// The signal to terminate, where there is such a thing.
    Terminated,
}

impl End {
    /// The exit code that says so: 128 and the number of the signal.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// The end of the page, for everybody who must know when it comes.
#[derive(Debug, Clone)]
pub struct Ending(watch::Receiver<Option<End>>);

impl Ending {
    /// Hears signals from now on, until all copies of this are dropped.
    ///
    /// # Errors
    /// If the system does not let it.
    pub fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::listen()?
        };
        let (told, heard) = watch::channel(None);
        let listening = async move {
            let end = tokio::select! {
                end = signals.next() => end,
                () = told.closed() => return,
            };
            let _ = told.send(Some(end));
            tokio::select! {
                () = told.closed() => return,
                _ = signals.next() => {}
                () = sleep(FAREWELL) => {}
            }
            process::exit(end.exit_code().into());
        };
        thread::Builder::new().name("signals".into()).spawn(move || runtime.block_on(listening))?;
        Ok(Self(heard))
    }

    /// Returns when the end has come.
    pub(super) async fn comes(&mut self) -> End {
        // Nobody left who could say what came: that is an end too.
        self.0.wait_for(Option::is_some).await.ok().and_then(|end| *end).unwrap_or(End::Interrupted)
    }
}

/// Ctrl-C and, where there is such a thing, the signal to terminate.
struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> End {
        tokio::select! {
            _ = self.interrupt.recv() => End::Interrupted,
            _ = self.terminate.recv() => End::Terminated,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) -> End {
        let _ = tokio::signal::ctrl_c().await;
        End::Interrupted
    }
}

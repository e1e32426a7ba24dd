//! [`Ending`]: the signals that end the page, and how long an orderly end may take.
//!
//! They are heard on a thread of their own, which depends on nobody: after the first signal there are [`FAREWELL`] to end in good
//! order, after a second one none.

use std::time::Duration;
use std::{io, process};

use tokio::sync::watch;
use tokio::time::sleep;

use crate::signals::{End, on_a_thread};

/// How long connections and attacks have to end once the process is told to.
const FAREWELL: Duration = Duration::from_secs(2);

/// The end of the page, for everybody who must know when it comes.
#[derive(Debug, Clone)]
pub(crate) struct Ending(watch::Receiver<Option<End>>);

impl Ending {
    /// Hears signals from now on, until all copies of this are dropped.
    pub(crate) fn listen() -> io::Result<Self> {
        let (told, heard) = watch::channel(None);
        on_a_thread(|mut signals| async move {
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
        })?;
        Ok(Self(heard))
    }

    /// Returns when the end has come.
    pub(super) async fn comes(&mut self) -> End {
        // Nobody left who could say what came: that is an end too.
        self.0.wait_for(Option::is_some).await.ok().and_then(|end| *end).unwrap_or(End::Interrupted)
    }
}

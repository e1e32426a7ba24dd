//! SIGINT and SIGTERM: one line on how to go on, nothing half-written left behind, exit code 130 or 143. A second signal ends the process
//! at once. (`explore` has an end of its own, which answers those who still ask.)

use std::io;
use std::path::PathBuf;
use std::process::exit;
use std::thread;

use super::flags::Command;
use super::say::tell;
use crate::files::abandon;
use crate::signals::Signals;

/// What to say of a command that is interrupted after these files took their places.
type Advice = Box<dyn FnOnce(&[PathBuf]) -> String + Send>;

/// Hears the signals from now on, if the command writes files. Where the system does not let it, its own way to end a process stays.
pub(super) fn listen(command: &Command) {
    let advice: Advice = match command {
        Command::Train(flags) => {
            let resumed = flags.resume;
            Box::new(move |placed| training(resumed || !placed.is_empty()))
        }
        Command::Evaluate(_) => Box::new(|_| "the same command again keeps the sets that are finished".into()),
        Command::Attack(_) | Command::Detect(_) | Command::Figures(_) | Command::Report(_) => Box::new(finished),
        Command::Explore(_) | Command::List(_) => return,
    };
    let _ = thread::Builder::new().name("signals".into()).spawn(|| hear(advice));
}

fn training(kept: bool) -> String {
    if kept {
        "the same command with --resume goes on after the last epoch that was finished".into()
    } else {
        "no epoch was finished and nothing was written".into()
    }
}

fn finished(placed: &[PathBuf]) -> String {
    if placed.is_empty() {
        return "nothing was written".into();
    }
    let placed: Vec<String> = placed.iter().map(|path| path.display().to_string()).collect();
    format!("finished with {}; nothing else was written", placed.join(", "))
}

fn hear(advice: Advice) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let code = signals.next().await.exit_code().into();
        // On a thread of its own: it may wait for files that are taking their places, or for a full pipe.
        thread::spawn(move || {
            let placed = abandon();
            tell(format_args!("interrupted: {}", advice(&placed)));
            exit(code);
        });
        exit(signals.next().await.exit_code().into())
    })
}

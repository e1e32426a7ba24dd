//! SIGINT and SIGTERM: one line on how to go on, nothing half-written left behind, exit code 130 or 143. A second signal ends the process
//! at once. (`explore` has an end of its own, which answers those who still ask.)

use std::path::PathBuf;
use std::process::exit;
use std::thread;

use super::out::tell;
use crate::files::abandon;
use crate::signals::on_a_thread;

/// What to say of a command that is interrupted after these files took their places.
pub(crate) type Advice = Box<dyn FnOnce(&[PathBuf]) -> String + Send>;

/// Hears the signals from now on, for a command that writes files. Where the system does not let it, its own way to end a process stays.
pub(crate) fn listen(advice: Advice) {
    let _ = on_a_thread(|mut signals| async move {
        let code = signals.next().await.exit_code().into();
        // On a thread of its own: it may wait for files that are taking their places, or for a full pipe.
        thread::spawn(move || {
            let placed = abandon();
            tell(format_args!("interrupted: {}", advice(&placed)));
            exit(code);
        });
        exit(signals.next().await.exit_code().into());
    });
}

/// The advice on a command whose files take their places at its end.
pub(crate) fn finished(placed: &[PathBuf]) -> String {
    if placed.is_empty() {
        return "nothing was written".into();
    }
    let placed: Vec<String> = placed.iter().map(|path| path.display().to_string()).collect();
    format!("finished with {}; nothing else was written", placed.join(", "))
}

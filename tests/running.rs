//! The built binary, running: to be looked at, told to end, or killed.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::Finished;

/// A run in a folder.
pub(crate) struct Running(Child);

impl Running {
    /// Starts `robust` in `folder` with words separated by spaces.
    pub(crate) fn start(folder: &Path, arguments: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
        command.args(arguments.split_whitespace()).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until `is_so`; the run must not end before.
    pub(crate) fn until(&mut self, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(self.0.try_wait().unwrap().is_none(), "the run was over too soon");
            assert!(start.elapsed() < Duration::from_secs(300), "waited in vain");
            sleep(Duration::from_micros(200));
        }
    }

    /// Waits until it has the lock of a folder.
    pub(crate) fn until_it_writes_to(&mut self, folder: &Path) {
        let id = self.id().to_string();
        self.until(|| fs::read_to_string(folder.join(".robust.lock")).is_ok_and(|writer| writer == id));
    }

    /// Tells it to end, by the name of a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Kills it, which it cannot hear.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Finished {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let code = self.0.wait().unwrap().code().unwrap();
        self.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Finished { code, stdout, stderr }
    }
}

/// Names of everything in a folder and those inside it.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.into()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            names.push(path.strip_prefix(folder).unwrap().display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    names.sort();
    names
}

//! Every command with stdout or stderr that cannot be written: no panic, and no exit code but its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command::folder;

/// Commands of each kind, and the exit code that each has where everything can be printed.
const COMMANDS: [(&str, i32); 9] = [
    ("", 2),
    ("--help", 0),
    ("attack --method bogus", 2),
    ("attack --method fgsm --limit 8 --model nowhere", 1),
    ("attack --method fgsm --epsilon 0.1 --limit 8 --offset 9990", 0),
    ("detect --method fgsm --epsilon 0.1 --limit 8 --detector msp --detectors msp", 0),
    ("evaluate --method fgsm --epsilon 0.1 --limit 8 --detector msp --detectors msp --out evaluated", 0),
    ("figures --figure 3 --limit 20", 0),
    ("list", 0),
];

fn robust(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
    command.args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command
}

fn full() -> Stdio {
    File::create("/dev/full").unwrap().into()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_changes_no_exit_code_but_that_of_results_that_are_lost() {
    let folder = folder();
    for (arguments, code) in COMMANDS {
        let status = robust(folder.path(), arguments).stdout(Stdio::null()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "stderr of robust {arguments}");
        let status = robust(folder.path(), arguments).stdout(full()).stderr(Stdio::null()).status().unwrap();
        let expected = if code == 0 && arguments != "--help" { 1 } else { code };
        assert_eq!(status.code(), Some(expected), "stdout of robust {arguments}");
    }
}

#[test]
fn a_reader_that_leaves_after_a_line_changes_no_exit_code() {
    let folder = folder();
    for (arguments, code) in COMMANDS {
        for stderr in [false, true] {
            let mut command = robust(folder.path(), arguments);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut line = String::new();
            if stderr {
                drop(child.stdout.take());
                BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
            } else {
                drop(child.stderr.take());
                BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            }
            assert_eq!(child.wait().unwrap().code(), Some(code), "robust {arguments}");
        }
    }
}

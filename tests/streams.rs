//! Every command with stdout or stderr that cannot be written: no panic, and no exit code but its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::folder;
use crate::digits::write_few;

/// Commands of each kind, in an order in which each finds what it reads, and the exit code that each has where everything can be printed.
const COMMANDS: [(&str, i32); 11] = [
    ("", 2),
    ("--help", 0),
    ("attack --method bogus", 2),
    ("attack --method fgsm --limit 8 --model nowhere", 1),
    ("attack --method fgsm --epsilon 0.1 --limit 8 --offset 9990", 0),
    ("report reports", 0),
    ("detect --method fgsm --epsilon 0.1 --limit 8 --detector msp --detectors msp", 0),
    ("evaluate --method fgsm --epsilon 0.1 --limit 8 --detector msp --detectors msp --out evaluated", 0),
    ("figures --figure 3 --limit 20", 0),
    ("train --dataset few --limit 20 --epochs 1 --batch-size 10 --out trained", 0),
    ("list", 0),
];

/// Where a command's output goes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sink {
    Full,
    Closed,
    /// A reader that leaves after a line.
    Leaving,
    Nowhere,
}
use Sink::{Closed, Full, Leaving, Nowhere};

impl Sink {
    fn stdio(self) -> Stdio {
        match self {
            Full => File::create("/dev/full").unwrap().into(),
            Leaving => Stdio::piped(),
            // The shell closes what is closed.
            Closed | Nowhere => Stdio::null(),
        }
    }
}

/// Starts `robust` in `folder`, and reads a line where the reader is to leave after one.
fn start(folder: &Path, arguments: &str, [stdout, stderr]: [Sink; 2]) -> Child {
    let close = [(stdout, " >&-"), (stderr, " 2>&-")].into_iter().filter(|(sink, _)| *sink == Closed);
    let script = format!("exec \"$0\" \"$@\"{}", close.map(|(_, close)| close).collect::<String>());
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_robust")]).args(arguments.split_whitespace());
    command.current_dir(folder).stdin(Stdio::null()).stdout(stdout.stdio()).stderr(stderr.stdio());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).unwrap();
    }
    if let Some(stderr) = child.stderr.take() {
        BufReader::new(stderr).read_line(&mut line).unwrap();
    }
    child
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_nobody_takes_changes_no_exit_code_but_that_of_results_on_a_full_device() {
    let folder = folder();
    write_few(folder.path());
    for (arguments, code) in COMMANDS {
        for sinks in [
            [Nowhere, Full],
            [Full, Nowhere],
            [Nowhere, Closed],
            [Closed, Nowhere],
            [Nowhere, Leaving],
            [Leaving, Nowhere],
        ] {
            let lost = sinks[0] == Full && code == 0 && arguments != "--help";
            let status = start(folder.path(), arguments, sinks).wait().unwrap();
            assert_eq!(status.code(), Some(if lost { 1 } else { code }), "robust {arguments}: {sinks:?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_told_to_end_does_so_with_its_exit_code_when_nobody_takes_what_it_says() {
    let folder = folder();
    let lock = folder.path().join("reports/.robust.lock");
    for sinks in [[Nowhere, Full], [Nowhere, Closed], [Closed, Nowhere], [Leaving, Nowhere], [Nowhere, Leaving]] {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut page = start(folder.path(), &format!("explore --port {port} --limit 10"), sinks);
        until(&mut page, || TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert_eq!(interrupted(page), Some(130), "robust explore: {sinks:?}");

        // An attack says nothing before its end, and a reader would wait for it.
        if !sinks.contains(&Leaving) {
            let mut attack = start(folder.path(), "attack --method bim --steps 4000 --threads 1", sinks);
            until(&mut attack, || lock.exists());
            assert_eq!(interrupted(attack), Some(130), "robust attack: {sinks:?}");
        }
    }
    let page = start(folder.path(), "explore --limit 10", [Full, Nowhere]).wait().unwrap();
    assert_eq!(page.code(), Some(1), "an address that nobody can read");
}

fn until(child: &mut Child, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too soon");
        assert!(start.elapsed() < Duration::from_secs(300), "waited in vain");
        sleep(Duration::from_millis(5));
    }
}

/// The exit code of a command that is told to end.
fn interrupted(mut child: Child) -> Option<i32> {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap().code()
}

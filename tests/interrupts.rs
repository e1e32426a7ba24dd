//! SIGINT and SIGTERM: a line on how to go on, nothing half-written, exit codes 130 and 143.
#![cfg(unix)]

use std::fs;

use crate::command::{folder, succeed};
use crate::digits::write_few;
use crate::running::{Running, names};

#[test]
fn an_interrupted_command_says_how_to_go_on_and_leaves_nothing_half_written() {
    let slow = "--steps 4000 --limit 500 --threads 1 --quiet";
    let nothing = "nothing was written";
    let again = "the same command again keeps the sets that are finished";
    for (signal, code, command, then, said, left) in [
        ("INT", 130, format!("attack --method bim {slow}"), ".robust.lock", nothing, &[][..]),
        ("TERM", 143, format!("detect --method bim --epsilon 0.3 {slow}"), ".robust.lock", nothing, &[]),
        (
            "INT",
            130,
            "train --limit 50000 --epochs 3 --quiet".into(),
            ".robust.lock",
            "no epoch was finished and nothing was written",
            &[],
        ),
        (
            "TERM",
            143,
            "train --dataset few --epochs 5000 --quiet".into(),
            "train.csv",
            "the same command with --resume goes on after the last epoch that was finished",
            &["train.csv", "training-state.safetensors"],
        ),
        (
            "TERM",
            143,
            format!("attack --method fgsm,bim --epsilon 0.1 {slow}"),
            "fgsm@0.1/attack.json",
            "finished with reports/fgsm@0.1/attack.json; nothing else was written",
            &["clean.npz", "fgsm@0.1", "fgsm@0.1/adversarial.npz", "fgsm@0.1/attack.csv", "fgsm@0.1/attack.json"],
        ),
        (
            "INT",
            130,
            format!("evaluate --method fgsm,bim --epsilon 0.1 {slow}"),
            "fgsm@0.1/attack.json",
            again,
            &["clean.npz", "fgsm@0.1", "fgsm@0.1/adversarial.npz", "fgsm@0.1/attack.csv", "fgsm@0.1/attack.json"],
        ),
        ("INT", 130, "figures --figure all --quiet".into(), ".robust.lock", nothing, &[]),
    ] {
        let folder = folder();
        write_few(folder.path());
        let out = folder.path().join("reports");
        let mut running = Running::start(folder.path(), &command);
        running.until(|| out.join(then).exists());
        running.signal(signal);
        let finished = running.wait();
        assert_eq!((finished.code, finished.stderr), (code, format!("interrupted: {said}\n")), "{command}");
        assert_eq!(names(&out), left, "{command}");
        assert_eq!(out.exists(), !left.is_empty(), "{command}");
    }
}

#[test]
fn a_second_signal_ends_at_once_whatever_the_first_waits_for() {
    let folder = folder();
    let out = folder.path().join("reports");
    let mut running = Running::start(folder.path(), "train --limit 50000 --epochs 3 --quiet");
    running.until_it_writes_to(&out);
    running.signal("INT");
    running.signal("TERM");
    let finished = running.wait();
    assert!([130, 143].contains(&finished.code), "{}", finished.code);
}

#[test]
fn an_interrupted_training_goes_on_where_it_stopped() {
    let folder = folder();
    let flags = "--dataset few --epochs 20 --batch-size 50 --seed 5 --threads 2 --quiet";
    write_few(folder.path());
    let out = folder.path().join("reports");
    let mut running = Running::start(folder.path(), &format!("train {flags}"));
    running.until(|| out.join("train.csv").exists());
    running.signal("INT");
    assert_eq!(running.wait().code, 130);
    let rows = || fs::read_to_string(out.join("train.csv")).unwrap();
    let before = rows();
    succeed(folder.path(), &format!("train {flags} --resume"));
    assert!(rows().starts_with(&before) && rows().lines().count() == 21);
    assert_eq!(names(&out), ["model.safetensors", "train.csv", "train.json"]);
}

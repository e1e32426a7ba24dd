//! One run at a time writes to a folder, and what dead ones left there goes.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::Path;

use crate::command::{folder, robust, succeed};
use crate::running::{Running, names};

/// Takes a minute.
const LONG: &str = "attack --method bim --epsilon 0.3 --steps 4000 --limit 500 --threads 1 --quiet";

/// The error of a run that finds another in its folder.
fn refused(folder: &Path, arguments: &str, place: &str, writer: u32) {
    let finished = robust(folder, arguments);
    let expected = format!(
        "error: {place} is being written to by process {writer}: wait until it ends, or choose another folder with --out\n"
    );
    assert_eq!((finished.code, finished.stderr, finished.stdout), (1, expected, String::new()), "{arguments}");
}

#[test]
fn a_second_run_in_a_folder_is_refused_until_the_first_is_gone() {
    let folder = folder();
    let mut first = Running::start(folder.path(), &format!("{LONG} --out a"));
    first.until_it_writes_to(&folder.path().join("a"));
    for command in [
        "attack --method fgsm --limit 5 --quiet --out a",
        "detect --method fgsm --limit 5 --quiet --out a",
        "evaluate --method fgsm --epsilon 0.1 --limit 5 --quiet --out ./a",
        "figures --figure 3 --limit 20 --quiet --out a",
        "train --limit 20 --epochs 1 --quiet --out a",
    ] {
        let place = if command.contains("./a") { "./a" } else { "a" };
        refused(folder.path(), command, place, first.id());
    }
    assert_eq!(names(&folder.path().join("a")), [".robust.lock"], "the others left nothing");
    succeed(folder.path(), "attack --method fgsm --limit 5 --quiet --out b");
    first.kill();
    assert!(folder.path().join("a/.robust.lock").exists(), "that of the dead run");
    succeed(folder.path(), "attack --method fgsm --limit 5 --quiet --out a");
    assert_eq!(names(&folder.path().join("a")), names(&folder.path().join("b")));
}

#[test]
fn runs_of_several_sets_hold_the_folders_of_their_sets_too() {
    let folder = folder();
    let steps = "--steps 4000 --limit 500 --threads 1 --quiet";
    for long in [
        format!("evaluate --method fgsm,bim --epsilon 0.3 {steps} --out r"),
        format!("attack --method bim,fgsm --epsilon 0.3 {steps} --out r"),
    ] {
        let mut first = Running::start(folder.path(), &long);
        first.until_it_writes_to(&folder.path().join("r/bim@0.3"));
        refused(folder.path(), "attack --method bim --limit 5 --out r/bim@0.3", "r/bim@0.3", first.id());
        first.kill();
    }
    // And the other way round.
    let mut first = Running::start(folder.path(), &format!("{LONG} --out r/bim@0.3"));
    first.until_it_writes_to(&folder.path().join("r/bim@0.3"));
    let evaluation = "evaluate --method fgsm,bim --epsilon 0.3 --limit 5 --quiet --out r";
    refused(folder.path(), evaluation, "r/bim@0.3", first.id());
    first.kill();
    succeed(folder.path(), evaluation);
    assert!(!names(&folder.path().join("r")).iter().any(|name| name.contains("lock")));
}

#[test]
fn a_reader_is_told_who_writes() {
    let folder = folder();
    succeed(folder.path(), "attack --method fgsm --limit 20 --quiet --out a");
    let mut writer = Running::start(folder.path(), &format!("{LONG} --out a"));
    writer.until_it_writes_to(&folder.path().join("a"));
    let finished = succeed(folder.path(), "report a");
    let expected = format!("note: a: process {} is writing to a: what is not finished is left out\n", writer.id());
    assert_eq!(finished.stderr, expected);
    assert_eq!(succeed(folder.path(), "report a --quiet").stderr, "");
    writer.kill();
    assert_eq!(succeed(folder.path(), "report a").stderr, "");
}

#[test]
fn what_dead_runs_left_goes_and_what_is_anothers_stays() {
    let folder = folder();
    let out = folder.path().join("r");
    fs::create_dir_all(out.join("fgsm@0.1")).unwrap();
    for name in [".tmp-robust-dead", "fgsm@0.1/.tmp-robust-dead", ".tmpAbCdEf", ".tmp-robust-alive"] {
        fs::write(out.join(name), "half").unwrap();
    }
    let alive = File::open(out.join(".tmp-robust-alive")).unwrap();
    alive.lock().unwrap();
    succeed(folder.path(), "evaluate --method fgsm --epsilon 0.1 --limit 5 --quiet --out r");
    let left = names(&out);
    let temporary: Vec<&String> = left.iter().filter(|name| name.contains(".tmp")).collect();
    assert_eq!(temporary, [".tmp-robust-alive", ".tmpAbCdEf"]);
    drop(alive);
    succeed(folder.path(), "evaluate --method fgsm --epsilon 0.1 --limit 5 --quiet --out r");
    assert!(!out.join(".tmp-robust-alive").exists());
}

#[test]
fn a_run_that_fails_leaves_no_folder_and_no_lock() {
    let folder = folder();
    fs::create_dir(folder.path().join("mine")).unwrap();
    for (out, left) in [("new/inner", vec![]), ("mine", vec!["mine"])] {
        let failed = robust(folder.path(), &format!("attack --method fgsm --limit 5 --against gone --out {out}"));
        assert_eq!(failed.code, 2, "{}", failed.stderr);
        let failed = robust(folder.path(), &format!("figures --figure 7 --limit 20 --query 20 --out {out}"));
        assert_eq!(failed.code, 1, "{}", failed.stderr);
        fs::remove_dir(folder.path().join("new")).ok();
        assert_eq!(names(folder.path()), [left, vec!["mine"]].concat()[..1], "{out}");
    }
}

//! `cargo bench --bench same -- OLDER`: whether this build writes what an older one writes. Both binaries attack, detect, draw figures and
//! train, and every CSV, npz, picture and checkpoint of theirs is compared byte by byte; summaries, whose keys may come in another
//! order, as values, without what a run took. For a change that is to change nothing.
//!
//! Build the older one in a worktree of its own: `git worktree add ../older COMMIT; cd ../older; cargo build --release`.

mod few;
mod runs;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use few::write_few;
use runs::{contents, say};

const COMMANDS: [(&str, &str); 8] = [
    ("attack", "attack --method fgsm,bim,pgd,apgd,square,cw --limit 200"),
    ("targeted", "attack --method bim,jsma --target random --limit 50"),
    ("detect", "detect --method fgsm,bim --limit 500"),
    ("adaptive", "detect --method selective-pgd --epsilon 0.2 --limit 40 --detectors all"),
    ("evaluate", "evaluate --method fgsm,pgd-l2 --limit 40"),
    ("figures", "figures --figure all --limit 1000 --claims"),
    ("train-1", "train --dataset few --epochs 1 --threads 1"),
    ("train-2", "train --dataset few --epochs 1 --threads 2"),
];
/// Images that `train` learns from, and is calibrated on.
const FEW: usize = 2000;
fn main() -> ExitCode {
    let older = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let found = older.context("give the older binary: cargo bench --bench same -- PATH").and_then(|older| {
        let older = fs::canonicalize(&older).with_context(|| older)?;
        compare(&older, Path::new(env!("CARGO_BIN_EXE_robust")))
    });
    match found {
        Ok(0) => ExitCode::SUCCESS,
        Ok(others) => {
            say(&format!("{others} files are others"));
            ExitCode::FAILURE
        }
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The number of files that differ.
fn compare(older: &Path, newer: &Path) -> Result<usize> {
    let places = [tempfile::tempdir()?, tempfile::tempdir()?];
    let mut others = 0;
    for place in &places {
        write_few(&place.path().join("few"), FEW)?;
    }
    for (out, command) in COMMANDS {
        for (binary, place) in [older, newer].into_iter().zip(&places) {
            let mut run = Command::new(binary);
            run.args(command.split_whitespace()).args(["--quiet", "--out", out]).current_dir(place.path());
            let output = run.output().with_context(|| binary.display().to_string())?;
            if !output.status.success() {
                bail!("{} {command}: {}", binary.display(), String::from_utf8_lossy(&output.stderr));
            }
        }
        let [older, newer] = [0, 1].map(|which| contents(&places[which].path().join(out)));
        let (older, newer) = (older?, newer?);
        let names: BTreeSet<_> = older.keys().chain(newer.keys()).collect();
        let different: Vec<String> = names
            .iter()
            .filter(|name| older.get(**name) != newer.get(**name))
            .map(|name| name.display().to_string())
            .collect();
        others += different.len();
        let verdict =
            if different.is_empty() { "the same".to_owned() } else { format!("others: {}", different.join(", ")) };
        say(&format!("{command}: {} files, {verdict}", names.len()));
    }
    Ok(others)
}

//! A disk that is full in the midst of a file: one line that says which and why, and what lay there is still there and whole.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{Finished, folder, succeed};
use crate::digits::{in_turns, write_digits};
use crate::running::names;

/// Runs `robust` where no file may grow beyond so many blocks of 512 bytes.
fn with_room(folder: &Path, blocks: usize, arguments: &str) -> Finished {
    let program = env!("CARGO_BIN_EXE_robust");
    // The signal would end the process; ignored, it leaves an error of the system, as a full disk does.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {arguments}");
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder).output().unwrap();
    Finished {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Every file in the folder, with its content.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = names(folder).into_iter().filter(|name| folder.join(name).is_file());
    files.map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap())).collect()
}

#[test]
fn a_full_disk_is_told_in_one_line_and_costs_nothing_that_was_there() {
    let folder = folder();
    let folder = folder.path();
    write_digits(&folder.join("digits"), "train", &in_turns(100, 10));
    for arguments in [
        "attack --method pgd --steps 2 --limit 60 --out attack",
        "attack --method pgd,fgsm --steps 2 --limit 60 --out attacks",
        "detect --method fgsm --epsilon 0.2 --limit 60 --out detect",
        "detect --input attack/clean.npz --out input",
        "evaluate --method fgsm --epsilon 0.2 --limit 60 --detectors msp --detector msp --out evaluate",
        "train --dataset digits --epochs 1 --out train",
        "report attack",
    ] {
        succeed(folder, &format!("{arguments} --quiet"));
    }
    let before = contents(folder);
    for (blocks, arguments, file) in [
        (20, "attack --method pgd --steps 2 --limit 80 --out attack", "attack/clean.npz"),
        (80, "attack --method pgd --steps 2 --limit 80 --out attack", "attack/adversarial.npz"),
        (4, "attack --method pgd --steps 2 --limit 60 --seed 1 --out attack", "attack/attack.csv"),
        (80, "attack --method pgd,fgsm --steps 2 --limit 80 --out attacks", "attacks/pgd@0.3/adversarial.npz"),
        (20, "attack --method pgd,fgsm --steps 2 --limit 80 --out attacks", "attacks/pgd@0.3/../clean.npz"),
        (10, "detect --method fgsm --epsilon 0.2 --limit 80 --out detect", "detect/detect.csv"),
        (4, "detect --input attack/adversarial.npz --out input", "input/detect.csv"),
        (
            20,
            "evaluate --method fgsm --epsilon 0.2 --limit 80 --detectors msp --detector msp --out evaluate",
            "evaluate/clean.npz",
        ),
        (200, "train --dataset digits --epochs 1 --seed 1 --out train", "train/training-state.safetensors"),
        (20, "report attack", "attack/report.html"),
    ] {
        let finished = with_room(folder, blocks, &format!("{arguments} --quiet"));
        let Finished { code, stdout, stderr } = &finished;
        let is_named = stderr.starts_with(&format!("error: {file}: File too large (os error 27)"));
        assert!(is_named && stderr.lines().count() == 1, "{arguments}: {stderr}");
        assert_eq!((*code, stdout.as_str()), (1, ""), "{arguments}");
        let after = contents(folder);
        let changed: Vec<_> =
            before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
        assert!(changed.is_empty(), "{arguments} changed {changed:?}");
    }
}

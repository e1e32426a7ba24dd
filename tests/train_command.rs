//! `robust train` on a few digits.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use robust::network::Checkpoint;

use crate::command::{csv, folder, robust, succeed};

const FEW: &str = "--limit 300 --epochs 3 --batch-size 50 --seed 4 --threads 2 --quiet";

#[test]
fn training_leaves_a_usable_network_and_a_row_per_epoch() {
    let folder = folder();
    let finished = succeed(folder.path(), &format!("train {FEW} --out run"));
    assert_eq!(finished.stderr, "");
    let rows = csv(folder.path().join("run/train.csv"));
    let epochs: Vec<&str> = rows.iter().map(|row| row["epoch"].as_str()).collect();
    assert_eq!(epochs, ["1", "2", "3"]);
    let loss: Vec<f64> = rows.iter().map(|row| row["loss"].parse().unwrap()).collect();
    assert!(loss[2] < loss[0], "{loss:?}");

    let checkpoint = Checkpoint::read(&folder.path().join("run/model.safetensors")).unwrap();
    assert_eq!((checkpoint.metadata.dataset.as_str(), checkpoint.metadata.seed), ("mnist", 4));
    assert_eq!(checkpoint.metadata.data_hashes.len(), 4);
    assert_eq!(
        (&checkpoint.metadata.training["images"], &checkpoint.metadata.training["threads"]),
        (&300.into(), &2.into())
    );
    assert_eq!(checkpoint.calibration["msp"].len(), 5_000);
    assert!(!folder.path().join("run/training-state.safetensors").exists());
    succeed(folder.path(), "attack --method fgsm --model run/model.safetensors --limit 20");
    // Training again into the same folder starts afresh and gives the same bytes.
    let first = fs::read(folder.path().join("run/model.safetensors")).unwrap();
    succeed(folder.path(), &format!("train {FEW} --out run"));
    assert!(first == fs::read(folder.path().join("run/model.safetensors")).unwrap());
}

#[test]
fn a_run_killed_halfway_and_resumed_ends_in_the_same_bytes() {
    let folder = folder();
    let few = "--limit 200 --epochs 6 --seed 5 --threads 2 --quiet";
    succeed(folder.path(), &format!("train {few} --out whole"));
    let mut killed = Command::new(env!("CARGO_BIN_EXE_robust"))
        .args(format!("train {few} --out halves").split_whitespace())
        .current_dir(folder.path())
        .spawn()
        .unwrap();
    let state = folder.path().join("halves/training-state.safetensors");
    while !state.exists() {
        assert!(killed.try_wait().unwrap().is_none(), "the run ended without leaving a state");
        sleep(Duration::from_millis(2));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!folder.path().join("halves/model.safetensors").exists(), "the run was over before it was killed");
    let other = robust(folder.path(), &format!("train {} --out halves --resume", few.replace("200", "150")));
    assert!(other.code == 2 && other.stderr.contains("holds another run"), "{}", other.stderr);
    succeed(folder.path(), &format!("train {few} --out halves --resume"));
    for file in ["model.safetensors", "train.csv"] {
        let read = |run: &str| fs::read(folder.path().join(run).join(file)).unwrap();
        assert!(read("whole") == read("halves"), "{file}");
    }
}

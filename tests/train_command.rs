//! `robust train` on a few digits.

use std::fs;

use robust::network::Checkpoint;

use crate::command::{csv, folder, succeed};

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
    assert_eq!(checkpoint.calibration["msp"].len(), 5_000);
    assert!(!folder.path().join("run/training-state.safetensors").exists());
    succeed(folder.path(), "attack --method fgsm --model run/model.safetensors --limit 20");
    // Training again into the same folder starts afresh and gives the same bytes.
    let first = fs::read(folder.path().join("run/model.safetensors")).unwrap();
    succeed(folder.path(), &format!("train {FEW} --out run"));
    assert!(first == fs::read(folder.path().join("run/model.safetensors")).unwrap());
}

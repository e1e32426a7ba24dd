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
    let header = fs::read_to_string(folder.path().join("run/train.csv")).unwrap();
    assert!(header.starts_with(
        "epoch,learning_rate,loss,cross_entropy,reconstruction,validation_accuracy,validation_reconstruction,swap,"
    ));
    let loss: Vec<f64> = rows.iter().map(|row| row["loss"].parse().unwrap()).collect();
    assert!(loss[2] < loss[0], "{loss:?}");

    let checkpoint = Checkpoint::read(&folder.path().join("run/model.safetensors")).unwrap();
    assert_eq!((checkpoint.metadata.dataset.as_str(), checkpoint.metadata.seed), ("mnist", 4));
    assert_eq!(checkpoint.metadata.data_hashes.len(), 4);
    assert_eq!(
        (&checkpoint.metadata.training["images"], &checkpoint.metadata.training["threads"]),
        (&300.into(), &2.into())
    );
    assert_eq!(checkpoint.calibration.scores["msp"].len(), 5_000);
    assert!(!folder.path().join("run/training-state.safetensors").exists());
    succeed(folder.path(), "attack --method fgsm --model run/model.safetensors --limit 20");
    // Training again into the same folder starts afresh and gives the same bytes.
    let first = fs::read(folder.path().join("run/model.safetensors")).unwrap();
    succeed(folder.path(), &format!("train {FEW} --out run"));
    assert!(first == fs::read(folder.path().join("run/model.safetensors")).unwrap());
}

#[test]
fn flags_change_single_values_of_a_preset_and_the_checkpoint_says_so() {
    let folder = folder();
    let flags =
        "--preset paper --sigma 0..0.2 --augment 0.5 --one-hot 1 --swap 0.25 --style-consistency 0.1 --contrast 0.3";
    succeed(folder.path(), &format!("train --limit 60 --epochs 1 --quiet {flags} --out run"));
    let training = Checkpoint::read(&folder.path().join("run/model.safetensors")).unwrap().metadata.training;
    for (name, expected) in [
        ("preset", serde_json::Value::from("paper")),
        ("epochs", 1.into()),
        ("learning_rate", 1e-5.into()),
        ("sigma", vec![0.0, 0.2].into()),
        ("augment", 0.5.into()),
        ("one_hot_share", 1.0.into()),
        ("alpha", 0.05.into()),
        ("swap", 0.25.into()),
        ("style_consistency", 0.1.into()),
        ("contrast", 0.3.into()),
    ] {
        assert_eq!(training[name], expected, "{name}");
    }
    let row = &csv(folder.path().join("run/train.csv"))[0];
    let value = |name: &str| row[name].parse::<f64>().unwrap();
    let terms = [
        ("cross_entropy", 1.0),
        ("reconstruction", 0.05),
        ("swap", 0.25),
        ("style_consistency", 0.1),
        ("contrast", 0.3),
    ];
    let sum: f64 = terms.iter().map(|(name, weight)| weight * value(name)).sum();
    assert!((value("loss") / sum - 1.0).abs() < 1e-9, "{row:?}");
    assert!(terms.iter().all(|(name, _)| value(name) > 0.0), "{row:?}");
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

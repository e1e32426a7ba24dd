//! `robust train` on a few digits.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use robust::checkpoint::Checkpoint;
use robust::training::{Configuration, Preset, Provenance, TrainingState};
use robust_data::{Dataset, SplitName};
use robust_networks::StyleMemorySpec;

use crate::command::{csv, folder, robust, succeed};
use crate::digits::{in_turns, write_digits, write_few};

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
    write_few(folder.path());
    succeed(folder.path(), &format!("train --dataset few --limit 60 --epochs 1 --quiet {flags} --out run"));
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

/// Runs `robust` until `file` appears, and kills it.
fn kill_once_there(folder: &Path, arguments: &str, file: &Path) {
    let mut killed = Command::new(env!("CARGO_BIN_EXE_robust"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .spawn()
        .unwrap();
    while !file.exists() {
        assert!(killed.try_wait().unwrap().is_none(), "the run ended without {}", file.display());
        sleep(Duration::from_millis(2));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
}

#[test]
fn a_run_killed_halfway_and_resumed_ends_in_the_same_bytes() {
    let folder = folder();
    write_few(folder.path());
    let few = "--dataset few --limit 180 --epochs 40 --seed 5 --threads 2 --quiet";
    succeed(folder.path(), &format!("train {few} --out whole"));
    let state = folder.path().join("halves/training-state.safetensors");
    kill_once_there(folder.path(), &format!("train {few} --out halves"), &state);
    assert!(!folder.path().join("halves/model.safetensors").exists(), "the run was over before it was killed");
    let other = robust(folder.path(), &format!("train {} --out halves --resume", few.replace("180", "150")));
    let difference = "holds another run: images 180, asked for 150; repeat";
    assert!(other.code == 2 && other.stderr.contains(difference), "{}", other.stderr);
    succeed(folder.path(), &format!("train {few} --out halves --resume"));
    for file in ["model.safetensors", "train.csv"] {
        let read = |run: &str| fs::read(folder.path().join(run).join(file)).unwrap();
        assert!(read("whole") == read("halves"), "{file}");
    }
}

#[test]
fn a_small_set_keeps_its_training_and_what_it_cannot_calibrate_is_said_and_left_out() {
    let folder = folder();
    let path = folder.path();
    // The tenth that validates: one image; three of one class, since 29 of 30 are; six.
    write_digits(&path.join("ten"), "train", &in_turns(10, 2));
    write_digits(&path.join("ten"), "t10k", &[1]);
    write_digits(&path.join("lopsided"), "train", &[&[0][..], &[1; 29]].concat());
    write_digits(&path.join("sixty"), "train", &in_turns(60, 3));
    for (set, expected, uncalibrated) in [
        (
            "ten",
            "note: not calibrated on the 1 validation image: combined, wrong, tampered, two-way, rel-u, magnet (found 1 clean image, expected at least 2 to fit a detector on)\n",
            &["combined", "wrong", "tampered", "two-way", "rel-u", "magnet"][..],
        ),
        (
            "lopsided",
            "note: not calibrated on the 3 validation images: combined, wrong (found clean images of class 1 alone, expected images of at least 2 classes to fit a detector on)\n",
            &["combined", "wrong"],
        ),
        ("sixty", "", &[]),
    ] {
        let finished = succeed(path, &format!("train --dataset {set} --epochs 1 --out {set}-run"));
        let notes: Vec<&str> = finished.stderr.lines().filter(|line| line.contains("calibrated")).collect();
        assert_eq!(notes, expected.lines().collect::<Vec<_>>(), "{set}");
        assert!(!path.join(format!("{set}-run/training-state.safetensors")).exists(), "{set}");
        let checkpoint = Checkpoint::read(&path.join(format!("{set}-run/model.safetensors"))).unwrap();
        let all: Vec<_> = robust_detectors::detectors().iter().collect();
        let missing = checkpoint.calibration.missing(&all, checkpoint.metadata.classes);
        let missing: Vec<_> = missing.iter().filter(|info| !info.is_trained()).map(|info| info.id).collect();
        assert_eq!(missing, uncalibrated, "{set}");
        assert_eq!(checkpoint.metadata.test_accuracy.is_some(), set == "ten", "{set}");
    }

    let detect = |flags: &str| {
        robust(
            path,
            &format!("detect --method fgsm --epsilon 0.1 --dataset ten --model ten-run/model.safetensors {flags}"),
        )
    };
    let reason = "found 1 clean image, expected at least 2";
    for (flags, id) in [("", "combined"), ("--detector msp --detectors magnet", "magnet")] {
        let refused = detect(flags);
        let start = format!(
            "there is no calibration of {id} for network ten-run/model.safetensors (choose another detector, or clean images with --validation), and none can be made: {reason}"
        );
        assert!(refused.code == 1 && refused.stderr.contains(&start), "{flags}: {}", refused.stderr);
    }
    let usable = detect("--detector msp");
    assert_eq!(usable.code, 0, "{}", usable.stderr);
    assert!(
        usable
            .stderr
            .contains(&format!("left out, for want of a calibration: combined, wrong, tampered, magnet ({reason}")),
        "{}",
        usable.stderr
    );
    assert!(csv(path.join("reports/detect.csv"))[0].keys().all(|column| column != "score_magnet"));
}

#[test]
fn a_kill_between_weights_and_calibration_costs_neither() {
    let folder = folder();
    let path = folder.path();
    write_digits(&path.join("set"), "train", &in_turns(40, 2));
    write_digits(&path.join("set"), "t10k", &in_turns(4, 2));
    let train = "train --dataset set --epochs 2 --threads 2";
    let model = path.join("halves/model.safetensors");
    kill_once_there(path, &format!("{train} --quiet --out halves"), &model);
    let bare = Checkpoint::read(&model).unwrap();
    assert!(bare.calibration.scores.is_empty() && bare.metadata.test_accuracy.is_none(), "it was killed too late");
    succeed(path, "attack --method fgsm --dataset set --model halves/model.safetensors");
    let resumed = succeed(path, &format!("{train} --out halves --resume"));
    assert!(!resumed.stderr.contains("epoch"), "nothing is trained again: {}", resumed.stderr);
    succeed(path, &format!("{train} --quiet --out whole"));
    for file in ["model.safetensors", "train.csv"] {
        let read = |run: &str| fs::read(path.join(run).join(file)).unwrap();
        assert!(read("whole") == read("halves"), "{file}");
    }
    assert_eq!(Checkpoint::read(&model).unwrap().parameters, bare.parameters);
}

#[test]
fn test_images_that_cannot_be_read_are_found_before_the_training() {
    let folder = folder();
    let path = folder.path();
    write_digits(&path.join("set"), "train", &in_turns(10, 2));
    write_digits(&path.join("set"), "t10k", &in_turns(4, 2));
    fs::write(path.join("set/t10k-images-idx3-ubyte"), "cut off").unwrap();
    let refused = robust(path, "train --dataset set --epochs 1 --out run");
    assert!(refused.code == 1 && refused.stderr.contains("t10k-images-idx3-ubyte"), "{}", refused.stderr);
    assert!(!path.join("run/train.csv").exists());
    fs::remove_file(path.join("set/t10k-images-idx3-ubyte")).unwrap();
    let finished = succeed(path, "train --dataset set --epochs 1 --out run");
    assert!(
        finished.stderr.starts_with("note: the network will not be measured on test images: "),
        "{}",
        finished.stderr
    );
}

#[test]
fn a_state_of_another_run_is_refused_with_the_settings_that_differ() {
    let folder = folder();
    let path = folder.path();
    for (set, count) in [("set", 20), ("other", 30)] {
        write_digits(&path.join(set), "train", &in_turns(count, 2));
    }
    let set = Dataset::open(path.join("set").to_str().unwrap(), None).unwrap();
    let images = set.split(SplitName::Train).unwrap().len();
    let provenance = Provenance {
        dataset: "set".into(),
        network: StyleMemorySpec::paper(2),
        images,
        data_hashes: set.hashes(),
        threads: 2,
    };
    let state = TrainingState::fresh(Configuration::new(Preset::Default, 4), provenance);
    state.write(&path.join("run/training-state.safetensors")).unwrap();
    let own = "train --resume --out run --dataset set --threads 2 --seed 4";
    for (arguments, differences) in [
        (
            format!(
                "{own} --augment 0 --balance --one-hot 0 --alpha 1 --swap 1 --contrast 1 --learning-rate 1 --epochs 1 --batch-size 1"
            ),
            &["and 1 more;"][..],
        ),
        (own.replace("--seed 4", "--seed 5"), &["seed 4, asked for 5;"]),
        (own.replace("--threads 2", "--threads 1"), &["threads 2, asked for 1;"]),
        (format!("{own} --batch-size 50"), &["batch size 128, asked for 50;"]),
        (format!("{own} --limit 7"), &["images 18, asked for 7;"]),
        (format!("{own} --epochs 3"), &["epochs 30, asked for 3;"]),
        (format!("{own} --sigma 0..0.3"), &["sigma 0.1, asked for [0.0,0.3];"]),
        (
            own.replace("--dataset set", "--dataset other"),
            &[
                "dataset \"set\", asked for \"other\";",
                "images 18, asked for 27;",
                "data hashes.train-images-idx3-ubyte",
            ],
        ),
        (format!("{own} --preset paper"), &["epochs 30, asked for 250;", "preset \"default\", asked for \"paper\";"]),
    ] {
        let refused = robust(path, &arguments);
        assert_eq!((refused.code, refused.stderr.lines().count()), (2, 1), "{arguments}: {}", refused.stderr);
        let start = "error: run/training-state.safetensors holds another run: ";
        assert!(refused.stderr.starts_with(start) && refused.stderr.len() < 500, "{}", refused.stderr);
        for difference in differences {
            assert!(refused.stderr.contains(difference), "{arguments}: {}", refused.stderr);
        }
    }
}

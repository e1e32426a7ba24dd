//! `robust train` says whether its folder is whole, and a kill costs nothing.

use std::fs;

use crate::command::{folder, robust, succeed};
use crate::digits::write_few;
use crate::running::Running;
use crate::vouched::says;

#[test]
fn training_into_the_folder_of_an_older_network_is_not_whole_until_the_end() {
    let folder = folder();
    let at = |name: &str| folder.path().join("run").join(name);
    let train = |seed: u32, more: &str| {
        format!("train --dataset few --epochs 8 --batch-size 50 --threads 2 --seed {seed} --quiet --out run {more}")
    };
    write_few(folder.path());
    succeed(folder.path(), &train(1, ""));
    assert_eq!(succeed(folder.path(), "report run").stderr, "");
    let older = fs::read(at("model.safetensors")).unwrap();
    let mut killed = Running::start(folder.path(), &train(2, ""));
    let rows = fs::read(at("train.csv")).unwrap();
    killed.until(|| fs::read(at("train.csv")).is_ok_and(|now| now != rows));
    killed.kill();
    assert!(!at("train.json").exists());
    assert!(fs::read(at("model.safetensors")).unwrap() == older, "a network that was trained is not lost");
    let finished = succeed(folder.path(), "report run");
    says(&finished, &["note: run: train.csv is without train.json", "not finished", "--resume"]);
    succeed(folder.path(), &train(2, "--resume"));
    assert_eq!(succeed(folder.path(), "report run").stderr, "");
    assert!(fs::read(at("model.safetensors")).unwrap() != older);
    // A course of another training.
    fs::write(at("train.csv"), rows).unwrap();
    let finished = robust(folder.path(), "report run");
    assert_eq!(finished.code, 1);
    says(&finished, &["error: run is not whole: run/train.csv is not the file that train.json vouches for"]);
}

#[test]
fn a_kill_after_the_last_epoch_costs_nothing() {
    let folder = folder();
    let at = |name: &str| folder.path().join("run").join(name);
    let train = |out: &str, more: &str| {
        format!("train --dataset few --epochs 2 --batch-size 50 --threads 2 --seed 3 --quiet --out {out} {more}")
    };
    write_few(folder.path());
    succeed(folder.path(), &train("whole", ""));
    let whole = |name: &str| fs::read(folder.path().join("whole").join(name)).unwrap();
    // A kill may come too late.
    let state = (0..20).find_map(|_| {
        fs::remove_dir_all(folder.path().join("run")).ok();
        let mut killed = Running::start(folder.path(), &train("run", ""));
        killed.until(|| fs::read(at("train.csv")).is_ok_and(|rows| rows == whole("train.csv")));
        killed.kill();
        fs::read(at("training-state.safetensors")).ok()
    });
    let state = state.unwrap();
    // The state of the last epoch has its place, and the table: is not there yet, or is a row short.
    let short = String::from_utf8(whole("train.csv")).unwrap().lines().take(2).collect::<Vec<_>>().join("\n") + "\n";
    for table in [None, Some(short)] {
        fs::remove_dir_all(folder.path().join("run")).unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        fs::write(at("training-state.safetensors"), &state).unwrap();
        if let Some(table) = &table {
            fs::write(at("train.csv"), table).unwrap();
        }
        succeed(folder.path(), &train("run", "--resume"));
        for name in ["train.csv", "model.safetensors", "train.json"] {
            assert!(fs::read(at(name)).unwrap() == whole(name), "{name} after {table:?}");
        }
        assert!(!at("training-state.safetensors").exists());
    }
}

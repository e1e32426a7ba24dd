//! Attacks that know the detector, as a user runs them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{csv, folder, json, robust, succeed};

#[test]
fn knowing_the_detector_passes_it_more_often_and_the_composite_most_often() {
    let folder = folder();
    let methods = "bim,pgd,r-fgsm,r-bim,r-pgd,selective-pgd,selective-adam,orthogonal-pgd,adaptive";
    let flags = "--steps 30 --epsilon 0.2 --lambda 0.01 --limit 40 --detector alternative";
    succeed(folder.path(), &format!("detect --method {methods} {flags}"));
    let metrics = csv(folder.path().join("reports/metrics.csv"));
    let undetected: BTreeMap<&str, f64> = metrics
        .iter()
        .filter(|row| row["detector"] == "alternative" && row["set"].contains('@'))
        .map(|row| (row["set"].as_str(), row["undetected_rate"].parse().unwrap()))
        .collect();
    assert_eq!(undetected.len(), 9);
    for (set, rate) in &undetected {
        assert!(undetected["adaptive@0.2"] >= *rate, "{set}: {undetected:?}");
    }
    assert!(undetected["selective-pgd@0.2"] > undetected["bim@0.2"] + 0.1, "{undetected:?}");

    let summary = json(folder.path().join("reports/detect.json"));
    let sets = summary["sets"].as_array().unwrap();
    for set in sets {
        let knows = !["bim", "pgd"].contains(&set["method"].as_str().unwrap());
        assert_eq!(set["against"].as_str(), knows.then_some("alternative"), "{set}");
    }
    assert_eq!((&sets[4]["set"], &sets[4]["settings"]["lambda"]), (&"r-pgd@0.2x0.01".into(), &0.01.into()));
}

#[test]
fn an_attack_is_against_the_detector_named_and_no_batch_changes_it() {
    let folder = folder();
    let attack = |out: &str, more: &str| {
        let flags = "attack --method selective-pgd --steps 8 --restarts 2 --epsilon 0.2 --limit 30";
        succeed(folder.path(), &format!("{flags} --out {out} {more}"));
        ["attack.csv", "adversarial.npz"].map(|file| fs::read(folder.path().join(out).join(file)).unwrap())
    };
    let first = attack("a", "--against reconstruction");
    assert!(first == attack("b", "--against reconstruction --batch-size 7 --threads 1"));
    assert!(first != attack("c", "--against msp"));
    let summary = json(folder.path().join("a/attack.json"));
    assert_eq!((&summary["set"], &summary["against"]), (&"selective-pgd@0.2".into(), &"reconstruction".into()));
    for (arguments, message) in [
        ("attack --method bim --against msp", "--against means nothing to bim; leave it out"),
        ("attack --method bim --lambda 1", "--lambda means nothing to bim; leave it out"),
        ("attack --method r-pgd --against psychic", "'psychic' for '--against <ID>': expected one of combined"),
    ] {
        let finished = robust(folder.path(), arguments);
        assert_eq!(finished.code, 2, "{arguments}");
        assert!(finished.stderr.contains(message), "{arguments}: {}", finished.stderr);
    }
}

/// Of one set the images that fool the network and pass the detector `alternative` at this threshold.
fn passed(folder: &Path, set: &str, threshold: f64) -> BTreeSet<String> {
    let rows = csv(folder.join("detect.csv")).into_iter();
    let of_set = rows.filter(|row| row["set"] == set && row["status"] == "succeeded");
    let passing = of_set.filter(|row| row["score_alternative"].parse::<f64>().unwrap() <= threshold);
    passing.map(|mut row| row.remove("index").unwrap()).collect()
}

#[test]
fn early_stop_passes_the_same_images_with_fewer_questions() {
    let folder = folder();
    let run = |out: &str, more: &str| {
        let flags = "--steps 20 --restarts 2 --epsilon 0.2 --limit 24 --detector alternative";
        succeed(folder.path(), &format!("detect --method selective-pgd,adaptive {flags} --out {out} {more}"));
        let out = folder.path().join(out);
        (json(out.join("detect.json")), out)
    };
    let ((full, full_folder), (early, early_folder)) = (run("full", ""), run("early", "--early-stop"));
    let threshold = early["thresholds"]["alternative"].as_f64().unwrap();
    for (set, name) in [(0, "selective-pgd@0.2"), (1, "adaptive@0.2")] {
        let [all, some] = [&full_folder, &early_folder].map(|folder| passed(folder, name, threshold));
        // Whom cross-entropy does not fool, R-PGD is not asked for.
        assert!(if set == 0 { some == all } else { some.is_subset(&all) }, "{name}: {some:?} of {all:?}");
        let [before, after] = [&full, &early].map(|run| &run["sets"][set]);
        assert!(after["mean_queries"].as_f64() < before["mean_queries"].as_f64(), "{name}");
        assert_eq!((&before["against_threshold"], &before["settings"]["early_stop"]), (&Value::Null, &false.into()));
        assert_eq!(after["against_threshold"].as_f64(), Some(threshold), "{name}");
    }
    let [one, all] = ["selective-pgd", "adaptive"].map(|name| passed(&early_folder, &format!("{name}@0.2"), threshold));
    assert!(!one.is_empty() && one.is_subset(&all), "{one:?} of {all:?}");

    // The same by `attack`, which takes the threshold for 5 % too, in other batches.
    let attack = |out: &str, more: &str| {
        let flags =
            "--method adaptive --steps 20 --restarts 2 --epsilon 0.2 --limit 24 --against alternative --early-stop";
        succeed(folder.path(), &format!("attack {flags} --out {out} {more}"));
        let out = folder.path().join(out);
        assert_eq!(json(out.join("attack.json"))["against_threshold"].as_f64(), Some(threshold));
        fs::read(out.join("adversarial.npz")).unwrap()
    };
    assert!(attack("a", "") == attack("b", "--batch-size 7 --threads 1"));
}

#[test]
fn a_set_that_stopped_at_another_threshold_is_another_set() {
    let folder = folder();
    let made = |more: &str| {
        let flags = "--method selective-pgd --steps 5 --epsilon 0.2 --limit 20";
        let finished = succeed(folder.path(), &format!("evaluate {flags} {more}"));
        finished.stderr.lines().any(|line| line.contains("made in"))
    };
    assert!(made("") && !made("--fpr 0.01"), "a full run does not look at the threshold");
    assert!(made("--early-stop") && !made("--early-stop") && made("--early-stop --fpr 0.01"));
}

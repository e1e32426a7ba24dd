//! Attacks that know the detector, as a user runs them.

use std::collections::BTreeMap;
use std::fs;

use crate::command::{csv, folder, json, robust, succeed};

#[test]
fn knowing_the_detector_passes_it_more_often_and_the_composite_most_often() {
    let folder = folder();
    let methods = "bim,pgd,r-fgsm,r-bim,r-pgd,selective-pgd,orthogonal-pgd,adaptive";
    let flags = "--steps 30 --epsilon 0.2 --lambda 0.01 --limit 40 --detector alternative";
    succeed(folder.path(), &format!("detect --method {methods} {flags}"));
    let metrics = csv(folder.path().join("reports/metrics.csv"));
    let undetected: BTreeMap<&str, f64> = metrics
        .iter()
        .filter(|row| row["detector"] == "alternative" && row["set"].contains('@'))
        .map(|row| (row["set"].as_str(), row["undetected_rate"].parse().unwrap()))
        .collect();
    assert_eq!(undetected.len(), 8);
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
        ("attack --method r-pgd --against psychic", "--against: no detector is called \"psychic\": choose one of"),
    ] {
        let finished = robust(folder.path(), arguments);
        assert_eq!(finished.code, 2, "{arguments}");
        assert!(finished.stderr.contains(message), "{arguments}: {}", finished.stderr);
    }
}

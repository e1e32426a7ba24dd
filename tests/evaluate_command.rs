//! `robust evaluate` on the embedded network and digits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::command::{csv, folder, json, robust, succeed};
use crate::planted::{digits, write_test_images};

const MATRIX: &str =
    "--method noise,fgsm,bim,selective-pgd,deepfool-l2 --steps 15 --epsilon 0.1,0.2 --limit 60 --ambiguous";

/// The bytes of all reports beside the folders of the sets.
fn reports(folder: &Path) -> Vec<Vec<u8>> {
    let names = ["detect.csv", "roc.csv", "roc.svg", "metrics.csv", "security.csv", "security.svg", "evaluate.json"];
    names.map(|name| fs::read(folder.join(name)).unwrap_or_else(|_| panic!("{name}"))).to_vec()
}

#[test]
fn one_table_of_all_sets_with_one_threshold_each_and_the_worst_case_of_every_image() {
    let folder = folder();
    let finished = succeed(folder.path(), &format!("evaluate {MATRIX}"));
    assert!(finished.stdout.starts_with("check"), "{}", finished.stdout);
    let reports = folder.path().join("reports");
    let metrics = csv(reports.join("metrics.csv"));
    let mut thresholds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &metrics {
        thresholds.entry(&row["detector"]).or_default().insert(&row["threshold"]);
    }
    assert!(thresholds.len() >= 5 && thresholds.values().all(|one| one.len() == 1), "{thresholds:?}");
    let detectors = thresholds.len();
    let sets: Vec<&str> = metrics.iter().step_by(detectors).map(|row| row["set"].as_str()).collect();
    let attacked =
        ["noise", "fgsm", "bim", "selective-pgd"].map(|method| [format!("{method}@0.1"), format!("{method}@0.2")]);
    let attacked: Vec<&str> = attacked.iter().flatten().map(String::as_str).chain(["deepfool-l2@min"]).collect();
    assert_eq!(sets, [&["clean", "misclassified"], &attacked[..], &["ambiguous", "worst@0.1", "worst@0.2"]].concat());

    // The same figures as the commands for one thing at a time.
    succeed(folder.path(), &format!("detect {MATRIX} --out detect"));
    let alone = csv(folder.path().join("detect/metrics.csv"));
    assert!(metrics[..alone.len()] == alone);
    assert!(csv(reports.join("detect.csv")) == csv(folder.path().join("detect/detect.csv")));
    succeed(folder.path(), "attack --method bim --steps 15 --epsilon 0.2 --limit 60 --out attack");
    for file in ["attack.csv", "adversarial.npz"] {
        let read = |path: &Path| fs::read(path.join(file)).unwrap();
        assert!(read(&reports.join("bim@0.2")) == read(&folder.path().join("attack")), "{file}");
    }

    // The worst case, image by image, from the rows.
    let rows = csv(reports.join("detect.csv"));
    for detector in ["alternative", "msp"] {
        let score = |row: &BTreeMap<String, String>| row[&format!("score_{detector}")].parse::<f64>().unwrap();
        let figure = |set: &str| metrics.iter().find(|row| row["set"] == set && row["detector"] == detector).unwrap();
        let threshold: f64 = figure("clean")["threshold"].parse().unwrap();
        let of_budget = |row: &&BTreeMap<String, String>| row["set"].ends_with("@0.2");
        let attempted: BTreeSet<&str> = rows
            .iter()
            .filter(of_budget)
            .filter(|row| row["status"] != "skipped")
            .map(|row| row["index"].as_str())
            .collect();
        let through: BTreeSet<&str> = rows
            .iter()
            .filter(of_budget)
            .filter(|row| row["status"] == "succeeded" && score(row) <= threshold)
            .map(|row| row["index"].as_str())
            .collect();
        let expected = through.len() as f64 / attempted.len() as f64;
        let found: f64 = figure("worst@0.2")["undetected_rate"].parse().unwrap();
        assert!((found - expected).abs() < 1e-12, "{detector}: {found} and {expected}");
    }

    let security = csv(reports.join("security.csv"));
    let curve = |attack: &str| -> Vec<(String, String)> {
        let rows = security.iter().filter(|row| row["attack"] == attack && row["detector"] == "alternative");
        rows.map(|row| (row["epsilon"].clone(), row["undetected_rate"].clone())).collect()
    };
    let epsilons: Vec<String> = curve("worst").into_iter().map(|(epsilon, _)| epsilon).collect();
    assert_eq!(epsilons, ["0.0", "0.1", "0.2"]);
    assert!(curve("deepfool-l2").is_empty(), "no budget, no curve");

    let blends: Vec<_> = rows.iter().filter(|row| row["set"] == "ambiguous").collect();
    assert!(blends.len() == 60 && blends.iter().all(|row| row["label"].is_empty() && row["status"].is_empty()));
    let blends = metrics.iter().find(|row| row["set"] == "ambiguous" && row["detector"] == "alternative").unwrap();
    assert_eq!((blends["n_positive"].as_str(), blends["undetected_rate"].as_str()), ("60", ""));
    assert!(blends["auroc"].parse::<f64>().unwrap() > 0.8, "{blends:?}");

    let checks = &json(reports.join("evaluate.json"))["checks"];
    let verdicts: BTreeMap<&str, &str> = checks
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (check["check"].as_str().unwrap(), check["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(verdicts["the model is not random"], "pass");
    assert_eq!(verdicts["noise of the same norm does not beat attacks"], "pass");
    assert_eq!(verdicts["the largest epsilon fools nearly all images"], "warn", "15 steps at 0.2 are too few");
    assert!(!verdicts.contains_key("gradient-free attacks do not beat gradients"), "nothing to compare: {verdicts:?}");
}

#[test]
fn what_is_finished_is_kept_and_what_is_not_is_made_and_the_result_is_the_same() {
    let folder = folder();
    let run =
        |more: &str| succeed(folder.path(), &format!("evaluate --method fgsm,bim --epsilon 0.1,0.2 --limit 40 {more}"));
    let made = |stderr: &str| -> Vec<String> {
        stderr
            .lines()
            .filter_map(|line| Some(line.strip_prefix("note: ")?.split_once(" made in")?.0.to_owned()))
            .collect()
    };
    assert_eq!(made(&run("").stderr), ["fgsm@0.1", "fgsm@0.2", "bim@0.1", "bim@0.2"]);
    let out = folder.path().join("reports");
    let whole = reports(&out);
    assert_eq!(made(&run("").stderr), [""; 0]);
    assert!(reports(&out) == whole);

    // As an interrupted run leaves it: one set half written, the next not begun.
    fs::remove_file(out.join("bim@0.1/attack.json")).unwrap();
    fs::write(out.join("bim@0.1/attack.csv"), "index,lab").unwrap();
    fs::remove_dir_all(out.join("bim@0.2")).unwrap();
    fs::remove_file(out.join("evaluate.json")).unwrap();
    assert_eq!(made(&run("--threads 1 --batch-size 9").stderr), ["bim@0.1", "bim@0.2"]);
    let again = reports(&out);
    assert!(again[..6] == whole[..6], "and evaluate.json names the threads");

    // Another attack, other images, another seed: another set.
    assert_eq!(made(&run("--steps 7").stderr), ["bim@0.1", "bim@0.2"]);
    assert_eq!(made(&run("--steps 7 --offset 1").stderr).len(), 4);
    assert_eq!(made(&run("--steps 7 --offset 1 --seed 5").stderr).len(), 4);
}

/// What a detector learned from other images is another detector, though its threshold be given.
#[test]
fn an_attack_on_a_detector_is_made_anew_for_other_validation_images() {
    let folder = folder();
    let digits = digits();
    let others = folder.path().join("others");
    write_test_images(&others, &digits.pixels()[..3000 * 784], &digits.labels()[..3000]);
    // Of a training file a tenth is for validation.
    for kind in ["images-idx3", "labels-idx1"] {
        let name = |split: &str| others.join(format!("{split}-{kind}-ubyte"));
        fs::rename(name("t10k"), name("train")).unwrap();
    }
    let run = |flags: &str| {
        let quick = "--method selective-pgd,bim --steps 2 --epsilon 0.2 --limit 4 --detector msp --detectors msp --threshold 0.5";
        succeed(folder.path(), &format!("evaluate {quick} --offset 4000 {flags}"));
        ["selective-pgd", "bim"].map(|name| {
            let summary = json(folder.path().join(format!("reports/{name}@0.2/attack.json")));
            summary["validation"]["dataset"].as_str().map(str::to_owned)
        })
    };
    assert_eq!(run(""), [None, None]);
    assert_eq!(run("--validation others"), [Some("others".to_owned()), None]);
}

#[test]
fn blends_take_two_classes() {
    let folder = folder();
    let finished = robust(folder.path(), "detect --ambiguous --method fgsm --limit 1");
    assert_eq!(finished.code, 1);
    assert!(finished.stderr.contains("the 1 images chosen are all of one class"), "{}", finished.stderr);
}

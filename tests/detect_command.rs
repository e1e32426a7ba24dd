//! `robust detect` on the embedded network and digits.

use std::collections::BTreeMap;
use std::fs;

use robust::checkpoint::Checkpoint;
use robust_data::pretrained::pretrained;
use robust_detectors::detectors;

use crate::command::{csv, folder, json, robust, succeed};
use crate::planted::{digits, write_test_images};

type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn every_figure_can_be_recomputed_from_the_rows() {
    let folder = folder();
    let finished = succeed(folder.path(), "detect --method fgsm,bim --epsilon 0.1,0.3 --limit 500");
    assert!(finished.stdout.starts_with("AUROC"), "{}", finished.stdout);
    let reports = folder.path().join("reports");
    let (rows, metrics) = (csv(reports.join("detect.csv")), csv(reports.join("metrics.csv")));
    let of = |set: &str| rows.iter().filter(|row| row["set"] == set).cloned().collect::<Vec<_>>();
    let clean = of("clean");
    assert_eq!((rows.len(), clean.len()), (5 * 500, 500));
    let sets: Vec<&str> = metrics
        .iter()
        .step_by(detectors().iter().filter(|info| info.by_default).count())
        .map(|row| row["set"].as_str())
        .collect();
    assert_eq!(sets, ["clean", "misclassified", "fgsm@0.1", "fgsm@0.3", "bim@0.1", "bim@0.3"]);

    for metric in metrics.iter().filter(|metric| metric["set"].contains('@')) {
        let score = format!("score_{}", metric["detector"]);
        let attacked = of(&metric["set"]);
        let negatives: Vec<f64> =
            clean.iter().filter(|r| r["prediction"] == r["label"]).map(|r| number(r, &score)).collect();
        let succeeded: Vec<&Row> = attacked.iter().filter(|row| row["status"] == "succeeded").collect();
        let positives: Vec<f64> = succeeded.iter().map(|row| number(row, &score)).collect();
        assert_eq!(
            (number(metric, "n_negative"), number(metric, "n_positive")),
            (negatives.len() as f64, positives.len() as f64)
        );

        // AUROC by its meaning: how often a positive outranks a negative, ties half.
        let wins: f64 = positives
            .iter()
            .flat_map(|p| {
                negatives.iter().map(move |n| {
                    if p > n {
                        1.0
                    } else if p == n {
                        0.5
                    } else {
                        0.0
                    }
                })
            })
            .sum();
        let auroc = wins / (negatives.len() * positives.len()) as f64;
        assert!((auroc - number(metric, "auroc")).abs() < 1e-9, "{metric:?}: {auroc}");
        assert!(number(metric, "auroc_low") <= auroc && auroc <= number(metric, "auroc_high"));

        let threshold = number(metric, "threshold");
        let share = |scores: &[f64]| scores.iter().filter(|&&s| s > threshold).count() as f64 / scores.len() as f64;
        assert!((share(&negatives) - number(metric, "fpr")).abs() < 1e-12);
        assert!((share(&positives) - number(metric, "tpr")).abs() < 1e-12);

        let attempted = attacked.iter().filter(|row| row["status"] != "skipped").count() as f64;
        let undetected = positives.iter().filter(|&&s| s <= threshold).count() as f64 / attempted;
        assert!((undetected - number(metric, "undetected_rate")).abs() < 1e-12);
        let robust = clean.iter().zip(&attacked).filter(|(clean, attacked)| {
            clean["prediction"] == clean["label"]
                && number(clean, &score) <= threshold
                && (attacked["prediction"] == attacked["label"] || number(attacked, &score) > threshold)
        });
        assert!((robust.count() as f64 / 500.0 - number(metric, "robust_accuracy")).abs() < 1e-12);
    }

    let chosen = metrics.iter().find(|metric| metric["detector"] == "combined").unwrap();
    for set in ["fgsm@0.1", "bim@0.3"] {
        let attempted: Vec<Row> = of(set).into_iter().filter(|row| row["status"] != "skipped").collect();
        let right = attempted.iter().filter(|row| {
            row["label"] == if row["flagged"] == "true" { &row["corrected_label"] } else { &row["prediction"] }.as_str()
        });
        let metric = metrics.iter().find(|m| m["set"] == set && m["detector"] == "combined").unwrap();
        let share = right.count() as f64 / attempted.len() as f64;
        assert!((share - number(metric, "accuracy_corrected")).abs() < 1e-12, "{metric:?}: {share}");
    }
    for row in &rows {
        assert_eq!(row["score"], row["score_combined"]);
        assert_eq!(row["flagged"] == "true", number(row, "score") > number(chosen, "threshold"));
        let ratio = number(row, "error_predicted") / number(row, "error_alternative");
        assert!((ratio - number(row, "score_alternative")).abs() < 1e-4 * ratio.max(1.0), "{row:?}");
        assert_eq!(row["label"].is_empty() || row["status"].is_empty(), row["set"] == "clean");
    }
    let summary = json(reports.join("detect.json"));
    assert_eq!(summary["metrics"].as_array().unwrap().len(), metrics.len());
    assert_eq!(summary["threshold_fpr"], 0.05);
    let set = &summary["sets"][3];
    assert_eq!((&set["set"], &set["method"], &set["epsilon"]), (&"bim@0.3".into(), &"bim".into(), &0.3.into()));
    assert_eq!((&set["norm"], &set["target"], &set["n"]), (&"linf".into(), &serde_json::Value::Null, &500.into()));
    assert!(fs::read_to_string(reports.join("roc.svg")).unwrap().contains("</svg>"));
    let roc = csv(reports.join("roc.csv"));
    assert_eq!((roc[0]["fpr"].as_str(), roc[0]["tpr"].as_str()), ("0.0", "0.0"));
}

#[test]
fn the_default_sets_are_fgsm_and_bim_at_three_epsilons_and_repeat_byte_for_byte() {
    let folder = folder();
    let run = |out: &str, more: &str| {
        succeed(folder.path(), &format!("detect --limit 120 --seed 1 --out {out} {more}"));
        ["detect.csv", "roc.csv", "metrics.csv"].map(|file| fs::read(folder.path().join(out).join(file)).unwrap())
    };
    let first = run("a", "");
    let metrics = csv(folder.path().join("a/metrics.csv"));
    let mut sets: Vec<&str> = metrics.iter().map(|row| row["set"].as_str()).collect();
    sets.dedup();
    let attacked = ["fgsm@0.1", "fgsm@0.2", "fgsm@0.3", "bim@0.1", "bim@0.2", "bim@0.3"];
    assert_eq!(sets, [&["clean", "misclassified"], &attacked[..]].concat());
    assert!(first == run("b", ""));
    assert!(first == run("c", "--batch-size 13 --threads 1"));
}

#[test]
fn detectors_are_scored_that_are_named_beside_the_one_that_flags() {
    let folder = folder();
    let all: Vec<&str> = detectors().iter().filter(|info| !info.is_trained()).map(|info| info.id).collect();
    let usual: Vec<&str> = detectors().iter().filter(|info| info.by_default).map(|info| info.id).collect();
    assert!(!usual.contains(&"two-way") && all.contains(&"two-way"));
    let with_two_way = [&usual[..], &["two-way"]].concat();
    for (flags, expected) in [
        ("", &usual[..]),
        ("--detectors all", &all),
        ("--detectors magnet,msp", &["combined", "msp", "magnet"]),
        ("--detector two-way --detectors msp", &["two-way", "msp"]),
        ("--detector two-way", &with_two_way),
    ] {
        succeed(folder.path(), &format!("detect --method fgsm --limit 20 {flags} --quiet"));
        let summary = json(folder.path().join("reports/detect.json"));
        let thresholds = summary["thresholds"].as_object().unwrap();
        assert!(
            expected.iter().all(|id| thresholds.contains_key(*id)) && thresholds.len() == expected.len(),
            "{flags}"
        );
        let row = &csv(folder.path().join("reports/detect.csv"))[0];
        assert_eq!(row.keys().filter(|column| column.starts_with("score_")).count(), expected.len(), "{flags}");
        assert_eq!(row["score"], row[&format!("score_{}", summary["detector"].as_str().unwrap())], "{flags}");
    }
}

#[test]
fn a_network_without_a_calibration_of_some_detector_gets_one_anew_the_same_each_time() {
    let folder = folder();
    let mut checkpoint = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    checkpoint.calibration.scores.remove("magnet");
    checkpoint.calibration.fits.remove("magnet");
    checkpoint.write(&folder.path().join("older.safetensors")).unwrap();
    let detect = |flags: &str| succeed(folder.path(), &format!("detect --method fgsm --limit 30 {flags}")).stderr;
    let note = "note: calibrating magnet on the validation images\n";
    assert!(!detect("--model older.safetensors --detectors msp").contains("calibrat"));
    assert!(detect("--model older.safetensors --out once").contains(note));
    assert!(detect("--model older.safetensors --threads 1 --out again").contains(note));
    let [once, again] = ["once", "again"].map(|out| fs::read(folder.path().join(out).join("detect.csv")).unwrap());
    assert!(once == again, "a fit is the same each time");
}

/// Digits on grey paper: the network is right about them, and its own thresholds flag nearly all.
#[test]
fn thresholds_come_from_the_images_that_the_flag_names() {
    let folder = folder();
    let path = folder.path();
    let digits = digits();
    for (name, from, images) in [("mine", 0, 300), ("others", 300, 3000)] {
        let (pixels, labels) = (&digits.pixels()[from * 784..][..images * 784], &digits.labels()[from..][..images]);
        let grey: Vec<u8> = pixels.iter().map(|&byte| byte.max(12)).collect();
        write_test_images(&path.join(name), &grey, labels);
    }
    // Of a training file a tenth is for validation.
    for kind in ["images-idx3", "labels-idx1"] {
        let name = |split: &str| path.join(format!("others/{split}-{kind}-ubyte"));
        fs::rename(name("t10k"), name("train")).unwrap();
    }
    let flagged = |flags: &str| {
        let told = succeed(path, &format!("detect --dataset mine --model mnist --method fgsm --epsilon 0.1 {flags}"));
        let rows = csv(path.join("reports/detect.csv"));
        let clean: Vec<_> = rows.iter().filter(|row| row["set"] == "clean").collect();
        (clean.iter().filter(|row| row["flagged"] == "true").count(), told.stderr)
    };
    let (own, told) = flagged("");
    assert!(own > 250 && told.contains("validation images like these (--validation)"), "{own}: {told}");
    let (named, told) = flagged("--validation others");
    assert!(named < 40 && !told.contains("unlike"), "{named}: {told}");
    assert!(told.starts_with("note: calibrating combined, wrong, tampered, "), "{told}");

    // The same of images that are screened.
    let screened = |flags: &str| {
        let told =
            robust(path, &format!("detect --input mine/t10k-images-idx3-ubyte --model mnist --out screened {flags}"));
        (told.code, told.stderr)
    };
    let of_screened = || json(path.join("screened/detect.json"));
    assert_eq!(screened("").0, 0);
    assert!(of_screened()["flagged"].as_u64().unwrap() > 250);
    assert_eq!(screened("--validation others").0, 0);
    let summary = of_screened();
    assert!(summary["flagged"].as_u64().unwrap() < 40, "{summary}");
    assert_eq!(summary["validation"]["dataset"], "others");
    let (code, told) = screened("--validation nowhere");
    assert!(code == 1 && told.contains("nowhere"), "{told}");
}

#[test]
fn the_threshold_follows_its_flags() {
    let folder = folder();
    let threshold = |flags: &str| {
        succeed(folder.path(), &format!("detect --method fgsm --limit 50 --detector msp {flags}"));
        json(folder.path().join("reports/detect.json"))["thresholds"]["msp"].as_f64().unwrap()
    };
    let (five, one) = (threshold(""), threshold("--fpr 0.01"));
    assert!(one > five, "fewer alarms need a higher threshold: {one} and {five}");
    assert_eq!(threshold("--threshold"), five);
    assert_eq!(threshold("--threshold -0.5"), -0.5);
    assert_eq!(json(folder.path().join("reports/detect.json"))["threshold_fpr"], serde_json::Value::Null);
}

//! `robust detect` on the embedded network and digits.

use std::collections::BTreeMap;
use std::fs;

use robust::checkpoint::Checkpoint;
use robust_data::png;
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

#[test]
fn a_persons_own_images_get_a_verdict_each() {
    let folder = folder();
    succeed(folder.path(), "attack --method bim --limit 40");
    succeed(folder.path(), "detect --input reports/adversarial.npz --out adversarial");
    succeed(folder.path(), "detect --input reports/clean.npz --out clean");
    let (adversarial, clean) =
        (csv(folder.path().join("adversarial/detect.csv")), csv(folder.path().join("clean/detect.csv")));
    let flagged = |rows: &[Row]| rows.iter().filter(|row| row["flagged"] == "true").count();
    assert_eq!((adversarial.len(), clean.len()), (40, 40));
    assert!(flagged(&adversarial) > flagged(&clean) + 10, "{} and {}", flagged(&adversarial), flagged(&clean));
    let first = &adversarial[0];
    assert_eq!((first["set"].as_str(), first["source"].as_str()), ("input", "adversarial.npz#0"));
    assert_eq!((first["label"].as_str(), first["status"].as_str()), ("", ""));
    let attacked = csv(folder.path().join("reports/attack.csv"));
    assert_eq!(first["prediction"], attacked[0]["adversarial_prediction"]);

    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    for (name, level) in [("black.png", 0), ("white.png", 255)] {
        png::write(&pictures.join(name), &[level; 784], 28).unwrap();
    }
    succeed(folder.path(), "detect --input pictures --out pictures-report");
    let sources: Vec<String> =
        csv(folder.path().join("pictures-report/detect.csv")).iter().map(|row| row["source"].clone()).collect();
    assert_eq!(sources, ["black.png", "white.png"]);
}

#[test]
fn software_gets_a_line_for_each_image_and_an_exit_code() {
    let folder = folder();
    for (name, level) in [("a/1.png", 0), ("b/1.png", 255)] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        png::write(&folder.path().join(name), &[level; 784], 28).unwrap();
    }
    fs::write(folder.path().join("b/2.png"), "no picture").unwrap();
    let screen = |arguments: &str| {
        let finished = robust(folder.path(), &format!("detect --quiet --detector msp --detectors entropy {arguments}"));
        let lines = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        (finished.code, lines.collect::<Vec<serde_json::Value>>(), finished.stderr)
    };
    let (code, lines, stderr) = screen("--input a b --jsonl --fail-on-flagged --threshold -1000");
    let told: Vec<_> = lines.iter().map(|line| [&line["source"], &line["verdict"]].map(|text| text.as_str())).collect();
    let expected = [("a/1.png", "flagged"), ("b/1.png", "flagged"), ("b/2.png", "unread")];
    assert_eq!(told, expected.map(|(source, verdict)| [Some(source), Some(verdict)]));
    // What could not be read weighs more than what is flagged.
    assert_eq!(code, 1, "{stderr}");
    let first = &lines[0];
    assert_eq!((first["detector"].as_str(), first["threshold"].as_f64()), (Some("msp"), Some(-1000.0)));
    assert!(["msp", "entropy"].iter().all(|id| first["scores"][id]["score"].is_f64()), "{first}");
    assert!(lines[2]["error"].as_str().unwrap().contains("b/2.png"), "{}", lines[2]);

    fs::remove_file(folder.path().join("b/2.png")).unwrap();
    let (code, _, stderr) = screen("--input a b --jsonl --fail-on-flagged --threshold -1000");
    assert_eq!((code, &*stderr), (3, "error: --fail-on-flagged: 2 of 2 images flagged\n"));
    assert_eq!(screen("--input a --input b --jsonl --fail-on-flagged --threshold 1000").0, 0);
    assert_eq!(screen("--input - - --jsonl").0, 2);
    let page = succeed(folder.path(), "report reports");
    assert!(!page.stderr.contains("left out"), "the images of both folders are found again: {}", page.stderr);
}

#[test]
fn screening_leaves_earlier_measurements_alone_but_says_that_they_are_old() {
    let folder = folder();
    succeed(folder.path(), "attack --method fgsm --limit 30 --quiet");
    // Attacked images are flagged, and that is said.
    let screen = |more: &str| {
        let stderr = succeed(folder.path(), &format!("detect --input reports/adversarial.npz {more}")).stderr;
        let (flagged, others): (Vec<&str>, Vec<&str>) = stderr
            .lines()
            .partition(|line| line.contains("% of these 30 images are flagged, where 5.00 % of clean ones are"));
        assert_eq!(flagged.len(), usize::from(!more.contains("--quiet")), "{stderr}");
        others.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(screen(""), "", "attack reports describe themselves");
    succeed(folder.path(), "detect --method fgsm --limit 30 --quiet");
    let measurement = ["roc.csv", "risk.svg", "metrics.csv"].map(|name| folder.path().join("reports").join(name));
    let before = measurement.clone().map(|path| fs::read(path).unwrap());
    let note = "note: roc.csv, roc.svg, risk.csv, risk.svg, metrics.csv in reports are of an earlier run and say nothing of these images\n";
    assert_eq!(screen(""), note);
    assert_eq!(screen("--quiet"), "");
    assert!(before == measurement.map(|path| fs::read(path).unwrap()));
    assert_eq!(screen("--out elsewhere"), "");
    assert!(csv(folder.path().join("reports/detect.csv")).iter().all(|row| row["set"] == "input"));
}

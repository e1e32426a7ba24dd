//! `robust detect --input`: a verdict for each of a person's own images.

use std::collections::BTreeMap;
use std::fs;

use robust_data::png;

use crate::command::{csv, folder, robust, succeed};

#[test]
fn a_persons_own_images_get_a_verdict_each() {
    let folder = folder();
    succeed(folder.path(), "attack --method bim --limit 40");
    succeed(folder.path(), "detect --input reports/adversarial.npz --out adversarial");
    succeed(folder.path(), "detect --input reports/clean.npz --out clean");
    let (adversarial, clean) =
        (csv(folder.path().join("adversarial/detect.csv")), csv(folder.path().join("clean/detect.csv")));
    let flagged = |rows: &[BTreeMap<String, String>]| rows.iter().filter(|row| row["flagged"] == "true").count();
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

//! A threshold taken from any file and given to `--threshold` flags what the file says that it flags.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::command::{csv, folder, json, succeed};
use crate::report_command::data;

type Row = BTreeMap<String, String>;

/// Images among which the network has errors of its own.
const IMAGES: &str = "--method fgsm --epsilon 0.1 --offset 2000 --limit 150 --quiet";

/// The row of `metrics.csv` with this threshold.
fn metrics(folder: &Path, command: &str, row: &Row, threshold: &str) -> Row {
    let detector = &row["detector"];
    let flags = format!("{IMAGES} --detector {detector} --detectors {detector} --threshold {threshold} --out again");
    succeed(folder, &format!("{command} {flags}"));
    let rows = csv(folder.join("again/metrics.csv"));
    rows.into_iter().find(|one| one["set"] == row["set"] && one["detector"] == *detector).unwrap()
}

fn rates(row: &Row) -> (&str, &str) {
    (&row["fpr"], &row["tpr"])
}

#[test]
fn every_corner_of_a_curve_is_reached_by_its_threshold() {
    let folder = folder();
    succeed(folder.path(), &format!("detect {IMAGES} --out first"));
    let corners = csv(folder.path().join("first/roc.csv"));
    for (set, detector) in
        [("misclassified", "combined"), ("fgsm@0.1", "combined"), ("fgsm@0.1", "msp"), ("fgsm@0.1", "entropy")]
    {
        let curve: Vec<&Row> = corners.iter().filter(|row| row["set"] == set && row["detector"] == detector).collect();
        assert!(curve.len() > 2, "{set}, {detector}");
        for at in [0, 1, curve.len() / 2, curve.len() - 1] {
            let corner = curve[at];
            let again = metrics(folder.path(), "detect", corner, &corner["threshold"]);
            assert_eq!(rates(&again), rates(corner), "{corner:?}");
            assert_eq!(again["threshold"], corner["threshold"]);
        }
    }
}

#[test]
fn the_thresholds_of_metrics_summaries_and_the_page_are_those_in_use() {
    let folder = folder();
    for (command, summary) in [("detect", "detect.json"), ("evaluate", "evaluate.json")] {
        succeed(folder.path(), &format!("{command} {IMAGES} --out {command}"));
        succeed(folder.path(), &format!("report {command}"));
        let out = folder.path().join(command);
        let page = data(&fs::read_to_string(out.join("report.html")).unwrap());
        let on_page = page["runs"][0]["detection"]["detectors"].as_array().unwrap();
        let text = fs::read_to_string(out.join(summary)).unwrap();
        for row in csv(out.join("metrics.csv")).iter().filter(|row| row["set"] == "fgsm@0.1") {
            let (detector, threshold) = (&row["detector"], &row["threshold"]);
            let in_summary = json(out.join(summary))["thresholds"][detector].as_f64().unwrap() as f32;
            assert_eq!(in_summary, threshold.parse::<f32>().unwrap());
            assert!(text.contains(threshold.as_str()), "{summary}: {threshold}");
            let on_page = on_page.iter().find(|one| one["id"] == **detector).unwrap()["threshold"].as_f64().unwrap();
            assert_eq!(on_page as f32, in_summary, "{detector}");
            if ["combined", "msp"].contains(&detector.as_str()) {
                assert_eq!(rates(&metrics(folder.path(), command, row, &in_summary.to_string())), rates(row));
            }
        }
    }
}

#[test]
fn every_score_can_be_given() {
    let folder = folder();
    for (threshold, is_flagged) in [("-1e-40", false), ("inf", false), ("-inf", true), ("-1e30", true)] {
        let flags = "--method fgsm --epsilon 0.1 --limit 20 --detector msp --detectors msp --json --quiet";
        let summary = succeed(folder.path(), &format!("detect {flags} --threshold {threshold}")).stdout;
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(summary["metrics"][0]["fpr"], if is_flagged { 1.0 } else { 0.0 }, "{threshold}");
        assert!(summary["thresholds"]["msp"].is_number(), "{threshold}");
    }
}

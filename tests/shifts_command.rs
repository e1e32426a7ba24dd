//! `--shifts`: benign shifts, as a user looks at them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::command::{csv, folder, json, succeed};

type Row = BTreeMap<String, String>;

const SHIFTS: [&str; 7] = ["brightness", "contrast", "binarize", "jpeg", "blur", "gaussian-noise", "rescale"];

/// The share of rows of which it is true.
fn share(rows: &[&Row], is: impl Fn(&Row) -> bool) -> f64 {
    rows.iter().filter(|row| is(row)).count() as f64 / rows.len() as f64
}

#[test]
fn shifts_are_of_all_images_and_their_table_follows_from_the_rows() {
    let folder = folder();
    // 247 is the first of the test images that the network gets wrong.
    let finished = succeed(folder.path(), "detect --shifts --method fgsm --epsilon 0.1 --offset 200 --limit 60");
    let reports = folder.path().join("reports");
    let (rows, metrics, shifts) =
        (csv(reports.join("detect.csv")), csv(reports.join("metrics.csv")), csv(reports.join("shifts.csv")));
    let names = SHIFTS.map(|shift| format!("shifted-{shift}@s0"));
    let sets: BTreeSet<&str> = rows.iter().map(|row| row["set"].as_str()).collect();
    assert_eq!(sets, names.iter().map(String::as_str).chain(["clean", "fgsm@0.1"]).collect());

    let detectors: BTreeSet<&str> = metrics.iter().map(|row| row["detector"].as_str()).collect();
    assert_eq!(shifts.len(), (1 + SHIFTS.len()) * detectors.len());
    let clean: Vec<&Row> = rows.iter().filter(|row| row["set"] == "clean").collect();
    for row in shifts.iter().filter(|row| row["detector"] == "combined") {
        let seen: Vec<&Row> = rows.iter().filter(|seen| seen["set"] == row["set"]).collect();
        let set = &row["set"];
        assert_eq!((seen.len(), row["n"].as_str()), (60, "60"), "{set}");
        assert!(
            seen.iter()
                .zip(&clean)
                .all(|(seen, clean)| seen["index"] == clean["index"] && seen["label"] == clean["label"])
        );
        assert!(seen.iter().all(|seen| seen["status"].is_empty()), "{set}: nobody attacked them");
        let reason = |word: &'static str| share(&seen, |seen| seen["reason"] == word);
        for (column, expected) in [
            ("accuracy", share(&seen, |seen| seen["label"] == seen["prediction"])),
            ("flagged", share(&seen, |seen| seen["flagged"] == "true")),
            ("unsure", reason("unsure")),
            ("another_label", reason("another label")),
            ("unlike", reason("unlike")),
        ] {
            assert_eq!(row[column].parse::<f64>().unwrap(), expected, "{set}, {column}");
        }
        if set != "clean" {
            // Every image is another one than before, the misclassified among them.
            let changed =
                seen.iter().zip(&clean).filter(|(seen, clean)| seen["score_combined"] != clean["score_combined"]);
            assert_eq!(changed.count(), 60, "{set}");
        }
        let errors = if set == "clean" { "misclassified" } else { set };
        let figures = metrics.iter().find(|found| found["set"] == errors && found["detector"] == "combined").unwrap();
        for column in ["auroc", "auroc_low", "auroc_high"] {
            assert_eq!(row[column], figures[column], "{set}, {column}");
        }
        let wrong = seen.iter().filter(|seen| seen["label"] != seen["prediction"]).count();
        assert_eq!(figures["n_positive"], wrong.to_string(), "{set}");
        assert_eq!(figures["n_negative"], (60 - wrong).to_string(), "{set}");
    }

    // The generalised risk is straight between the corners, so that its area is AUGRC.
    let risks = csv(reports.join("risk.csv"));
    for figures in metrics.iter().filter(|row| !row["augrc"].is_empty() && row["n_positive"] != "0") {
        let of = |row: &&Row| row["set"] == figures["set"] && row["detector"] == figures["detector"];
        let points: Vec<[f64; 2]> = risks
            .iter()
            .filter(of)
            .map(|row| ["coverage", "generalised_risk"].map(|column| row[column].parse().unwrap()))
            .collect();
        assert_eq!((points[0][0], points[points.len() - 1][0]), (0.0, 1.0), "{figures:?}");
        let area: f64 = points.windows(2).map(|pair| (pair[1][0] - pair[0][0]) * (pair[1][1] + pair[0][1]) / 2.0).sum();
        assert!((area - figures["augrc"].parse::<f64>().unwrap()).abs() < 1e-9, "{area}: {figures:?}");
    }
    let plot = fs::read_to_string(reports.join("risk.svg")).unwrap();
    assert!(risks.len() > detectors.len() && risks.iter().all(|row| plot.contains(&row["set"])));

    // A grey background is unlike black ones, and the remark says what differs.
    let remarks = json(reports.join("detect.json"))["remarks"].to_string();
    assert!(remarks.contains("of the shifted-brightness@s0 60 images are flagged"), "{remarks}");
    assert!(remarks.contains("of a brighter background"), "{remarks}");
    assert!(finished.stdout.contains("shifted-jpeg@s0"), "{}", finished.stdout);

    succeed(folder.path(), "report reports --quiet");
    let page = fs::read_to_string(reports.join("report.html")).unwrap();
    assert!(page.contains("When nobody means harm") && page.contains("shifted-rescale@s0"));
}

#[test]
fn without_shifts_there_are_none() {
    let folder = folder();
    succeed(folder.path(), "detect --method fgsm --epsilon 0.1 --limit 8 --detectors msp --detector msp");
    let reports = folder.path().join("reports");
    assert!(!reports.join("shifts.csv").exists());
    assert_eq!(json(reports.join("detect.json"))["shifts"], serde_json::json!([]));
    succeed(folder.path(), "report reports --quiet");
    assert!(!fs::read_to_string(reports.join("report.html")).unwrap().contains("When nobody means harm"));
}

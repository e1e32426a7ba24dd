//! `robust attack` on the embedded network and digits.

use std::fs;

use crate::command::{csv, folder, json, succeed};

fn number(row: &std::collections::BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn bim_fools_the_network_and_writes_all_three_files() {
    let folder = folder();
    let finished = succeed(folder.path(), "attack --method bim --limit 300");
    assert!(finished.stdout.contains("bim@0.3 on 300 images of mnist (test)"), "{}", finished.stdout);
    let rows = csv(folder.path().join("reports/attack.csv"));
    assert_eq!(rows.len(), 300);
    for (position, row) in rows.iter().enumerate() {
        assert_eq!(row["index"], position.to_string());
        let wrong = row["clean_prediction"] != row["label"];
        let fooled = row["adversarial_prediction"] != row["label"];
        assert_eq!(
            row["status"],
            if wrong {
                "skipped"
            } else if fooled {
                "succeeded"
            } else {
                "failed"
            }
        );
        assert!(number(row, "linf") <= 0.3 * (1.0 + 1e-6) + 1e-6, "{row:?}");
        assert!(row["target"].is_empty());
    }
    let summary = json(folder.path().join("reports/attack.json"));
    let count = |status: &str| rows.iter().filter(|row| row["status"] == status).count();
    for status in ["succeeded", "failed", "skipped"] {
        assert_eq!(summary[status], count(status));
    }
    let rate = count("succeeded") as f64 / (count("succeeded") + count("failed")) as f64;
    assert_eq!(summary["success_rate"], rate);
    assert!(rate >= 0.98, "an undefended network falls to BIM at 0.3: {rate}");
    assert_eq!(summary["accuracy_under_attack"], count("failed") as f64 / 300.0);
    assert_eq!(summary["nan_gradient"], 0);
    assert_eq!((&summary["settings"]["steps"], &summary["settings"]["step_size"]), (&40.into(), &0.01.into()));
}

#[test]
fn strength_orders_methods_and_epsilons() {
    let folder = folder();
    let summary =
        succeed(folder.path(), "attack --method noise,fgsm,bim --epsilon 0.05,0.1,0.2,0.3 --limit 400 --json");
    let summary: serde_json::Value = serde_json::from_str(&summary.stdout).unwrap();
    let rates: Vec<f64> =
        summary["sets"].as_array().unwrap().iter().map(|set| set["success_rate"].as_f64().unwrap()).collect();
    let [noise, fgsm, bim] = [&rates[..4], &rates[4..8], &rates[8..]];
    for rates in [fgsm, bim] {
        assert!(rates.is_sorted(), "success must grow with epsilon: {rates:?}");
    }
    assert!(noise.iter().zip(fgsm).all(|(noise, fgsm)| 5.0 * noise <= *fgsm), "noise is no attack: {noise:?} {fgsm:?}");
    assert!(fgsm[3] > 0.5 && bim[3] >= 0.98 && bim.iter().zip(fgsm).all(|(bim, fgsm)| bim >= fgsm), "{fgsm:?} {bim:?}");
    for set in ["noise@0.05", "fgsm@0.3", "bim@0.1"] {
        assert!(folder.path().join("reports").join(set).join("adversarial.npz").exists(), "{set}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_batch_size_changes_nothing() {
    let folder = folder();
    let run = |out: &str, more: &str| {
        succeed(folder.path(), &format!("attack --method pgd,mi-fgsm-l2 --limit 150 --out {out} {more}"));
        let read = |set: &str, file: &str| fs::read(folder.path().join(out).join(set).join(file)).unwrap();
        let sets = ["pgd@0.3", "mi-fgsm-l2@2"].map(|set| (read(set, "attack.csv"), read(set, "adversarial.npz")));
        (sets, read("", "clean.npz"))
    };
    let first = run("a", "--seed 1");
    assert!(first == run("b", "--seed 1"), "the same seed");
    assert!(first == run("c", "--seed 1 --batch-size 7 --threads 1"), "another batch size");
    let other = run("d", "--seed 2");
    assert!(first.0 != other.0 && first.1 == other.1, "another seed");
    let stopped = run("e", "--seed 1 --early-stop");
    assert!(first.0 != stopped.0, "early stop");
    assert!(stopped == run("f", "--seed 1 --early-stop --batch-size 7 --threads 1"), "early stop in other batches");
}

#[test]
fn early_stop_fools_as_many_with_less_and_says_so() {
    let folder = folder();
    let run = |out: &str, more: &str| {
        succeed(folder.path(), &format!("attack --method fgsm,bim,pgd --epsilon 0.2 --limit 150 --out {out} {more}"));
        ["fgsm@0.2", "bim@0.2", "pgd@0.2"].map(|set| {
            let set = folder.path().join(out).join(set);
            (json(set.join("attack.json")), csv(set.join("attack.csv")))
        })
    };
    let (full, early) = (run("full", ""), run("early", "--early-stop"));
    assert_eq!(full[0].1, early[0].1, "FGSM has one step");
    assert_eq!(early[0].0["settings"].get("early_stop"), None);
    for ((full, full_rows), (early, early_rows)) in full[1..].iter().zip(&early[1..]) {
        assert_eq!((&full["settings"]["early_stop"], &early["settings"]["early_stop"]), (&false.into(), &true.into()));
        let rates = [full, early].map(|summary| summary["success_rate"].as_f64().unwrap());
        assert!(rates[1] >= rates[0] && rates[0] > 0.5, "{rates:?}");
        let moved = |rows: &[_]| rows.iter().map(|row| number(row, "l2")).sum::<f64>();
        assert!(moved(early_rows) < 0.9 * moved(full_rows), "an image that stops early has not gone far");
    }
}

#[test]
fn targets_are_reached_or_skipped() {
    let folder = folder();
    for target in ["3", "random", "least-likely"] {
        succeed(folder.path(), &format!("attack --method bim --target {target} --limit 100"));
        let rows = csv(folder.path().join("reports/attack.csv"));
        for row in &rows {
            let skipped = row["clean_prediction"] != row["label"] || row["target"] == row["label"];
            let reached = row["adversarial_prediction"] == row["target"];
            assert_eq!(
                row["status"],
                if skipped {
                    "skipped"
                } else if reached {
                    "succeeded"
                } else {
                    "failed"
                }
            );
            assert!(target != "3" || row["target"] == "3");
            assert!(target == "3" || row["target"] != row["label"]);
            if skipped {
                assert_eq!((row["linf"].as_str(), &row["adversarial_prediction"]), ("0.0", &row["clean_prediction"]));
            }
        }
        let reached = rows.iter().filter(|row| row["status"] == "succeeded").count();
        assert!(reached > 70, "target {target}: {reached} of 100");
    }
}

#[test]
fn epsilon_zero_changes_no_image() {
    let folder = folder();
    succeed(folder.path(), "attack --method fgsm,pgd --epsilon 0 --limit 50");
    for set in ["fgsm@0", "pgd@0"] {
        let rows = csv(folder.path().join("reports").join(set).join("attack.csv"));
        assert!(rows.iter().all(|row| row["l2"] == "0.0" && row["status"] != "succeeded"), "{set}");
    }
}

#[test]
fn offset_and_limit_choose_the_same_images_in_the_same_way() {
    let folder = folder();
    succeed(folder.path(), "attack --method pgd --limit 60 --out whole --quiet");
    let part = succeed(folder.path(), "attack --method pgd --offset 40 --limit 20 --out part --quiet");
    assert_eq!(part.stderr, "");
    let whole = csv(folder.path().join("whole/attack.csv"));
    assert_eq!(whole[40..], csv(folder.path().join("part/attack.csv")));
}

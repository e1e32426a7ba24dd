//! `robust attack` with several sets in one go, and with a judge of its own.

use std::fs;
use std::path::Path;

use robust::checkpoint::Checkpoint;
use robust_attacks::Model;
use robust_data::{Dataset, SplitName};
use robust_networks::StyleMemory;

use crate::command::{csv, folder, json, succeed};

#[test]
fn epsilons_in_one_call_share_work_and_change_nothing() {
    let folder = folder();
    let set = |out: &str, set: &str| {
        let set = folder.path().join(out).join(set);
        ["attack.csv", "adversarial.npz"].map(|file| fs::read(set.join(file)).unwrap())
    };
    succeed(folder.path(), "attack --method fgsm,mi-fgsm,pgd,noise --epsilon 0.1,0.3 --limit 90 --out together");
    for method in ["fgsm", "mi-fgsm", "pgd", "noise"] {
        for epsilon in ["0.1", "0.3"] {
            let name = format!("{method}@{epsilon}");
            succeed(
                folder.path(),
                &format!("attack --method {method} --epsilon {epsilon} --limit 90 --out alone/{name}"),
            );
            assert!(set("together", &name) == set("alone", &name), "{name}");
        }
    }
}

#[test]
fn queries_are_reported_per_image_and_in_sum() {
    let folder = folder();
    succeed(folder.path(), "attack --method noise,bim --steps 7 --limit 60");
    for (name, queries) in [("noise@0.3", "0"), ("bim@0.3", "7")] {
        let rows = csv(folder.path().join("reports").join(name).join("attack.csv"));
        for row in &rows {
            assert_eq!(row["queries"], if row["status"] == "skipped" { "0" } else { queries }, "{name}: {row:?}");
        }
        let summary = json(folder.path().join("reports").join(name).join("attack.json"));
        assert_eq!(summary["mean_queries"].as_f64(), queries.parse().ok(), "{name}");
        let mut l2: Vec<f64> =
            rows.iter().filter(|row| row["status"] == "succeeded").map(|row| row["l2"].parse().unwrap()).collect();
        l2.sort_by(f64::total_cmp);
        let median = l2.get(l2.len() / 2).map(|upper| (l2[(l2.len() - 1) / 2] + upper) / 2.0);
        assert_eq!(summary["median_l2"].as_f64(), median, "{name}");
    }
}

#[test]
fn sets_without_a_budget_are_named_by_what_they_have() {
    let folder = folder();
    let methods = "deepfool-l2,cw,blur,bim --confidence 0,5 --severity 1,4 --epsilon 0.2 --searches 7 --steps 100";
    succeed(folder.path(), &format!("attack --method {methods} --learning-rate 0.05 --limit 20"));
    let sets = ["deepfool-l2@min", "cw-l2@k0", "cw-l2@k5", "blur@s1", "blur@s4", "bim@0.2"];
    let summaries = sets.map(|set| json(folder.path().join("reports").join(set).join("attack.json")));
    for (set, summary) in sets.iter().zip(&summaries) {
        assert_eq!(summary["set"], *set);
        let has_budget = *set == "bim@0.2";
        assert_eq!(summary["epsilon"].is_null(), !has_budget, "{set}");
        assert_eq!(summary["norm"].is_null(), set.starts_with("blur"), "{set}");
    }
    let [deepfool, cw, sure, ..] = summaries;
    let (deepfool, cw, sure) = (&deepfool["median_l2"], &cw["median_l2"], &sure["median_l2"]);
    assert!(cw.as_f64() < deepfool.as_f64() && cw.as_f64() < sure.as_f64(), "{cw} {deepfool} {sure}");
    assert!(deepfool.as_f64() < Some(3.0), "{deepfool}");
}

#[test]
fn the_ensemble_leaves_no_more_standing_than_its_first_attack() {
    let folder = folder();
    succeed(folder.path(), "attack --method apgd,auto --epsilon 0.2 --limit 24 --out reports");
    let standing =
        |set: &str| json(folder.path().join("reports").join(set).join("attack.json"))["accuracy_under_attack"].as_f64();
    assert!(standing("auto@0.2") <= standing("apgd@0.2"));
}

/// Predictions of a network on images of an npz that `robust attack` wrote.
fn predictions(network: &Path, npz: &Path) -> Vec<String> {
    let images = robust_data::npz::read_images(npz, &["x_adv"]).unwrap();
    let checkpoint = Checkpoint::read(network).unwrap();
    let device = candle_core::Device::Cpu;
    let network = StyleMemory::new(&checkpoint.parameters, &device).unwrap();
    let logits = network.logits(&images.image_tensor(0..images.len(), &device).unwrap()).unwrap();
    logits.argmax(1).unwrap().to_vec1::<u32>().unwrap().iter().map(u32::to_string).collect()
}

#[test]
fn a_transfer_is_judged_by_the_other_network() {
    let folder = folder();
    succeed(folder.path(), "train --limit 3000 --epochs 2 --seed 3 --quiet --out other");
    let other = folder.path().join("other/model.safetensors");
    succeed(folder.path(), "attack --method bim --epsilon 0.2 --limit 200 --out own");
    succeed(
        folder.path(),
        "attack --method bim --epsilon 0.2 --limit 200 --transfer-to other/model.safetensors --out moved",
    );
    let (own, moved) = (folder.path().join("own"), folder.path().join("moved"));
    let labels: Vec<String> = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap().labels()[..200]
        .iter()
        .map(u32::to_string)
        .collect();

    let rows = csv(moved.join("attack.csv"));
    let judged = predictions(&other, &moved.join("adversarial.npz"));
    for ((row, prediction), label) in rows.iter().zip(&judged).zip(&labels) {
        let status = match (&row["clean_prediction"] == label, prediction == label) {
            (false, _) => "skipped",
            (true, true) => "failed",
            (true, false) => "succeeded",
        };
        assert_eq!((&row["adversarial_prediction"], row["status"].as_str()), (prediction, status), "{row:?}");
    }
    let [own, moved] = [own, moved].map(|folder| json(folder.join("attack.json")));
    assert_eq!(own["transfer"], serde_json::Value::Null);
    assert_eq!(moved["transfer"]["to"], "other/model.safetensors");
    let rate = |summary: &serde_json::Value| summary["success_rate"].as_f64().unwrap();
    assert!(rate(&own) > 0.7 && rate(&moved) < rate(&own), "images are at home where they were made: {own} {moved}");
    let count = |name: &str| moved[name].as_f64().unwrap();
    let fooled = moved["transfer"]["fooled_model"].as_f64().unwrap() / (count("succeeded") + count("failed"));
    assert!(fooled > 0.7 && fooled > rate(&moved), "{moved}");
    // To itself everything transfers.
    succeed(folder.path(), "attack --method bim --epsilon 0.2 --limit 200 --transfer-to mnist --out itself");
    assert!(csv(folder.path().join("itself/attack.csv")) == csv(folder.path().join("own/attack.csv")));
}

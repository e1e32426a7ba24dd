//! Networks with large logits: the digits' network is the same classifier whatever its logits are multiplied by.

use std::path::Path;

use robust::checkpoint::Checkpoint;
use robust_data::pretrained::pretrained;

use crate::command::{csv, folder, json, robust, succeed};

/// Writes the embedded network with its logits multiplied.
fn write_scaled(path: &Path, factor: f32) {
    let mut checkpoint = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    let tensors = checkpoint.parameters.layout().tensors().to_vec();
    for tensor in tensors.iter().filter(|tensor| tensor.name.starts_with("encoder.classifier.")) {
        let values = &mut checkpoint.parameters.values_mut()[tensor.offset..tensor.offset + tensor.len()];
        values.iter_mut().for_each(|value| *value *= factor);
    }
    checkpoint.write(path).unwrap();
}

#[test]
fn every_detector_scores_a_network_with_large_logits() {
    let folder = folder();
    let detect = |more: &str, out: &str| {
        let flags =
            "--method fgsm,selective-pgd --steps 2 --restarts 1 --epsilon 0.2 --limit 12 --detectors all --quiet";
        succeed(folder.path(), &format!("detect {flags} {more} --out {out}"));
        csv(folder.path().join(out).join("detect.csv"))
    };
    let embedded = detect("", "embedded");
    for (factor, file) in [(1e2, "hundred.safetensors"), (1e4, "myriad.safetensors"), (1e30, "vast.safetensors")] {
        write_scaled(&folder.path().join(file), factor);
        let scaled = detect(&format!("--model {file}"), "scaled");
        assert_eq!(scaled.len(), embedded.len());
        for set in json(folder.path().join("scaled/detect.json"))["sets"].as_array().unwrap() {
            assert_eq!(set["nan_gradient"], 0, "{file}: {set}");
        }
        for (row, own) in scaled.iter().zip(&embedded) {
            let scores: Vec<_> = row.iter().filter(|(column, _)| column.starts_with("score_")).collect();
            assert_eq!(
                scores.len(),
                robust_detectors::detectors().iter().filter(|info| !info.is_trained()).count(),
                "{row:?}"
            );
            assert!(scores.iter().all(|(_, score)| score.parse::<f32>().unwrap().is_finite()), "{file}: {row:?}");
            if row["set"] == "clean" {
                assert_eq!(
                    (&row["prediction"], &row["score_reconstruction"]),
                    (&own["prediction"], &own["score_reconstruction"])
                );
            }
        }
    }
}

#[test]
fn logits_that_overflow_are_named_with_their_network() {
    let folder = folder();
    write_scaled(&folder.path().join("huge.safetensors"), 1e38);
    for command in [
        "attack --method fgsm --model huge.safetensors",
        "attack --method fgsm --transfer-to huge.safetensors",
        "detect --method fgsm --model huge.safetensors",
        "evaluate --method fgsm --epsilon 0.1 --model huge.safetensors",
    ] {
        let finished = robust(folder.path(), &format!("{command} --limit 8 --quiet"));
        assert_eq!((finished.code, finished.stdout.as_str()), (1, ""), "{command}");
        assert!(finished.stderr.starts_with("error: network huge.safetensors: the "), "{command}: {}", finished.stderr);
        assert!(finished.stderr.contains("logits") && finished.stderr.lines().count() == 1, "{}", finished.stderr);
    }
}

//! `train --second`: a second network in the file, and the detector that asks it.

use robust::checkpoint::Checkpoint;

use crate::command::{csv, folder, robust, succeed};
use crate::digits::write_few;

#[test]
fn a_second_network_is_kept_in_the_file_and_asked_where_it_is_named() {
    let folder = folder();
    let path = folder.path();
    write_few(path);
    let train =
        |flags: &str| succeed(path, &format!("train --dataset few --limit 180 --epochs 1 --threads 2 --quiet {flags}"));
    train("--out alone");
    train("--second --out beside");
    // The first network is the same.
    let read = |run: &str| Checkpoint::read(&path.join(run).join("model.safetensors")).unwrap();
    let (alone, beside) = (read("alone"), read("beside"));
    assert_eq!(alone.parameters, beside.parameters);
    assert_eq!(beside.calibration.scores.len(), alone.calibration.scores.len() + 1);
    let detect = |run: &str, flags: &str| {
        robust(
            path,
            &format!(
                "detect --method fgsm --epsilon 0.1 --dataset few --model {run}/model.safetensors --out {run}-out {flags}"
            ),
        )
    };
    for (run, flags, is_scored) in [
        ("alone", "", false),
        ("alone", "--detectors all", false),
        ("beside", "", false),
        ("beside", "--detectors all", true),
    ] {
        let finished = detect(run, flags);
        assert!(finished.code == 0 && !finished.stderr.contains("second-opinion"), "{run}: {}", finished.stderr);
        let rows = csv(path.join(format!("{run}-out/detect.csv")));
        assert!(rows.iter().all(|row| row.contains_key("score_second-opinion") == is_scored), "{run} {flags}");
    }
    let refused = detect("alone", "--detector second-opinion");
    let expected = "error: there is no calibration of second-opinion for network alone/model.safetensors (choose another detector), and none can be made: it asks a second network, which `robust train --second` trains beside the first\n";
    assert!(refused.code == 1 && refused.stderr.ends_with(expected), "{}", refused.stderr);
    assert!(!refused.stderr.contains("calibrating"), "{}", refused.stderr);
}

//! Tables without rows.

use std::fs;

use crate::command::{csv, folder, succeed};

#[test]
fn a_table_without_rows_has_its_header() {
    let folder = folder();
    succeed(folder.path(), "detect --epsilon 0 --limit 5 --quiet --out none");
    succeed(
        folder.path(),
        "evaluate --method deepfool-l2 --limit 5 --detector msp --detectors msp --quiet --out none-either",
    );
    succeed(folder.path(), "figures --figure misclassified,interpolation --limit 2 --quiet --out figures");
    for (name, header) in [
        ("none/roc.csv", "set,detector,threshold,fpr,tpr\n"),
        (
            "none-either/security.csv",
            "attack,norm,epsilon,detector,success_rate,undetected_rate,robust_accuracy,robust_accuracy_strict\n",
        ),
        (
            "figures/misclassified.csv",
            "index,label,prediction,confidence,error_predicted,error_corrected,seen_predicted,seen_corrected\n",
        ),
        (
            "figures/interpolation.csv",
            "label,from,to,shown,largest_step_over_mean,length_over_chord,largest_deviation,accepted,accepted_straight\n",
        ),
    ] {
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), header, "{name}");
    }
    // With rows there is one header, too.
    assert!(csv(folder.path().join("none/metrics.csv")).iter().all(|row| row["detector"] != "detector"));
}

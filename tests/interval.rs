//! The interval of an AUROC covers: `cargo bench --bench coverage` with fewer cells and repetitions.

#[path = "../benches/coverage/simulation.rs"]
mod simulation;

use simulation::{AREAS, Cell, Scores};

#[test]
fn an_interval_of_few_images_holds_the_true_area() {
    let [_, nine, .., ninety_nine, _] = AREAS;
    let normal = Scores::Normal(1.0);
    for (scores, negatives, positives, correlation, area, least) in [
        (normal, 8, 8, 0.0, ninety_nine, 0.92),
        (normal, 8, 8, 0.5, AREAS[0], 0.92),
        (normal, 20, 20, 0.5, AREAS[2], 0.92),
        (normal, 400, 8, 0.0, ninety_nine, 0.92),
        (normal, 2000, 50, 0.5, AREAS[4], 0.92),
        (Scores::Normal(2.0), 20, 20, 0.0, nine, 0.9),
        (Scores::Exponential, 20, 20, 0.0, nine, 0.9),
        (Scores::Counts, 20, 20, 0.0, nine, 0.9),
    ] {
        let cell = Cell { scores, negatives, positives, correlation, area };
        let found = cell.run(300).unwrap();
        assert!(found.coverage >= least, "{cell:?}: {found:?}");
        assert!(positives != 50 || found.ratio() < 1.5, "{cell:?}: {found:?}");
    }
}

//! HopSkipJump: the distance to the border of a linear model, and blindness to everything but decisions.

use candle_core::{D, DType, Result, Tensor};
use robust_attacks::{Budget, Goal, HopSkipJump, Norm};

use crate::models::{WEIGHTS, goals, images, linear, network, pixels, product, queries, run, tensor, toy};

#[test]
fn on_a_linear_model_the_change_is_hardly_longer_than_the_way_to_the_border() {
    // Class 0 leads class 1 by a margin that no bound is in the way of, class 2 is out of reach.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let slope: Vec<f64> = (0..6).map(|pixel| f64::from(WEIGHTS[1][pixel] - WEIGHTS[0][pixel])).collect();
    let (l1, l2) = slope.iter().fold((0.0, 0.0), |(l1, l2), slope| (l1 + slope.abs(), l2 + slope * slope));
    for margin in [0.25, 1.0] {
        // At this image the logits are 0, 1 and -0.5.
        let lead = tensor(&[1.0 + margin, 0.0, -1e3], (1, 3));
        let model = toy({
            let weights = weights.clone();
            move |x: &Tensor| product(x, &weights)?.broadcast_add(&lead)
        });
        let margin = f64::from(margin);
        for (norm, closest, tolerance) in [(Norm::Linf, margin / l1, 1.05), (Norm::L2, margin / l2.sqrt(), 1.02)] {
            for goal in [Goal::Untargeted { labels: vec![0; 3] }, Goal::Targeted { classes: vec![1; 3] }] {
                let x = tensor(&[0.5; 18], (3, 6));
                let attack = HopSkipJump { queries: 3000 };
                let found = run(&attack, &model, &x, &goal, Budget::unbounded(norm));
                assert_eq!(found.success, [true; 3]);
                let distances = if norm == Norm::Linf { found.linf } else { found.l2 };
                for distance in distances {
                    assert!(closest <= distance && distance < tolerance * closest, "{norm}: {distance} for {closest}");
                }
            }
        }
    }
}

#[test]
fn only_decisions_matter() {
    fn one_hot(logits: &Tensor) -> Result<Tensor> {
        let best = logits.argmax_keepdim(D::Minus1)?;
        let labels = Tensor::arange(0, logits.dim(1)? as u32, logits.device())?.unsqueeze(0)?;
        best.broadcast_eq(&labels)?.to_dtype(DType::F32)
    }
    let (model, x) = (network(), images());
    let decisive = toy(move |x: &Tensor| one_hot(&robust_attacks::Model::logits(&network(), x)?));
    for norm in [Norm::Linf, Norm::L2] {
        for goal in goals(&model, &x) {
            let attack = HopSkipJump { queries: 1000 };
            let (seeing, blind) = (
                run(&attack, &model, &x, &goal, Budget::unbounded(norm)),
                run(&attack, &decisive, &x, &goal, Budget::unbounded(norm)),
            );
            assert!(seeing.success.contains(&true), "{norm} {goal:?}");
            assert_eq!(pixels(&seeing.images), pixels(&blind.images), "{norm} {goal:?}");
        }
    }
}

#[test]
fn an_image_that_no_random_image_makes_a_start_for_stays_as_it_is() {
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let handicap = tensor(&[0.0, 0.0, -1e3], (1, 3));
    let model = toy(move |x: &Tensor| product(x, &weights)?.broadcast_add(&handicap));
    let x = images();
    let goal = Goal::Targeted { classes: vec![2; 4] };
    let found = run(&HopSkipJump { queries: 5000 }, &model, &x, &goal, Budget::unbounded(Norm::L2));
    assert_eq!(
        (found.success.clone(), pixels(&found.images), queries(&found)),
        (vec![false; 4], pixels(&x), vec![100; 4])
    );
}

#[test]
fn more_questions_bring_images_closer() {
    let (model, x) = (linear(), images());
    for norm in [Norm::Linf, Norm::L2] {
        for goal in goals(&model, &x) {
            let total = |queries| {
                let found = run(&HopSkipJump { queries }, &model, &x, &goal, Budget::unbounded(norm));
                assert_eq!(found.success, [true; 4], "{goal:?}");
                if norm == Norm::Linf { found.linf.iter().sum::<f64>() } else { found.l2.iter().sum() }
            };
            let [start, some, many] = [20, 300, 3000].map(total);
            assert!(many < some && some < start, "{norm} {goal:?}: {start}, {some}, {many}");
        }
    }
}

//! FAB: the box that its projections know, its budget, its restarts, and one target after the other.

use candle_core::Tensor;
use robust_attacks::{Adversarials, AttackExt, Budget, Fab, Goal, Norm, TargetedEach};

use crate::closed_forms::{middle, to_border};
use crate::models::{
    budget, distances, goals, images, network, pixels, predictions, product, randomness, run, task, tensor, toy_of,
};

const FAB: Fab = Fab { steps: 100, restarts: 1 };

#[test]
fn the_box_is_part_of_what_fab_solves() {
    // Four of the pixels can hardly move towards class 2: the nearest point lies on their bounds. scipy's solution of
    // `minimize(lambda d: d @ d, ...)` and `linprog` as in `hyperplane.rs`, with these images, weights and values.
    let weights = tensor(&[[0.0; 6], [-3.0, 0.5, -2.0, 1.0, 0.25, 4.0]].concat(), (2, 6));
    let (x, goal) = (tensor(&[0.0, 1.0, 0.1, 0.9, 0.5, 0.3], (1, 6)), Goal::Untargeted { labels: vec![0] });
    // The second logit is 2.525 at the original.
    for (value, linf, l2) in
        [(-0.3, 0.041379310, 0.065368165), (-1.5, 0.282352941, 0.330223589), (-3.0, 0.64375, 0.688369189)]
    {
        let handicap = tensor(&[0.0, value - 2.525], (1, 2));
        let model = toy_of(6, 2, |x: &Tensor| product(x, &weights)?.broadcast_add(&handicap));
        for (norm, expected) in [(Norm::Linf, linf), (Norm::L2, l2)] {
            let found = run(&FAB, &model, &x, &goal, Budget::unbounded(norm));
            let distance = distances(&found, norm)[0];
            assert!(found.success[0] && (distance / expected - 1.0).abs() < 3e-3, "{norm}: {distance}, not {expected}");
        }
    }
}

#[test]
fn towards_each_class_without_a_budget_the_nearest_success_is_kept() {
    let (model, x) = (network(), images());
    let [goal, _] = goals(&model, &x);
    for norm in [Norm::Linf, Norm::L2] {
        let towards = |steps: u32| {
            let labels = predictions(&model, &x);
            let classes = labels.iter().map(|label| (label + steps) % 3).collect();
            run(&FAB, &model, &x, &Goal::Toward { labels, classes }, Budget::unbounded(norm))
        };
        let each = run(&TargetedEach { attack: FAB, classes: 2 }, &model, &x, &goal, Budget::unbounded(norm));
        let (one, other) = (towards(1), towards(2));
        for image in 0..4 {
            let of = |found: &Adversarials| {
                if found.success[image] { distances(found, norm)[image] } else { f64::INFINITY }
            };
            assert_eq!(of(&each), of(&one).min(of(&other)), "{norm} {image}");
        }
    }
}

#[test]
fn within_a_budget_fab_is_done_when_it_fools_inside_it() {
    let (model, x, goals) = middle();
    let smallest = to_border(0.0, Norm::L2);
    for (epsilon, success, most) in [(0.9 * smallest, false, 210), (1.1 * smallest, true, 3)] {
        let found = run(&FAB, &model, &x, &goals[0], budget(Norm::L2, epsilon));
        assert_eq!(found.success, [success], "{epsilon}");
        assert!(found.traces[0].queries <= most, "{epsilon}: {}", found.traces[0].queries);
    }
}

#[test]
fn restarts_of_fab_start_elsewhere_and_never_lose_ground() {
    let (model, x) = (network(), images());
    let [goal, _] = goals(&model, &x);
    for (norm, epsilon) in [(Norm::Linf, 0.4), (Norm::L2, 0.8)] {
        for budget in [budget(norm, epsilon), Budget::unbounded(norm)] {
            let found = |restarts, seed| {
                Fab { steps: 20, restarts }.run(&task(&model, &x, &goal, &randomness(seed, 4)), &budget).unwrap()
            };
            let (once, often) = (found(1, 1), found(20, 1));
            let distance = |found: &Adversarials, image: usize| {
                if found.success[image] { distances(found, norm)[image] } else { f64::INFINITY }
            };
            assert!((0..4).all(|image| distance(&often, image) <= distance(&once, image)), "{budget:?}");
            let gained = (0..4).any(|image| distance(&often, image) < distance(&once, image));
            assert!(gained, "{budget:?}");
            assert_eq!(pixels(&once.images), pixels(&found(1, 2).images), "{budget:?}: the first walk is not random");
        }
    }
}

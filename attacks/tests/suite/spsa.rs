//! SPSA on models whose gradient is known, zero, or not a number.

use candle_core::Tensor;
use robust_attacks::{AttackExt, Budget, Goal, Norm, Spsa, Step};

use crate::models::{
    WEIGHTS, assert_close, budget, by_row, goals, images, linear, nan_gradients, pixels, product, queries, randomness,
    run, task, tensor, toy, zero_gradients,
};

fn spsa(steps: usize, step: f64, samples: usize) -> Spsa {
    Spsa { steps, step: Step::Size(step), samples }
}

#[test]
fn the_first_step_goes_along_the_signs_of_the_gradient() {
    // Class 1 is out of reach; what is left has a gradient without zeros.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let handicap = tensor(&[0.0, -1e3, -10.0], (1, 3));
    let model = toy(move |x: &Tensor| product(x, &weights)?.broadcast_add(&handicap));
    let slope: Vec<f32> = (0..6).map(|pixel| WEIGHTS[2][pixel] - WEIGHTS[0][pixel]).collect();
    for goal in [Goal::Untargeted { labels: vec![0] }, Goal::Targeted { classes: vec![2] }] {
        for (norm, step, length) in [(Norm::Linf, 0.0625, 0.0625), (Norm::L2, 0.25, 0.25 / 6f32.sqrt())] {
            // Adam's first step has the same length along every pixel.
            let expected: Vec<f32> = slope.iter().map(|slope| 0.5 + length * slope.signum()).collect();
            let found = run(&spsa(1, step, 300), &model, &tensor(&[0.5; 6], (1, 6)), &goal, budget(norm, 0.3));
            assert_close(&pixels(&found.images), &expected, 1e-6, &format!("{norm} {goal:?}"));
            assert_eq!(queries(&found), [601]);
        }
    }
}

#[test]
fn an_image_leaves_at_its_first_success_and_the_last_iterate_is_not_asked_about() {
    let (model, x) = (linear(), images());
    for goal in goals(&model, &x) {
        let counts = |steps| queries(&run(&spsa(steps, 0.05, 8), &model, &x, &goal, budget(Norm::Linf, 0.6)));
        let [few, many] = [1, 40].map(counts);
        assert_eq!(few, [17; 4], "{goal:?}");
        // 17 questions a step, and one that finds the goal reached.
        assert!(many.iter().all(|queries| queries % 17 == 1 && *queries < 680), "{goal:?}: {many:?}");
    }
}

#[test]
fn zero_and_nan_estimates_are_noted_and_move_nothing() {
    let (x, goal) = (images(), Goal::Untargeted { labels: vec![0; 4] });
    let found = run(&spsa(3, 0.1, 4), &by_row(6, |_| [1.0, 0.0]), &x, &goal, budget(Norm::Linf, 0.3));
    assert_eq!((zero_gradients(&found), nan_gradients(&found)), (vec![true; 4], vec![false; 4]));
    assert_eq!(pixels(&found.images), pixels(&x));

    // Sound at the original images alone.
    let originals: Vec<Vec<f32>> = x.flatten_from(1).unwrap().to_vec2().unwrap();
    let broken = by_row(6, |x| [if originals.iter().any(|original| original == x) { 1.0 } else { f32::NAN }, 0.0]);
    let found = run(&spsa(3, 0.1, 4), &broken, &x, &goal, budget(Norm::Linf, 0.3));
    assert_eq!((zero_gradients(&found), nan_gradients(&found)), (vec![false; 4], vec![true; 4]));
    assert_eq!(pixels(&found.images), pixels(&x));
}

#[test]
fn a_step_that_no_budget_bounds_is_an_error() {
    let (model, x) = (linear(), images());
    let [goal, _] = goals(&model, &x);
    let attack = Spsa { steps: 1, step: Step::EpsilonOver(30.0), samples: 1 };
    let error = attack.run(&task(&model, &x, &goal, &randomness(1, 4)), &Budget::unbounded(Norm::Linf)).unwrap_err();
    assert_eq!(error.to_string(), "step size is inf, expected a finite number of at least 0");
}

//! The difference of logits ratio, Auto-PGD's second objective, against the rule of quotients.

use candle_core::{Device, Tensor};
use robust_attacks::{Apgd, Dlr, Goal, Margin, Model, Norm, Objective, Start};

use crate::models::{assert_close, budget, pixels, run, tensor, toy_of};

/// A model whose logits are the pixels, one image of it, and three goals.
fn logits(z: &[f32]) -> (impl Model, Tensor, [Goal; 3]) {
    let goals = [
        Goal::Untargeted { labels: vec![0] },
        Goal::Targeted { classes: vec![2] },
        Goal::Toward { labels: vec![1], classes: vec![2] },
    ];
    (toy_of(z.len(), z.len(), |x: &Tensor| x.affine(1.0, 0.0)), tensor(z, (1, z.len())), goals)
}

#[test]
fn a_flat_ratio_is_no_hidden_gradient_where_the_goal_is_reached() {
    // The label has the third logit, so that margin and spread are one.
    let (model, x, _) = logits(&[0.75, 0.5, 0.25, 0.0, 0.0]);
    let goal = Goal::Untargeted { labels: vec![2] };
    assert_eq!(pixels(&Dlr.evaluate(&model, &x, &goal).unwrap().gradient), [0.0; 5]);
    let found = run(&Apgd { start: Start::Original, ..Apgd::dlr(5) }, &model, &x, &goal, budget(Norm::L2, 0.1));
    assert_eq!((found.success, found.traces[0].zero_gradient), (vec![true], false));
}

#[test]
fn the_ratio_is_the_margin_over_the_spread() {
    let (model, x, goals) = logits(&[0.9, 0.5, 0.3, 0.1, 0.0]);
    let z = pixels(&x);
    // (0.5 - 0.9) / (0.9 - 0.3), (0.3 - 0.9) / (0.9 - (0.3 + 0.1) / 2), (0.3 - 0.5) / (the same)
    for (goal, value) in goals.iter().zip([-0.4 / 0.6, -0.6 / 0.7, -0.2 / 0.7]) {
        let found = Dlr.evaluate(&model, &x, goal).unwrap();
        assert_close(&pixels(&found.loss), &[value], 1e-6, &format!("{goal:?}"));
        // No shift and no scale of the logits changes it: the gradient is orthogonal to ones and to the logits.
        let gradient = pixels(&found.gradient);
        let along = |direction: &[f32]| gradient.iter().zip(direction).map(|(slope, step)| slope * step).sum::<f32>();
        assert!(along(&[1.0; 5]).abs() < 1e-6 && along(&z).abs() < 1e-6, "{goal:?}: {gradient:?}");
        assert!(gradient.iter().any(|slope| slope.abs() > 0.1), "{goal:?}: {gradient:?}");
    }
    // By the rule of quotients: margin m = -0.4, spread s = 0.6.
    let gradient = pixels(&Dlr.evaluate(&model, &x, &goals[0]).unwrap().gradient);
    assert_close(&gradient, &[-1.0 / 0.6 + 0.4 / 0.36, 1.0 / 0.6, -0.4 / 0.36, 0.0, 0.0], 1e-5, "untargeted");
}

#[test]
fn of_three_logits_the_ratio_is_the_margin() {
    let (model, x, goals) = logits(&[0.9, 0.5, 0.3]);
    for goal in &goals[..2] {
        let [ratio, margin] = [Dlr.evaluate(&model, &x, goal).unwrap(), Margin.evaluate(&model, &x, goal).unwrap()];
        assert_eq!((pixels(&ratio.loss), pixels(&ratio.gradient)), (pixels(&margin.loss), pixels(&margin.gradient)));
    }
    let toward = Dlr.evaluate(&model, &x, &goals[2]).unwrap();
    assert_eq!((pixels(&toward.loss), pixels(&toward.gradient)), (vec![0.3 - 0.5], vec![0.0, -1.0, 1.0]));
}

#[test]
fn equal_logits_have_a_finite_ratio() {
    let x = Tensor::full(0.25f32, (1, 5), &Device::Cpu).unwrap();
    let (model, _, goals) = logits(&[0.0; 5]);
    for goal in goals {
        let found = Dlr.evaluate(&model, &x, &goal).unwrap();
        assert_eq!(pixels(&found.loss), [0.0]);
        assert!(pixels(&found.gradient).iter().all(|slope| slope.is_finite()), "{goal:?}");
    }
}

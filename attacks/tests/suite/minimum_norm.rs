//! DeepFool and Carlini and Wagner's attack where the smallest change is known.

use robust_attacks::{Attack, Budget, CarliniWagner, DeepFool, Goal, Norm};

use crate::models::{WEIGHTS, linear, run, tensor};

/// An image far from the bounds, where the linear model says class 1.
const X: [f32; 6] = [0.45, 0.5, 0.55, 0.5, 0.45, 0.5];

fn logit(class: usize) -> f64 {
    WEIGHTS[class].iter().zip(X).map(|(&weight, x)| f64::from(weight) * f64::from(x)).sum()
}

/// The distance to the border with a class: its gap in logits over the dual norm of the difference of weights.
fn distance(label: usize, class: usize, norm: Norm) -> f64 {
    let slopes = WEIGHTS[label].iter().zip(WEIGHTS[class]).map(|(&own, other)| f64::from(own - other));
    let dual = match norm {
        Norm::Linf => slopes.map(f64::abs).sum::<f64>(),
        _ => slopes.map(|slope| slope * slope).sum::<f64>().sqrt(),
    };
    (logit(label) - logit(class)) / dual
}

#[test]
fn on_a_linear_model_the_change_is_the_distance_to_the_border() {
    let (model, x) = (linear(), tensor(&X, (1, 6)));
    assert!(logit(1) > logit(0) && logit(1) > logit(2));
    let deepfool = DeepFool { steps: 50, overshoot: 0.02 };
    let cw = CarliniWagner { searches: 12, steps: 1000, learning_rate: 0.01, confidence: 0.0, initial_constant: 1e-3 };
    // DeepFool goes 2 % and a nudge beyond the border, and to a target past another class's region a little more; the search over
    // the constant ends within 1 % of it.
    for (attack, norm, tolerance) in
        [(&deepfool as &dyn Attack, Norm::L2, 0.03), (&deepfool, Norm::Linf, 0.03), (&cw, Norm::L2, 0.01)]
    {
        for (goal, smallest) in [
            (Goal::Untargeted { labels: vec![1] }, distance(1, 0, norm).min(distance(1, 2, norm))),
            (Goal::Targeted { classes: vec![2] }, distance(1, 2, norm)),
            (Goal::Targeted { classes: vec![0] }, distance(1, 0, norm)),
        ] {
            let found = run(attack, &model, &x, &goal, Budget::unbounded(norm));
            let change = if norm == Norm::L2 { found.l2[0] } else { found.linf[0] };
            assert!(found.success[0], "{} {norm} {goal:?}", attack.name());
            let excess = change / smallest - 1.0;
            assert!((-1e-5..tolerance).contains(&excess), "{} {norm} {goal:?}: {change}, {smallest}", attack.name());
            // What is too far for a finite budget fails within it.
            let short = run(attack, &model, &x, &goal, Budget::new(norm, 0.9 * smallest).unwrap());
            assert!(!short.success[0], "{} {norm} {goal:?}", attack.name());
        }
    }
}

#[test]
fn confidence_is_the_margin_that_is_fooled_by() {
    let (model, x) = (linear(), tensor(&X, (1, 6)));
    let goal = Goal::Targeted { classes: vec![0] };
    let mut before = 0.0;
    for confidence in [0.0, 0.25, 0.5] {
        let cw = CarliniWagner { searches: 12, steps: 1000, learning_rate: 0.01, confidence, initial_constant: 1e-3 };
        let found = run(&cw, &model, &x, &goal, Budget::unbounded(Norm::L2));
        let logits = robust_attacks::Model::logits(&model, &found.images).unwrap().to_vec2::<f32>().unwrap().remove(0);
        let margin = f64::from(logits[0] - logits[1].max(logits[2]));
        assert!(margin >= confidence && margin < confidence + 0.05, "{confidence}: {margin}");
        assert!(found.l2[0] > before, "more confidence needs a larger change");
        before = found.l2[0];
    }
}

//! Attacks that look for the smallest change: closed forms, golden values, what they cost and what they note.

use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::{D, IndexOp, Tensor};
use robust_attacks::{
    Attack, AttackExt, Bounds, Budget, CarliniWagner, DeepFool, Fab, FnModel, Goal, MethodSpec, Model, Norm, Settings,
    Signature, Watched,
};

use crate::closed_forms::{self, middle, to_border, two_classes};
use crate::models::{
    WEIGHTS, assert_close, budget, distances, goals, images, linear, nan_gradients, network, pixels, predictions,
    product, randomness, run, task, tensor, toy, zero_gradients,
};

const DEEPFOOL: DeepFool = DeepFool { steps: 50, overshoot: 0.02 };
const FAB: Fab = Fab { steps: 100, restarts: 1 };

fn cw(confidence: f64) -> CarliniWagner {
    CarliniWagner { searches: 9, steps: 1000, learning_rate: 0.01, confidence, initial_constant: 1e-3 }
}

/// Every attack under each of its norms, as the registry has it.
fn attacks() -> [(Box<dyn Attack>, Norm); 5] {
    ["deepfool", "deepfool-l2", "cw-l2", "fab", "fab-l2"].map(|name| {
        let spec: MethodSpec = name.parse().unwrap();
        (spec.build(&Settings::new()).unwrap(), spec.norm())
    })
}

/// A linear model with a curved border: distances have no closed form, but no traps either.
fn curved() -> impl Model {
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let curvature = tensor(&[0.0, 0.5, -0.5], (1, 3));
    toy(move |x: &Tensor| {
        let length = x.flatten_from(1)?.sqr()?.sum_keepdim(D::Minus1)?;
        product(x, &weights)? + length.broadcast_mul(&curvature)?
    })
}

#[test]
fn the_nearest_point_beyond_a_border_is_found() {
    let (model, x, goals) = middle();
    for goal in goals {
        for (attack, norm) in attacks() {
            let (smallest, case) = (to_border(0.0, norm), format!("{} {norm} {goal:?}", attack.name()));
            // DeepFool goes 2 % too far, and 1e-4 before.
            let (low, high) = match attack.name() {
                "deepfool" => (1.02 * (smallest + 1e-4), 1.02 * (smallest + 1e-4)),
                "cw" => (smallest, 1.01 * smallest),
                _ => (smallest, 1.002 * smallest),
            };
            let found = run(&*attack, &model, &x, &goal, Budget::unbounded(norm));
            let distance = distances(&found, norm)[0];
            assert!(found.success[0] && (low - 1e-6..high + 1e-6).contains(&distance), "{case}: {distance}, not {low}");
            let too_far = run(&*attack, &model, &x, &goal, budget(norm, 0.99 * smallest));
            assert!(!too_far.success[0], "{case}");
        }
    }
}

#[test]
fn of_several_borders_the_nearest_is_crossed() {
    // Logits of 0, 1 and -0.5: class 0 is nearer than class 2.
    let (model, x) = (linear(), tensor(&[0.5; 6], (1, 6)));
    for (attack, norm) in attacks() {
        let found = run(&*attack, &model, &x, &Goal::Untargeted { labels: vec![1] }, Budget::unbounded(norm));
        // The difference of the weights has the length sqrt(20), its entries sum to 10.
        let smallest = if norm == Norm::Linf { 1.0 / 10.0 } else { 1.0 / 20f64.sqrt() };
        let distance = distances(&found, norm)[0];
        assert_eq!(found.predictions, [0], "{} {norm}", attack.name());
        assert!((smallest - 1e-6..1.022 * smallest).contains(&distance), "{} {norm}: {distance}", attack.name());
    }
}

#[test]
fn carlini_wagner_fools_by_the_margin_and_not_by_more() {
    let (model, x, goals) = middle();
    for goal in goals {
        for confidence in [0.0, 0.2, 0.5] {
            let case = format!("{goal:?} {confidence}");
            let found = run(&cw(confidence), &model, &x, &goal, Budget::unbounded(Norm::L2));
            let logits = pixels(&model.logits(&found.images).unwrap());
            let (margin, smallest) = (f64::from(logits[2] - logits[0]), to_border(confidence, Norm::L2));
            assert!(margin >= confidence, "{case}: {margin}");
            assert!((smallest - 1e-6..1.01 * smallest).contains(&found.l2[0]), "{case}: {}", found.l2[0]);
        }
        let out_of_reach = run(&cw(50.0), &model, &x, &goal, Budget::unbounded(Norm::L2));
        assert_eq!((out_of_reach.l0, out_of_reach.success), (vec![0], vec![false]), "{goal:?}");
    }
}

#[test]
fn other_bounds_only_change_the_scale() {
    let unit = two_classes();
    let signature = Signature { bounds: Bounds { min: -1.0, max: 3.0 }, ..unit.signature() };
    let model = FnModel::new(signature, |x: &Tensor| unit.logits(&((x + 1.0)? * 0.25)?));
    let x = tensor(&[1.0; 6], (1, 6));
    for (attack, norm) in attacks() {
        let found = run(&*attack, &model, &x, &closed_forms::goals()[0], Budget::unbounded(norm));
        let (smallest, distance) = (4.0 * to_border(0.0, norm), distances(&found, norm)[0]);
        assert!((smallest - 1e-5..1.022 * smallest).contains(&distance), "{} {norm}: {distance}", attack.name());
    }
}

// Foolbox 3.3.4, torch 2.15; `net` and `x` as in golden.rs.
//
// ```python
// model = foolbox.PyTorchModel(net.eval(), bounds=(0, 1))
// for attack in (foolbox.attacks.LinfDeepFoolAttack(), foolbox.attacks.L2DeepFoolAttack()):
//     z = attack.run(model, x, foolbox.criteria.Misclassification(net(x).argmax(1)))
//     for row in z.flatten(1).tolist():
//         print("               ", ", ".join(f"{pixel:.7f}" for pixel in row) + ",")
// ```
#[test]
fn deepfool_agrees_with_foolbox() {
    let (model, x) = (network(), images());
    let [goal, _] = goals(&model, &x);
    for (norm, expected) in [
        (
            Norm::Linf,
            [
                0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.7008879, 0.1657787, 0.3324454, 0.1675546,
                0.3342212, 0.8324454, 0.0744942, 0.6255058, 0.7921726, 0.5744941, 0.7411609, 0.2588392,
            ],
        ),
        (
            Norm::L2,
            [
                0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.6512744, 0.1370678, 0.2058289, 0.27459,
                0.3433511, 0.8624778, 0.0169702, 0.5922312, 0.6453994, 0.6985676, 0.7517359, 0.2936635,
            ],
        ),
    ] {
        let found = run(&DEEPFOOL, &model, &x, &goal, Budget::unbounded(norm));
        assert_close(&pixels(&found.images), &expected, 5e-6, &norm.to_string());
    }
}

#[test]
fn every_question_is_counted() {
    let (linear, network, x) = (linear(), network(), images());
    for model in [&linear as &dyn Model, &network] {
        for goal in goals(model, &x) {
            for (attack, norm) in attacks() {
                let asked = AtomicU64::new(0);
                let counting = Watched::new(model, |_, x| {
                    asked.fetch_add(x.dim(0)? as u64, Ordering::Relaxed);
                    Ok(())
                });
                let found = run(&*attack, &counting, &x, &goal, Budget::unbounded(norm));
                let queries: u64 = found.traces.iter().map(|trace| trace.queries).sum();
                // Besides, the judgement looks at all images; under `TargetedEach` so does that of each run towards a class.
                let runs = if attack.name() == "fab" && matches!(goal, Goal::Untargeted { .. }) { 3 } else { 1 };
                assert_eq!(asked.into_inner(), queries + 4 * runs, "{} {norm} {goal:?}", attack.name());
            }
        }
    }
    // On a linear model DeepFool needs one step: a look, the two borders or that of the target, and a look at the result.
    let (model, x, goals) = middle();
    for (goal, queries) in goals.into_iter().zip([4, 3, 3]) {
        let found = run(&DEEPFOOL, &model, &x, &goal, Budget::unbounded(Norm::L2));
        assert_eq!(found.traces[0].queries, queries, "{goal:?}");
    }
}

#[test]
fn gradients_that_are_not_finite_are_noted_and_leave_the_image_and_its_neighbours_alone() {
    // Where the mean of an image is below 0.44 its root has the gradient 0 * infinity.
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let root = |x: &Tensor| (x.flatten_from(1)?.mean_keepdim(D::Minus1)? - 0.44)?.relu()?.sqrt();
    let model = toy(move |x: &Tensor| product(x, &weights)?.broadcast_add(&root(x)?));
    let x = images();
    for (attack, norm) in attacks() {
        let [goal, _] = goals(&model, &x);
        let found = run(&*attack, &model, &x, &goal, Budget::unbounded(norm));
        let name = attack.name();
        assert_eq!(nan_gradients(&found), [true, false, true, false], "{name}");
        assert_eq!((found.l0[0], found.l0[2]), (0, 0), "{name}");
        assert!(found.success[1] && found.success[3], "{name}");
        for image in [1, 3] {
            let x = x.i(image..=image).unwrap();
            let goal = Goal::Untargeted { labels: predictions(&model, &x) };
            let alone = attack.run(&task(&model, &x, &goal, &randomness(1, 1)), &Budget::unbounded(norm)).unwrap();
            assert_eq!(pixels(&alone.images), pixels(&found.images.i(image).unwrap()), "{name}");
        }
    }
}

#[test]
fn zero_gradients_are_noted_and_move_nothing() {
    let model = toy(|x: &Tensor| (x.flatten_from(1)?.narrow(1, 0, 3)? - 2.0)?.relu());
    let (x, goal) = (images(), Goal::Untargeted { labels: vec![0; 4] });
    for (attack, norm) in attacks() {
        let found = run(&*attack, &model, &x, &goal, Budget::unbounded(norm));
        assert_eq!((zero_gradients(&found), &found.l0), (vec![true; 4], &vec![0; 4]), "{}", attack.name());
    }
}

#[test]
fn an_image_that_reaches_the_goal_as_it_is_stays_as_it_is() {
    let (model, x) = (linear(), images());
    let goal = Goal::Targeted { classes: predictions(&model, &x) };
    for attack in [&DEEPFOOL as &dyn Attack, &FAB] {
        let found = run(attack, &model, &x, &goal, Budget::unbounded(Norm::L2));
        assert_eq!((found.l0, found.success), (vec![0; 4], vec![true; 4]), "{}", attack.name());
    }
}

#[test]
fn other_norms_are_errors() {
    let (model, x) = (linear(), images());
    let [goal, _] = goals(&model, &x);
    for (attack, name) in [(&DEEPFOOL as &dyn Attack, "deepfool"), (&FAB, "fab")] {
        let error = attack.run(&task(&model, &x, &goal, &randomness(1, 4)), &Budget::unbounded(Norm::L1)).unwrap_err();
        assert_eq!(error.to_string(), format!("`{name}` does not work in l1, expected linf or l2"));
    }
}

#[test]
fn more_searches_never_lose_ground() {
    let (model, x) = (curved(), images());
    let [goal, _] = goals(&model, &x);
    let found = |searches| {
        let attack = CarliniWagner { searches, ..cw(0.0) };
        run(&attack, &model, &x, &goal, Budget::unbounded(Norm::L2))
    };
    let mut before = found(3);
    for searches in [5, 7, 9] {
        let now = found(searches);
        for image in 0..4 {
            let is_no_worse = !before.success[image] || now.success[image] && now.l2[image] <= before.l2[image];
            assert!(is_no_worse, "{searches} {image}: {} after {}", now.l2[image], before.l2[image]);
        }
        before = now;
    }
}

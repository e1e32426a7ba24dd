//! What must hold for every method, norm, goal and model.

use candle_core::{DType, IndexOp, Tensor};
use robust_attacks::{
    Adversarials, Attack, AttackExt, Axis, Budget, Goal, Guarded, MethodSpec, Model, Norm, Randomness, Setting,
    Settings, methods,
};

use crate::models::{
    budget, goals, guard, images, linear, nan_gradients, network, pixels, predictions, randomness, run, task,
    zero_gradients,
};

pub(crate) fn specs() -> impl Iterator<Item = MethodSpec> {
    let names = methods().iter().flat_map(|method| method.norms.iter().map(|norm| format!("{}-{norm}", method.id)));
    names.map(|name| name.trim_end_matches("-linf").parse().unwrap())
}

/// The budget of a method: `epsilon`, in tenths of a pixel for L0, or none where the method takes none.
fn budget_of(spec: MethodSpec, epsilon: f64) -> Budget {
    match (spec.method().axis, spec.norm()) {
        (Axis::Epsilon, Norm::L0) => budget(Norm::L0, 10.0 * epsilon),
        (Axis::Epsilon, norm) => budget(norm, epsilon),
        (_, norm) => Budget::unbounded(norm),
    }
}

/// Calls `check` with every method, norm and goal on both models, a detector in front, with early stop and without: at every epsilon,
/// or once without a budget where the method takes none.
fn for_all(epsilons: &[f64], check: impl Fn(&dyn Attack, &dyn Model, &Tensor, &Goal, Budget, &str)) {
    let x = images();
    let (detector, linear, network) = (guard(), linear(), network());
    let models: [(&str, &dyn Model); 2] = [("linear", &linear), ("network", &network)];
    let models = models.map(|(name, model)| (name, Guarded { model, detector: &detector }));
    for spec in specs() {
        let mut budgets: Vec<Budget> = epsilons.iter().map(|&epsilon| budget_of(spec, epsilon)).collect();
        budgets.dedup();
        // Two hundred steps, times six, show no more here than a few do.
        let knows_the_detector = spec.build(&Settings::new()).unwrap().knows_the_detector();
        let few = if knows_the_detector { Settings::new().with(Setting::Steps, 10.0) } else { Settings::new() };
        let settings = [few, few.with(Setting::EarlyStop, 1.0)];
        let mut settings = settings.map(|settings| settings.only(spec.method().settings)).to_vec();
        settings.dedup();
        for settings in settings {
            let attack = spec.build(&settings).unwrap();
            for (name, model) in &models {
                for goal in goals(model, &x) {
                    for &budget in &budgets {
                        let case = format!("{spec} at {} on {name}, {settings:?}, {goal:?}", budget.epsilon());
                        check(&*attack, model, &x, &goal, budget, &case);
                    }
                }
            }
        }
    }
}

/// Everything about a result, bit by bit.
fn bits(found: &Adversarials) -> (Vec<u32>, &[u32], &[f64]) {
    (pixels(&found.images).iter().map(|pixel| pixel.to_bits()).collect(), &found.predictions, &found.loss)
}

#[test]
fn images_keep_budget_and_bounds_and_the_report_is_true() {
    for_all(&[0.0, 1e-9, 0.05, 0.3, 5.0], |attack, model, x, goal, budget, case| {
        let found = run(attack, model, x, goal, budget);
        let change = (found.images.to_dtype(DType::F64).unwrap() - x.to_dtype(DType::F64).unwrap()).unwrap();
        for image in 0..4 {
            let change: Vec<f64> = change.i(image).unwrap().flatten_all().unwrap().to_vec1().unwrap();
            let linf = change.iter().fold(0.0, |largest: f64, change| largest.max(change.abs()));
            let l2 = change.iter().map(|change| change * change).sum::<f64>().sqrt();
            let l0 = change.iter().filter(|&&change| change != 0.0).count() as u32;
            assert_eq!((found.linf[image], found.l0[image]), (linf, l0), "{case}");
            assert!((found.l2[image] - l2).abs() < 1e-12, "{case}");
            let distance = match budget.norm() {
                Norm::Linf => linf,
                Norm::L2 => l2,
                Norm::L1 => change.iter().map(|change| change.abs()).sum(),
                Norm::L0 => f64::from(l0),
            };
            assert!(distance <= budget.epsilon() * (1.0 + 1e-6) + 1e-6, "{case}: {distance}");
        }
        assert!(pixels(&found.images).iter().all(|pixel| (0.0..=1.0).contains(pixel)), "{case}");
        assert_eq!(found.images.dims(), x.dims(), "{case}");
        assert_eq!(found.predictions, predictions(model, &found.images), "{case}");
        assert_eq!(found.success, goal.reached(&found.predictions), "{case}");
        let softmax = candle_nn::ops::softmax(&model.logits(&found.images).unwrap(), 1).unwrap();
        let confidences: Vec<f32> = softmax.max(1).unwrap().to_vec1().unwrap();
        crate::models::assert_close(&found.confidences, &confidences, 1e-6, case);
        assert_eq!(zero_gradients(&found), [false; 4], "{case}");
        assert_eq!(nan_gradients(&found), [false; 4], "{case}");
    });
}

#[test]
fn epsilon_zero_is_the_identity() {
    for_all(&[0.0], |attack, model, x, goal, budget, case| {
        if !budget.is_bounded() {
            return;
        }
        assert_eq!(pixels(&run(attack, model, x, goal, budget).images), pixels(x), "{case}");
    });
}

#[test]
fn neighbours_change_nothing() {
    for_all(&[0.2], |attack, model, x, goal, budget, case| {
        let together = run(attack, model, x, goal, budget);
        for image in 0..4 {
            let class = vec![goal.classes()[image]];
            let goal = match goal {
                Goal::Untargeted { .. } => Goal::Untargeted { labels: class },
                _ => Goal::Targeted { classes: class },
            };
            let randomness = Randomness { seed: 1, indices: vec![image as u64] };
            let alone = attack.run(&task(model, &x.i(image..=image).unwrap(), &goal, &randomness), &budget).unwrap();
            assert_eq!(pixels(&alone.images), pixels(&together.images.i(image).unwrap()), "{case}");
            assert_eq!(alone.loss[0], together.loss[image], "{case}");
        }
    });
}

#[test]
fn the_seed_decides_everything_and_only_where_there_is_chance() {
    for_all(&[0.2], |attack, model, x, goal, budget, case| {
        let with = |seed| attack.run(&task(model, x, goal, &randomness(seed, 4)), &budget).unwrap();
        assert_eq!(bits(&with(1)), bits(&with(1)), "{case}");
        let random =
            ["noise", "gaussian-noise"].contains(&attack.name()) || attack.name() == "pgd" && budget.norm() == Norm::L2;
        if random {
            assert_ne!(bits(&with(1)), bits(&with(2)), "{case}");
        }
        if ["fgsm", "bim", "mi-fgsm", "jsma", "spatial", "blur", "contrast"].contains(&attack.name()) {
            assert_eq!(bits(&with(1)), bits(&with(2)), "{case}");
        }
    });
}

#[test]
fn gradients_reach_every_goal_on_the_linear_model() {
    let (model, detector, x) = (linear(), guard(), images());
    let model = Guarded { model: &model, detector: &detector };
    // Noise looks for nothing, and a shift can only rearrange what an image holds.
    for spec in specs().filter(|spec| spec.id() != "noise" && spec.method().axis != Axis::Severity) {
        let epsilon = match spec.norm() {
            Norm::Linf | Norm::L0 => 0.6,
            Norm::L2 => 1.5,
            Norm::L1 => 4.0,
        };
        let budget = budget_of(spec, epsilon);
        let attack = spec.build(&Settings::new()).unwrap();
        for goal in goals(&model, &x) {
            assert_eq!(run(&*attack, &model, &x, &goal, budget).success, [true; 4], "{spec} {goal:?}");
        }
    }
}

#[test]
fn iterating_beats_one_step_and_one_step_beats_noise_on_the_network() {
    let (model, x) = (network(), images());
    for goal in goals(&model, &x) {
        for (suffix, epsilon) in [("", 0.1), ("-l2", 0.1)] {
            let loss = |id: &str| {
                let spec: MethodSpec = format!("{id}{suffix}").parse().unwrap();
                let budget = budget(spec.norm(), epsilon);
                let attack = spec.build(&Settings::new()).unwrap();
                run(&*attack, &model, &x, &goal, budget).loss.iter().sum::<f64>()
            };
            // PGD is not held against FGSM: from the far side of the ball 40 steps of epsilon / 30 miss the corner.
            for (stronger, weaker) in [("fgsm", "noise"), ("pgd", "noise"), ("bim", "fgsm"), ("mi-fgsm", "fgsm")] {
                let (more, less) = (loss(stronger), loss(weaker));
                assert!(more > less, "{goal:?} at {epsilon}{suffix}: {stronger} {more}, {weaker} {less}");
            }
        }
    }
}

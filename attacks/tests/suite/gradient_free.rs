//! What holds for every attack that asks for no gradient.

use std::sync::atomic::AtomicU64;

use candle_core::IndexOp;
use robust_attacks::{
    Attack, AttackExt, Axis, Budget, Goal, HopSkipJump, MethodSpec, Model, Norm, Randomness, Setting, Settings, Spsa,
    Square, Step,
};

use crate::models::{
    WEIGHTS, budget, by_row, goals, images, linear, network, pixels, queries, questioned, randomness, run, task, tensor,
};

/// The attacks with about this many questions, within budgets that some images withstand.
fn attacks(limit: usize) -> Vec<(Box<dyn Attack>, Budget)> {
    let names = ["square", "square-l2", "spsa", "spsa-l2", "hop-skip-jump", "hop-skip-jump-l2"];
    let build = |name: &str| {
        let spec: MethodSpec = name.parse().unwrap();
        let all = Settings::new().with(Setting::Queries, limit as f64).with(Setting::Samples, 5.0);
        let settings = all.with(Setting::Steps, (limit / 11).max(1) as f64).only(spec.method().settings);
        let budget = match spec.method().axis {
            Axis::Minimum => Budget::unbounded(spec.norm()),
            _ => budget(spec.norm(), if spec.norm() == Norm::Linf { 0.12 } else { 0.24 }),
        };
        (spec.build(&settings).unwrap(), budget)
    };
    names.map(build).into()
}

#[test]
fn no_gradient_is_asked_for_and_every_question_is_counted() {
    // Eleven times the same images, with other random numbers: so many that none is asked about ahead.
    let x = images().repeat((11, 1, 1, 1)).unwrap();
    for limit in [1, 50, 137, 600] {
        for (attack, budget) in attacks(limit) {
            for model in [&linear() as &dyn Model, &network()] {
                for goal in goals(model, &x) {
                    let asked = AtomicU64::new(0);
                    let found = run(&*attack, &questioned(model, &asked), &x, &goal, budget);
                    // All of them once more, to judge.
                    let asked = asked.into_inner() - 44;
                    let counted = queries(&found);
                    let case = format!("{} in {} with {limit}: {goal:?}", attack.name(), budget.norm());
                    if attack.name() == "square" {
                        // With few images left Square asks ahead, and counts as if it had not.
                        assert!(asked >= counted.iter().sum(), "{case}");
                    } else {
                        assert_eq!(asked, counted.iter().sum::<u64>(), "{case}");
                    }
                    assert!(counted.iter().all(|&queries| 1 <= queries && queries <= limit.max(11) as u64), "{case}");
                }
            }
        }
    }
}

#[test]
fn neighbours_change_no_count() {
    let (model, x) = (network(), images());
    for (attack, budget) in attacks(600) {
        let [goal, _] = goals(&model, &x);
        let together = queries(&run(&*attack, &model, &x, &goal, budget));
        for (image, together) in together.into_iter().enumerate() {
            let goal = Goal::Untargeted { labels: vec![goal.classes()[image]] };
            let randomness = Randomness { seed: 1, indices: vec![image as u64] };
            let alone = attack.run(&task(&model, &x.i(image..=image).unwrap(), &goal, &randomness), &budget).unwrap();
            assert_eq!(queries(&alone), [together], "{} in {}", attack.name(), budget.norm());
        }
    }
}

#[test]
fn images_whose_logits_are_not_numbers_are_not_chosen() {
    // Where the first pixel is brighter than in the original, the model breaks down.
    for broken in [f32::NAN, f32::INFINITY] {
        let model = by_row(6, |x| {
            let sound = WEIGHTS.map(|row| row.iter().zip(x).map(|(weight, x)| weight * x).sum());
            if x[0] > 0.5 { [broken, sound[1], sound[2]] } else { sound }
        });
        let x = tensor(&[0.5; 6], (1, 6));
        let goal = Goal::Untargeted { labels: vec![1] };
        for (attack, budget) in attacks(600) {
            let found = attack.run(&task(&model, &x, &goal, &randomness(1, 1)), &budget).unwrap();
            assert!(pixels(&found.images)[0] <= 0.5, "{} in {}", attack.name(), budget.norm());
        }
    }
}

#[test]
fn other_norms_are_refused() {
    let (model, x) = (linear(), images());
    let [goal, _] = goals(&model, &x);
    let attacks: [&dyn Attack; 3] =
        [&Square::default(), &HopSkipJump { queries: 100 }, &Spsa { steps: 1, step: Step::Size(0.1), samples: 1 }];
    for attack in attacks {
        for norm in [Norm::L1, Norm::L0] {
            let error = attack.run(&task(&model, &x, &goal, &randomness(1, 4)), &budget(norm, 1.0)).unwrap_err();
            let name = attack.name();
            assert_eq!(error.to_string(), format!("`{name}` does not work in {norm}, expected linf or l2"));
        }
    }
}

#[test]
fn images_of_any_shape_are_attacked() {
    let (model, x) = (network(), images());
    for (attack, budget) in attacks(600) {
        for shape in [vec![4, 6], vec![4, 2, 3], vec![4, 2, 1, 3], vec![4, 1, 3, 2, 1], vec![4, 6, 1, 1]] {
            let x = x.reshape(shape).unwrap();
            let [goal, _] = goals(&model, &x);
            let found = run(&*attack, &model, &x, &goal, budget);
            assert_eq!(found.images.dims(), x.dims());
            assert!(found.l2.iter().all(|&distance| distance > 0.0), "{}: {:?}", attack.name(), x.dims());
        }
    }
}

//! Early stop against a detector: what passes is left alone, and nothing else changes.

use candle_core::IndexOp;
use robust_attacks::{
    AdaptiveDescent, Adversarials, AttackExt, Error, Goal, Guarded, Norm, ScoreGradient, Step, Suspicion, Worst,
};

use crate::models::{Guard, budget, goals, guard, images, network, pixels, queries, randomness, run, task};

const STEPS: usize = 12;

/// What came of a batch under an attack, and which images fool the classifier and pass the detector.
struct Found {
    found: Adversarials,
    passed: Vec<bool>,
}

/// The attack on the network with the detector in front of it.
fn attack(attack: &dyn robust_attacks::Attack, goal: &Goal, norm: Norm) -> Found {
    let (model, detector) = (network(), guard());
    let guarded = Guarded { model: &model, detector: &detector };
    let found = run(attack, &guarded, &images(), goal, budget(norm, if norm == Norm::Linf { 0.3 } else { 0.6 }));
    let scores: Vec<f32> = detector.evaluate(&found.images).unwrap().scores.to_vec1().unwrap();
    let passed = scores.iter().zip(&found.success);
    let passed = passed.map(|(&score, &success)| success && score <= detector.threshold().unwrap()).collect();
    Found { found, passed }
}

/// Every kind of attack with steps, a number of them.
fn attacks(steps: usize) -> [AdaptiveDescent; 6] {
    [
        AdaptiveDescent::r_bim(steps, 0.05, 1.0),
        AdaptiveDescent::r_pgd(steps, 0.05, 10.0),
        AdaptiveDescent::r_pgd(steps, 0.05, 0.1),
        AdaptiveDescent::selective_pgd(steps, 0.05),
        AdaptiveDescent::selective_adam(steps, 0.05),
        AdaptiveDescent::orthogonal_pgd(steps, 0.05),
    ]
}

/// Both goals of the network under both norms.
fn cases() -> Vec<(Goal, Norm)> {
    let goals = goals(&network(), &images());
    goals.into_iter().flat_map(|goal| [(goal.clone(), Norm::Linf), (goal, Norm::L2)]).collect()
}

#[test]
fn the_same_images_pass_and_the_others_end_the_same() {
    let mut passed = [0; 2];
    for (goal, norm) in cases() {
        for restarts in [1, 3] {
            for kind in attacks(STEPS) {
                let case = format!("{} {norm} {goal:?}, {restarts} restarts", kind.name);
                let with = |early_stop| attack(&AdaptiveDescent { restarts, early_stop, ..kind }, &goal, norm);
                let (full, early) = (with(false), with(true));
                assert_eq!(full.passed, early.passed, "{case}");
                for image in 0..4 {
                    let [all, some] = [&full, &early].map(|one| queries(&one.found)[image]);
                    assert!(if full.passed[image] { some <= all } else { some == all }, "{case}: {some} of {all}");
                    if !full.passed[image] {
                        let [all, some] = [&full, &early].map(|one| pixels(&one.found.images.i(image).unwrap()));
                        assert_eq!(all, some, "{case}: image {image}");
                    }
                    passed[usize::from(full.passed[image])] += 1;
                }
            }
        }
    }
    assert!(passed.iter().all(|&images| images > 20), "both occur: {passed:?}");
}

#[test]
fn what_passes_is_the_first_iterate_that_does() {
    for (goal, norm) in cases() {
        for (kind, early) in attacks(STEPS).into_iter().enumerate() {
            let early = attack(&AdaptiveDescent { early_stop: true, ..early }, &goal, norm);
            // Of fewer steps only the last iterate is new, and no iterate before the first that passes scores as low.
            let full: Vec<Found> = (0..=STEPS).map(|steps| attack(&attacks(steps)[kind], &goal, norm)).collect();
            for image in (0..4).filter(|&image| early.passed[image]) {
                let first = full.iter().find(|one| one.passed[image]).unwrap();
                let [first, early] = [first, &early].map(|one| pixels(&one.found.images.i(image).unwrap()));
                assert_eq!(first, early, "{goal:?} {norm}: image {image} of kind {kind}");
            }
        }
    }
}

#[test]
fn one_attack_after_the_other_asks_only_for_what_was_fooled_and_does_not_pass() {
    let mut saved = 0;
    for (goal, norm) in cases() {
        let step = Step::Size(0.05);
        let with = |early_stop| attack(&Worst::adaptive(STEPS, Some(step), 2, early_stop), &goal, norm);
        let (full, early) = (with(false), with(true));
        let first = AdaptiveDescent { restarts: 2, early_stop: true, ..AdaptiveDescent::selective_adam(STEPS, step) };
        let first = attack(&first, &goal, norm);
        for image in 0..4 {
            let case = format!("{goal:?} {norm}: image {image}");
            assert_eq!(early.passed[image], full.passed[image] && first.found.success[image], "{case}");
            let [all, some, least] = [&full, &early, &first].map(|one| queries(&one.found)[image]);
            if first.passed[image] || !first.found.success[image] {
                assert_eq!(some, least, "{case}: the first attack decides");
            }
            assert!((least..=all).contains(&some), "{case}: {least}, {some}, {all}");
            saved += usize::from(some < all);
        }
    }
    assert!(saved > 0);
}

#[test]
fn without_a_threshold_there_is_nothing_to_stop_at() {
    let (model, x) = (network(), images());
    let detector = Guard(|x: &candle_core::Tensor| x.flatten_from(1)?.sum(1));
    let ScoreGradient { scores, .. } = detector.evaluate(&x).unwrap();
    assert_eq!((scores.dims(), detector.threshold()), (&[4][..], None));
    let guarded = Guarded { model: &model, detector: &detector };
    let goal = &goals(&model, &x)[0];
    let early = AdaptiveDescent { early_stop: true, ..AdaptiveDescent::selective_pgd(2, 0.1) };
    let attacks: [&dyn robust_attacks::Attack; 2] = [&early, &Worst::adaptive(2, Some(Step::Size(0.1)), 1, true)];
    for attack in attacks {
        let error = attack.run(&task(&guarded, &x, goal, &randomness(0, 4)), &budget(Norm::Linf, 0.3)).unwrap_err();
        assert!(matches!(error, Error::NoThreshold { attack: name } if name == attack.name()), "{error}");
    }
}

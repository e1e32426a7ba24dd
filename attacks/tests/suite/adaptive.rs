//! Attacks that know the detector, where both classifier and score are linear and the optimum is known.
//!
//! Of two pixels at 0.5 the first decides the class: it is the wrong one above 0.6. The score is the sum of both. Within 0.3 the
//! best image has the first pixel just there and the second as low as the budget then allows.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{
    AdaptiveDescent, Adversarials, Attack, AttackExt, Conditional, Error, Goal, GradientDescent, Guarded,
    LogProbability, Model, Norm, Objective, ScoreGradient, Settings, Step, Suspicion, Worst,
};

use crate::models::{
    Guard, budget, goals, guard, images, nan_gradients, network, pixels, product, queries, randomness, run, task,
    tensor, toy_of, zero_gradients,
};

fn classifier() -> impl Model {
    toy_of(2, 2, |x: &Tensor| {
        let wrong = x.narrow(1, 0, 1)?.affine(20.0, -12.0)?;
        Tensor::cat(&[&wrong.zeros_like()?, &wrong], 1)
    })
}

fn sum_of_pixels() -> impl Suspicion {
    Guard(|x: &Tensor| x.sum(1))
}

/// The scores of what was found.
fn scores(detector: &dyn Suspicion, found: &Adversarials) -> Vec<f32> {
    detector.evaluate(&found.images).unwrap().scores.to_vec1().unwrap()
}

#[test]
fn selective_and_orthogonal_steps_end_at_the_optimum_of_two_linear_functions() {
    let (model, detector) = (classifier(), sum_of_pixels());
    let guarded = Guarded { model: &model, detector: &detector };
    let (x, goal) = (tensor(&[0.5, 0.5], (1, 2)), Goal::Untargeted { labels: vec![0] });
    for (norm, optimum) in [(Norm::Linf, [0.6, 0.2]), (Norm::L2, [0.6, 0.5 - 0.08_f32.sqrt()])] {
        let step = 0.3 / 100.0;
        for attack in [AdaptiveDescent::selective_pgd(300, step), AdaptiveDescent::orthogonal_pgd(300, step)] {
            let found = run(&attack, &guarded, &x, &goal, budget(norm, 0.3));
            assert_eq!(found.success, [true], "{} {norm}", attack.name);
            let excess = scores(&detector, &found)[0] - (optimum[0] + optimum[1]);
            assert!((0.0..=2.0 * step as f32).contains(&excess), "{} {norm}: {excess}", attack.name);
        }
    }
}

#[test]
fn a_penalty_of_nothing_is_the_attack_on_the_classifier_and_a_large_one_never_leaves_the_label() {
    let (model, detector) = (classifier(), sum_of_pixels());
    let guarded = Guarded { model: &model, detector: &detector };
    let (x, goal) = (tensor(&[0.5, 0.5], (1, 2)), Goal::Untargeted { labels: vec![0] });
    for norm in [Norm::Linf, Norm::L2] {
        // Up to the border every step is a success short of the last one, and the score grows with each.
        let oblivious = run(&GradientDescent::bim(4, 0.03), &model, &x, &goal, budget(norm, 0.3));
        let free = run(&AdaptiveDescent::r_bim(8, 0.03, 0.0), &guarded, &x, &goal, budget(norm, 0.3));
        assert_eq!((pixels(&free.images), free.success), (pixels(&oblivious.images), vec![true]), "{norm}");
        let timid = run(&AdaptiveDescent::r_bim(8, 0.03, 1e3), &guarded, &x, &goal, budget(norm, 0.3));
        assert_eq!(timid.success, [false], "{norm}");
    }
    // One step of epsilon: the loss pulls the first pixel up, by 20 / (1 + e^-2) = 17.6, the score both down.
    for (lambda, end) in [(10.0, [0.8, 0.2]), (30.0, [0.2, 0.2])] {
        let found = run(&AdaptiveDescent::r_fgsm(lambda), &guarded, &x, &goal, budget(Norm::Linf, 0.3));
        // What reaches nothing is told by its loss: the original beats the end of a step down.
        let expected = if end[0] > 0.6 { end } else { [0.5, 0.5] };
        crate::models::assert_close(&pixels(&found.images), &expected, 1e-6, &format!("lambda {lambda}"));
    }
}

#[test]
fn the_loss_of_a_penalty_has_a_slope_where_the_classifier_is_sure() {
    let (model, goal) = (classifier(), Goal::Untargeted { labels: vec![0] });
    // The wrong logit is 20 x - 12 and the other 0: log softmax of the wrong one, and 20 times the label's probability.
    for (x, logit) in [(0.0, -12.0_f64), (0.5, -2.0), (0.7, 2.0)] {
        let label = 1.0 / (1.0 + logit.exp());
        let found = LogProbability.evaluate(&model, &tensor(&[x, 0.5], (1, 2)), &goal).unwrap();
        let [loss, slope] = [&found.loss, &found.gradient].map(|one| f64::from(pixels(one)[0]));
        assert!((loss - (1.0 - label).ln()).abs() < 1e-5, "{x}: {loss}");
        assert!((slope - 20.0 * label).abs() < 1e-4, "{x}: {slope}");
        // Toward the wrong class it is the same.
        let toward = LogProbability.evaluate(&model, &tensor(&[x, 0.5], (1, 2)), &Goal::Targeted { classes: vec![1] });
        let toward = toward.unwrap();
        crate::models::assert_close(&pixels(&toward.loss), &pixels(&found.loss), 1e-5, "a target's loss");
        crate::models::assert_close(&pixels(&toward.gradient), &pixels(&found.gradient), 1e-4, "a target's gradient");
    }
}

#[test]
fn the_worst_of_all_is_no_better_for_the_defender_than_any_of_them() {
    let (model, detector, x) = (network(), guard(), images());
    let guarded = Guarded { model: &model, detector: &detector };
    let step = Step::EpsilonOver(10.0);
    for goal in goals(&model, &x) {
        for budget in [budget(Norm::Linf, 0.3), budget(Norm::L2, 0.8)] {
            let worst = run(&Worst::adaptive(20, Some(step), 2, false), &guarded, &x, &goal, budget);
            let worst_scores = scores(&detector, &worst);
            let members: [Box<dyn Attack>; 3] = [
                Box::new(AdaptiveDescent { restarts: 2, ..AdaptiveDescent::selective_adam(20, step) }),
                Box::new(AdaptiveDescent { restarts: 2, ..AdaptiveDescent::selective_pgd(20, step) }),
                Box::new(Conditional { steps: 20, step, restarts: 2, early_stop: false }),
            ];
            for attack in members {
                let found = run(&*attack, &guarded, &x, &goal, budget);
                for (image, score) in scores(&detector, &found).into_iter().enumerate() {
                    assert!(worst.success[image] || !found.success[image], "{goal:?} {}", attack.name());
                    assert!(!found.success[image] || worst_scores[image] <= score, "{goal:?} {}", attack.name());
                }
            }
            // And it is better for the attacker than not knowing the detector.
            let pgd = run(&GradientDescent::pgd(20, step), &model, &x, &goal, budget);
            let (known, unknown) = (worst_scores, scores(&detector, &pgd));
            let pairs = known.iter().zip(unknown).zip(&pgd.success);
            assert!(pairs.filter(|(_, success)| **success).all(|((known, unknown), _)| *known < unknown), "{goal:?}");
        }
    }
}

#[test]
fn restarts_only_help_and_the_first_is_the_attack_without_them() {
    let (model, detector, x) = (network(), guard(), images());
    let guarded = Guarded { model: &model, detector: &detector };
    for goal in goals(&model, &x) {
        for attack in [
            AdaptiveDescent::selective_pgd(10, 0.05),
            AdaptiveDescent::selective_adam(10, 0.05),
            AdaptiveDescent::r_pgd(10, 0.05, 1.0),
        ] {
            let with = |restarts| {
                let found = run(&AdaptiveDescent { restarts, ..attack }, &guarded, &x, &goal, budget(Norm::Linf, 0.3));
                let scores = scores(&detector, &found);
                (found, scores)
            };
            let ((one, before), (three, after)) = (with(1), with(3));
            for image in 0..4 {
                assert!(three.success[image] || !one.success[image], "{}", attack.name);
                assert!(!one.success[image] || after[image] <= before[image], "{}", attack.name);
            }
        }
    }
}

/// A score whose gradient is as given wherever the first pixel is above 0.5.
struct Broken(f32);

impl Suspicion for Broken {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        let gradient = (x.narrow(1, 0, 1)?.gt(0.5)?.to_dtype(x.dtype())? * f64::from(self.0))?;
        Ok(ScoreGradient { scores: x.sum(1)?, gradient: gradient.broadcast_as(x.shape())?.contiguous()? })
    }
}

#[test]
fn a_detector_without_a_gradient_shows_in_the_trace_and_costs_no_success() {
    let model = classifier();
    let (x, goal) = (tensor(&[0.5, 0.5], (1, 2)), Goal::Untargeted { labels: vec![0] });
    for (slope, zero, nan) in [(0.0, true, false), (f32::NAN, false, true), (1.0, false, false)] {
        let detector = Broken(slope);
        let guarded = Guarded { model: &model, detector: &detector };
        for attack in [AdaptiveDescent::selective_pgd(20, 0.03), AdaptiveDescent::selective_adam(20, 0.03)] {
            let found = run(&attack, &guarded, &x, &goal, budget(Norm::Linf, 0.3));
            let case = format!("{} {slope}", attack.name);
            assert_eq!((zero_gradients(&found), nan_gradients(&found)), (vec![zero], vec![nan]), "{case}");
            assert_eq!(found.success, [true], "{case}");
        }
    }
}

#[test]
fn queries_count_classifier_and_detector() {
    let (model, detector) = (classifier(), sum_of_pixels());
    let guarded = Guarded { model: &model, detector: &detector };
    let (x, goal) = (tensor(&[0.5, 0.5], (1, 2)), Goal::Untargeted { labels: vec![0] });
    // Four steps up (0.53 to 0.62), then down and up by turns: 0.59, 0.62, 0.59, 0.62; reached at three of nine iterates.
    let found = run(&AdaptiveDescent::selective_pgd(8, 0.03), &guarded, &x, &goal, budget(Norm::Linf, 0.3));
    assert_eq!(queries(&found), [9 + 3]);
    let found = run(&AdaptiveDescent::r_bim(8, 0.03, 1.0), &guarded, &x, &goal, budget(Norm::Linf, 0.3));
    assert_eq!(queries(&found), [9 + 9]);
}

#[test]
fn what_is_missing_or_broken_is_named() {
    let (model, x) = (network(), images());
    let goal = &goals(&model, &x)[0];
    let fails = |attack: &dyn Attack, model: &dyn Model| {
        attack.run(&task(model, &x, goal, &randomness(0, 4)), &budget(Norm::Linf, 0.3)).unwrap_err()
    };
    for name in
        ["r-fgsm", "r-bim", "r-pgd", "selective-pgd", "selective-adam", "orthogonal-pgd", "conditional", "adaptive"]
    {
        let spec: robust_attacks::MethodSpec = name.parse().unwrap();
        let attack = spec.build(&Settings::new()).unwrap();
        assert!(attack.knows_the_detector() && attack.name() == name);
        let error = fails(&*attack, &model);
        assert!(matches!(error, Error::NoDetector { attack } if attack == name), "{error}");
    }
    let detector = guard();
    let guarded = Guarded { model: &model, detector: &detector };
    for (attack, message) in [
        (AdaptiveDescent::r_bim(2, 0.1, -1.0), "lambda is -1, expected a finite number of at least 0"),
        (AdaptiveDescent::r_bim(2, f64::NAN, 1.0), "step size is NaN, expected a finite number of at least 0"),
    ] {
        assert_eq!(fails(&attack, &guarded).to_string(), message);
    }
    let total = Guard(|x: &Tensor| x.sum_all()?.unsqueeze(0));
    let error = fails(&AdaptiveDescent::r_bim(2, 0.1, 1.0), &Guarded { model: &model, detector: &total });
    assert_eq!(error.to_string(), "1 scores for 4 images, expected one per image");
    let constant = Guard(|x: &Tensor| Tensor::zeros(x.dim(0)?, x.dtype(), x.device()));
    let error = fails(&AdaptiveDescent::r_bim(2, 0.1, 1.0), &Guarded { model: &model, detector: &constant });
    assert!(error.to_string().starts_with("the scores do not depend on the images"), "{error}");
}

#[test]
fn a_score_by_autograd_has_the_gradient_of_the_sum() {
    let weights = Tensor::new(&[[1f32, -2.0, 0.5, 0.0, 1.5, -1.0]], &Device::Cpu).unwrap();
    let found = ScoreGradient::of(&images(), |x| product(x, &weights)?.squeeze(1)).unwrap();
    assert_eq!(pixels(&found.gradient), [1.0, -2.0, 0.5, 0.0, 1.5, -1.0].repeat(4));
    assert_eq!(found.gradient.dims(), images().dims());
}

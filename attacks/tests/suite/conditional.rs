//! Descent on the score under a supposed label, where the nearest image of each label is known.
//!
//! Of two pixels, an image is of the class whose prototype is nearest: (0, 0), (1, 0) or (0, 1). The detector's score is the squared
//! distance from the prototype of the label. From (0.3, 0.2) that of class 1 is 0.728 away, that of class 2 0.854, so that 0.228 and 0.354
//! are left of it in l2 within 0.5, and under l-infinity 0.2 and 0.3.

use candle_core::{Device, Result, Tensor};
use robust_attacks::{
    Adversarials, AttackExt, Conditional, Error, Goal, Guarded, Model, Norm, ScoreGradient, Step, Suspicion,
};

use crate::models::{Flagging, Guard, budget, images, network, pixels, queries, randomness, run, task, tensor, toy_of};

const PROTOTYPES: [[f32; 2]; 3] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];

/// Squared distances `(B)` from the prototypes of these labels.
fn off(x: &Tensor, labels: &[u32]) -> Result<Tensor> {
    let prototypes: Vec<f32> = labels.iter().flat_map(|&label| PROTOTYPES[label as usize]).collect();
    (x - Tensor::from_vec(prototypes, x.shape(), x.device())?)?.sqr()?.sum(1)
}

fn nearest() -> impl Model {
    toy_of(2, 3, |x: &Tensor| {
        let rows = (0..3).map(|label| off(x, &vec![label; x.dim(0)?])? * -10.0).collect::<Result<Vec<_>>>()?;
        Tensor::stack(&rows, 1)
    })
}

/// Scores by the distance from the prototype of what is predicted, or supposed.
struct Distance<M>(M);

impl<M: Model> Suspicion for Distance<M> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        let predictions: Vec<u32> = self.0.logits(x)?.argmax(1)?.to_vec1()?;
        ScoreGradient::of(x, |x| off(x, &predictions))
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], _: f64) -> Result<ScoreGradient> {
        ScoreGradient::of(x, |x| off(x, labels))
    }

    fn drawing(&self, _: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        let prototypes: Vec<f32> = labels.iter().flat_map(|&label| PROTOTYPES[label as usize]).collect();
        Ok(Some(Tensor::from_vec(prototypes, (labels.len(), 2), &Device::Cpu)?))
    }
}

fn attack() -> Conditional {
    Conditional { steps: 100, step: Step::EpsilonOver(7.5), restarts: 1, early_stop: false }
}

fn found(attack: &Conditional, goal: &Goal, norm: Norm, threshold: Option<f32>) -> (Adversarials, f64) {
    let (model, detector) = (nearest(), Distance(nearest()));
    let (x, budget) = (tensor(&[0.3, 0.2], (1, 2)), budget(norm, 0.5));
    let found = match threshold {
        Some(threshold) => {
            let detector = Flagging { detector: &detector, threshold };
            run(attack, &Guarded { model: &model, detector }, &x, goal, budget)
        }
        None => run(attack, &Guarded { model: &model, detector: &detector }, &x, goal, budget),
    };
    let score = pixels(&detector.evaluate(&found.images).unwrap().scores)[0];
    (found, f64::from(score))
}

#[test]
fn it_ends_at_the_best_image_of_the_best_label() {
    for (norm, [one, two]) in [(Norm::Linf, [0.2_f64, 0.3]), (Norm::L2, [0.728 - 0.5, 0.854 - 0.5])] {
        for (goal, left) in [
            (Goal::Untargeted { labels: vec![0] }, one),
            (Goal::Targeted { classes: vec![1] }, one),
            (Goal::Targeted { classes: vec![2] }, two),
        ] {
            // With a threshold that can be had, with one that cannot, and without.
            for threshold in [Some(0.2), Some(0.01), None] {
                let (found, score) = found(&attack(), &goal, norm, threshold);
                assert_eq!(found.success, [true], "{norm} {goal:?} {threshold:?}");
                let off = (score - left * left).abs();
                assert!(off < 2e-3, "{norm} {goal:?} {threshold:?}: {score} and not {}", left * left);
            }
        }
    }
}

#[test]
fn with_early_stop_it_ends_at_the_first_image_that_passes() {
    let (goal, full) = (Goal::Untargeted { labels: vec![0] }, attack());
    let early = Conditional { early_stop: true, ..full };
    let [(all, low), (few, high)] = [full, early].map(|attack| found(&attack, &goal, Norm::L2, Some(0.2)));
    assert!(low < high && high <= 0.2, "{low} and {high}");
    assert!(queries(&few)[0] < queries(&all)[0] / 4, "{:?} and {:?}", queries(&few), queries(&all));
    // The ranking of labels, both labels at every step, and at the end of it: there are not more to choose from.
    assert_eq!(queries(&all), [1 + 2 * 101]);
}

#[test]
fn restarts_only_help_and_the_second_starts_at_the_drawing() {
    let goal = Goal::Untargeted { labels: vec![0] };
    // Without steps there is nothing but starts: the original misses, the drawing of class 1, as near as the budget allows, is the optimum.
    for (restarts, success) in [(1, false), (2, true), (3, true)] {
        let (found, score) = found(&Conditional { steps: 0, restarts, ..attack() }, &goal, Norm::L2, None);
        assert_eq!(found.success, [success], "{restarts}");
        assert!(!success || (score - 0.0519).abs() < 1e-3, "{restarts}: {score}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let (model, x, detector) = (network(), images(), Guard(|x: &Tensor| x.flatten_from(1)?.sum(1)));
    let goal = Goal::Untargeted { labels: vec![0; 4] };
    let fails = |attack: Conditional, model: &dyn Model| {
        attack.run(&task(model, &x, &goal, &randomness(0, 4)), &budget(Norm::Linf, 0.3)).unwrap_err()
    };
    let guarded = Guarded { model: &model, detector: &detector };
    assert!(matches!(fails(attack(), &model), Error::NoDetector { attack: "conditional" }));
    let early = Conditional { early_stop: true, ..attack() };
    assert!(matches!(fails(early, &guarded), Error::NoThreshold { attack: "conditional" }));
    let odd = Conditional { step: Step::Size(f64::NAN), ..attack() };
    let message = "step size is NaN, expected a finite number of at least 0";
    assert_eq!(fails(odd, &guarded).to_string(), message);
}

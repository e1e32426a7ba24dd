//! On a linear model the best perturbation is known: for L-infinity epsilon times the signs of the difference of two weight
//! rows, for L2 epsilon along that difference.

use candle_core::Tensor;
use robust_attacks::{Goal, GradientDescent, Margin, Model, Noise, Norm};

use crate::models::{WEIGHTS, assert_close, budget, pixels, product, run, tensor, toy};

const EPSILON: f64 = 0.1;

/// The linear model with class 1 out of reach, so that leaving class 0 and reaching class 2 are the same.
pub(crate) fn two_classes() -> impl Model {
    let weights = tensor(&WEIGHTS.concat(), (3, 6));
    let handicap = tensor(&[0.0, -1e4, 0.0], (1, 3));
    toy(move |x: &Tensor| product(x, &weights)?.broadcast_add(&handicap))
}

/// The gradient of `z_2 - z_0`; no entry is zero.
pub(crate) fn slope() -> [f32; 6] {
    std::array::from_fn(|pixel| WEIGHTS[2][pixel] - WEIGHTS[0][pixel])
}

pub(crate) fn goals() -> [Goal; 2] {
    [Goal::Untargeted { labels: vec![0] }, Goal::Targeted { classes: vec![2] }]
}

fn attacks() -> [GradientDescent; 5] {
    [
        GradientDescent::fgsm(),
        GradientDescent::bim(3, 0.04),
        GradientDescent::bim(10, 0.3),
        GradientDescent { objective: Box::new(Margin), ..GradientDescent::bim(3, 0.04) },
        GradientDescent::mi_fgsm(4, 0.025, 1.0),
    ]
}

/// Class 0 against class 2, seen from the middle of the unit cube.
pub(crate) fn middle() -> (impl Model, Tensor, [Goal; 3]) {
    let [untargeted, targeted] = goals();
    let toward = Goal::Toward { labels: vec![0], classes: vec![2] };
    (two_classes(), tensor(&[0.5; 6], (1, 6)), [untargeted, targeted, toward])
}

/// How far the middle is from where class 2 wins by a margin: `(z_0 - z_2 + margin) / ||slope||_q`, `z_0 - z_2` being 0.5.
pub(crate) fn to_border(margin: f64, norm: Norm) -> f64 {
    let slopes = slope().map(f64::from);
    let dual = match norm {
        Norm::Linf => slopes.iter().map(|slope| slope.abs()).sum::<f64>(),
        _ => slopes.iter().map(|slope| slope * slope).sum::<f64>().sqrt(),
    };
    (0.5 + margin) / dual
}

#[test]
fn linf_attacks_end_in_the_corner_that_the_signs_point_to() {
    // The first image is far from the bounds, the second lies on them: there the corner is clipped.
    for x in [[0.5; 6], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]] {
        let corner: Vec<f32> =
            x.iter().zip(slope()).map(|(x, slope)| (x + 0.1 * slope.signum()).clamp(0.0, 1.0)).collect();
        for goal in goals() {
            for attack in attacks().into_iter().chain([GradientDescent::pgd(10, 0.04)]) {
                let found = run(&attack, &two_classes(), &tensor(&x, (1, 6)), &goal, budget(Norm::Linf, EPSILON));
                assert_close(&pixels(&found.images), &corner, 1e-6, attack.name);
            }
        }
    }
}

#[test]
fn l2_attacks_end_at_the_border_along_the_gradient() {
    let length = slope().iter().map(|slope| slope * slope).sum::<f32>().sqrt();
    let end: Vec<f32> = slope().iter().map(|slope| 0.5 + 0.1 * slope / length).collect();
    for goal in goals() {
        for attack in attacks() {
            let x = tensor(&[0.5; 6], (1, 6));
            let found = run(&attack, &two_classes(), &x, &goal, budget(Norm::L2, EPSILON));
            assert_close(&pixels(&found.images), &end, 1e-6, attack.name);
            assert!((found.l2[0] - EPSILON).abs() < 1e-7, "{}: {}", attack.name, found.l2[0]);
        }
    }
}

#[test]
fn noise_has_the_norm_of_the_budget() {
    let x = tensor(&[0.5; 6], (1, 6));
    let found = |norm| run(&Noise, &two_classes(), &x, &goals()[0], budget(norm, EPSILON));
    let noise = found(Norm::Linf);
    assert!(pixels(&noise.images).iter().all(|pixel| ((pixel - 0.5).abs() - 0.1).abs() < 1e-7), "{noise:?}");
    assert!((found(Norm::L2).l2[0] - EPSILON).abs() < 1e-7);
}

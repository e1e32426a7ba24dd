//! `two-way` against its formula: the descent on the style, the score, and the gradient with the descent held fast.

use robust_attacks::Suspicion;
use robust_detectors::{Gradient, Perception};

use crate::formulas::{error, logistic, product};
use crate::toy::{C, D, E, IMAGES, STYLE, Toy, images, made};

/// `E` under a label of standard styles, which draw with `sigmoid(mean + deviation z)`.
fn energy(label: usize, x: &[f64; 4], z: [f64; 2]) -> f64 {
    let style: [f64; 2] = std::array::from_fn(|i| logistic(STYLE.0[i] + STYLE.1[i] * z[i]));
    let style = product(&E, &style);
    let drawn: [f64; 4] = std::array::from_fn(|pixel| logistic(D[pixel][label] + style[pixel]));
    drawn.iter().zip(x).map(|(drawn, x)| (drawn - x).powi(2)).sum::<f64>() + 0.1 * (z[0].powi(2) + z[1].powi(2))
}

/// The style that the encoder proposes, which is `1e-6` off 0 and 1 at least.
fn standard(x: &[f64; 4]) -> [f64; 2] {
    let style = product(&C, x).map(|one| (1.0 - 2e-6) * logistic(one) + 1e-6);
    std::array::from_fn(|i| ((style[i] / (1.0 - style[i])).ln() - STYLE.0[i]) / STYLE.1[i])
}

/// How far four steps of Adam go from there.
fn descent(label: usize, x: &[f64; 4]) -> [f64; 2] {
    let start = standard(x);
    let (mut z, mut first, mut second) = (start, [0.0; 2], [0.0; 2]);
    for step in 1..=4 {
        let slope: [f64; 2] = std::array::from_fn(|i| {
            let at = |step: f64| energy(label, x, std::array::from_fn(|j| if i == j { z[j] + step } else { z[j] }));
            (at(1e-6) - at(-1e-6)) / 2e-6
        });
        for i in 0..2 {
            first[i] = 0.9 * first[i] + 0.1 * slope[i];
            second[i] = 0.999 * second[i] + 0.001 * slope[i].powi(2);
            let root = (second[i] / (1.0 - 0.999_f64.powi(step))).sqrt() + 1e-8;
            z[i] -= 0.1 * first[i] / (1.0 - 0.9_f64.powi(step)) / root;
        }
    }
    [z[0] - start[0], z[1] - start[1]]
}

#[test]
fn the_descent_on_the_style_is_that_of_the_formula_and_counts_as_held_fast() {
    let x = images();
    let perception = Perception::new(&Toy, &x).unwrap();
    let detector = made("two-way");
    let judgement = detector.judge(&perception).unwrap();
    let gradients = Gradient::new(&Toy, &*detector).evaluate(&x).unwrap().gradient;
    let gradients: Vec<Vec<f32>> = gradients.flatten_from(1).unwrap().to_vec2().unwrap();
    for (image, x) in IMAGES.iter().enumerate() {
        let p = perception.predictions()[image] as usize;
        let moved = [0, 1, 2].map(|label| descent(label, x));
        let energy = |label: usize, x: &[f64; 4]| {
            let start = standard(x);
            energy(label, x, [start[0] + moved[label][0], start[1] + moved[label][1]])
        };
        let least = |labels: &[usize]| {
            labels.iter().copied().min_by(|&a, &b| energy(a, x).total_cmp(&energy(b, x))).unwrap_or_default()
        };
        let others: Vec<usize> = (0..3).filter(|&label| label != p).collect();
        let other = least(&others);
        let score = |x: &[f64; 4]| (energy(p, x) / energy(other, x)).ln();
        let found = judgement.scores[image];
        assert!((f64::from(found) - score(x)).abs() < 1e-4, "image {image}: {found} and {}", score(x));
        assert_eq!(judgement.labels.as_ref().unwrap()[image] as usize, least(&[0, 1, 2]), "image {image}");
        assert!((score(x) - (error(p, x) / error(other, x)).ln()).abs() > 1e-3, "the descent does something");
        for (pixel, found) in gradients[image].iter().enumerate() {
            let at = |step: f64| {
                let mut x = *x;
                x[pixel] += step;
                score(&x)
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            let tolerance = 1e-3 * (1.0 + expected.abs());
            assert!((f64::from(*found) - expected).abs() < tolerance, "image {image}: {found} and {expected}");
        }
    }
}

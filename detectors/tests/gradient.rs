//! Gradients of the detectors' scores against finite differences of the formulas, worked out in f64 without candle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside of the tests themselves")]

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Device, Result, Tensor};
use robust_attacks::{ClassConditional, Encoding, Model, Suspicion};
use robust_detectors::{Detector, Error, Fit, Gradient, Perception, Threshold, detector};

/// Four pixels, three labels, two style neurons: `z = A tanh(B x)`, `m = sigmoid(C x)`, `decode = sigmoid(D y + E m)`.
const A: [[f64; 3]; 3] = [[2.0, -1.0, 0.5], [-1.0, 1.5, 1.0], [0.5, 0.5, -2.0]];
const B: [[f64; 4]; 3] = [[1.0, -1.5, 0.5, 0.25], [-0.5, 1.0, 1.0, -1.0], [0.75, 0.5, -1.0, 1.0]];
const C: [[f64; 4]; 2] = [[1.0, 0.5, -1.0, 0.0], [-0.5, 1.0, 0.25, -1.0]];
const D: [[f64; 3]; 4] = [[1.0, -1.0, 0.5], [-2.0, 1.0, 0.0], [0.5, 1.5, -1.0], [-0.5, 0.0, 2.0]];
const E: [[f64; 2]; 4] = [[0.5, -0.5], [1.0, 0.0], [-1.0, 0.5], [0.25, 1.0]];

const IMAGES: [[f64; 4]; 5] =
    [[0.9, 0.1, 0.3, 0.6], [0.1, 0.8, 0.7, 0.2], [0.4, 0.6, 0.1, 0.9], [0.55, 0.45, 0.5, 0.35], [0.0, 1.0, 1.0, 0.0]];

fn product<const N: usize, const M: usize>(matrix: &[[f64; N]; M], vector: &[f64; N]) -> [f64; M] {
    std::array::from_fn(|row| matrix[row].iter().zip(vector).map(|(a, b)| a * b).sum())
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn logits(x: &[f64; 4]) -> [f64; 3] {
    product(&A, &product(&B, x).map(f64::tanh))
}

fn decode(label: usize, x: &[f64; 4]) -> [f64; 4] {
    let style = product(&E, &product(&C, x).map(logistic));
    std::array::from_fn(|pixel| logistic(D[pixel][label] + style[pixel]))
}

fn error(label: usize, x: &[f64; 4]) -> f64 {
    decode(label, x).iter().zip(x).map(|(drawn, x)| (drawn - x).powi(2)).sum()
}

fn sum_of_others(z: &[f64; 3], p: usize) -> f64 {
    (0..3).filter(|&k| k != p).map(|k| z[k].exp()).sum()
}

/// A fit of `combined`, of `two-way` and of `magnet`, made up: what it is does not matter to their gradients.
const WEIGHT: [[f64; 3]; 3] = [[-2.0, 0.5, 0.25], [1.0, -3.0, 0.5], [0.25, 0.75, -1.5]];
const BIAS: [f64; 3] = [0.5, -0.25, 0.0];
const DISAGREEMENT: [f64; 3] = [0.75, 0.125, 1.5];
const SURPRISE: ([f64; 3], [f64; 3], f64) = ([0.5, 1.0, -0.5], [0.25, 0.0, -0.5], 0.5);
const ERROR: ([f64; 3], f64) = ([-1.0, -0.5, 0.0], 0.25);

/// Mean and deviation of the style's logits.
const STYLE: ([f64; 2], [f64; 2]) = ([0.25, -0.5], [0.5, 0.75]);
/// Of the autoencoders only the middle tap from the first filter to the first, and the bias after it: of one pixel a chain of logistic
/// functions, and in `pooled` of the mean.
const POOLED: [(f64, f64); 5] = [(3.0, -1.0), (-2.0, 1.5), (4.0, -2.0), (2.0, -1.0), (-3.0, 1.0)];
const PLAIN: [(f64, f64); 3] = [(2.0, -0.5), (-3.0, 2.0), (4.0, -1.5)];
/// A bit is so much of each part.
const BITS: [f64; 4] = [0.02, 0.04, 0.00125, 0.0001];

fn autoencoder(mut fit: Fit, name: &str, taps: &[(f64, f64)]) -> Fit {
    for (layer, &(tap, bias)) in taps.iter().enumerate() {
        let inputs = if layer == 0 { 1 } else { 3 };
        let outputs = if layer + 1 == taps.len() { 1 } else { 3 };
        let (mut weights, mut biases) = (vec![0.0; outputs * inputs * 9], vec![0.0; outputs]);
        (weights[4], biases[0]) = (tap as f32, bias as f32);
        let layer = format!("{name}.conv{}", layer + 1);
        fit = fit.with(format!("{layer}.weight"), vec![outputs, inputs, 3, 3], weights);
        fit = fit.with(format!("{layer}.bias"), vec![outputs], biases);
    }
    fit
}

fn fit() -> Fit {
    let array = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
    let bits: Vec<f64> = BITS.iter().flat_map(|bit| (0..13).map(move |level| f64::from(level) * bit)).collect();
    let fit = autoencoder(autoencoder(Fit::default(), "pooled", &POOLED), "plain", &PLAIN);
    fit.with("quantiles", vec![4, 13], array(&bits))
        .with("style.mean", vec![2], array(&STYLE.0))
        .with("style.deviation", vec![2], array(&STYLE.1))
        .with("posterior.weight", vec![3, 3], array(WEIGHT.as_flattened()))
        .with("posterior.bias", vec![3], array(&BIAS))
        .with("disagreement", vec![3], array(&DISAGREEMENT))
        .with("surprise.intercept", vec![3], array(&SURPRISE.0))
        .with("surprise.slope", vec![3], array(&SURPRISE.1))
        .with("surprise.deviation", vec![1], array(&[SURPRISE.2]))
        .with("error.intercept", vec![3], array(&ERROR.0))
        .with("error.slope", vec![3], vec![0.0; 3])
        .with("error.deviation", vec![1], array(&[ERROR.1]))
}

fn combined(p: usize, x: &[f64; 4]) -> f64 {
    let odds_against = |z: &[f64; 3]| (sum_of_others(z, p) / z[p].exp()).ln();
    let log_errors = [0, 1, 2].map(|k| error(k, x).ln());
    let posterior = [0, 1, 2].map(|k| BIAS[k] + (0..3).map(|j| log_errors[j] * WEIGHT[j][k]).sum::<f64>());
    let best = (0..3).filter(|&k| k != p).map(|k| log_errors[k]).fold(f64::INFINITY, f64::min);
    let disagreement =
        DISAGREEMENT[0] * (log_errors[p] - best) + DISAGREEMENT[1] * odds_against(&posterior) + DISAGREEMENT[2];
    let surprise = (disagreement - SURPRISE.0[p] - SURPRISE.1[p] * odds_against(&logits(x))) / SURPRISE.2;
    let error = (log_errors[p] - ERROR.0[p]) / ERROR.1;
    [disagreement, surprise - 0.75, error - 2.5].map(|one| (1.5 * one).exp()).iter().sum::<f64>().ln() / 1.5
}

fn layer(x: f64, (tap, bias): (f64, f64)) -> f64 {
    logistic(tap * x + bias)
}

fn magnet(x: &[f64; 4]) -> f64 {
    let middle = x.iter().map(|&pixel| layer(pixel, POOLED[0])).sum::<f64>() / 4.0;
    let pooled = [POOLED[1..].iter().fold(middle, |x, &one| layer(x, one)); 4];
    let plain = x.map(|pixel| PLAIN.iter().fold(pixel, |x, &one| layer(x, one)));
    let mean = |of: &dyn Fn(usize) -> f64| (0..4).map(of).sum::<f64>() / 4.0;
    let divergence = |temperature: f64| {
        let softmax = |z: [f64; 3]| {
            let powers = z.map(|z| (z / temperature).exp());
            powers.map(|power| power / powers.iter().sum::<f64>())
        };
        let (p, q) = (softmax(logits(x)), softmax(logits(&pooled)));
        let half =
            |p: &[f64; 3], q: &[f64; 3]| p.iter().zip(q).map(|(p, q)| p / 2.0 * (2.0 * p / (p + q)).ln()).sum::<f64>();
        half(&p, &q) + half(&q, &p)
    };
    let parts =
        [mean(&|i| (pooled[i] - x[i]).powi(2)), mean(&|i| (plain[i] - x[i]).abs()), divergence(10.0), divergence(40.0)];
    parts.iter().zip(BITS).map(|(part, bit)| part / bit).fold(f64::MIN, f64::max)
}

/// What an attacker of each detector descends, with `p` predicted.
fn surrogate(id: &str, p: usize, x: &[f64; 4]) -> f64 {
    let z = logits(x);
    let total: f64 = z.iter().map(|z| z.exp()).sum();
    match id {
        "msp" => (sum_of_others(&z, p) / total).ln(),
        "entropy" => z.iter().map(|z| -z.exp() / total * (z.exp() / total).ln()).sum(),
        "reconstruction" => error(p, x),
        "alternative" => error(p, x) / (0..3).filter(|&k| k != p).map(|k| error(k, x)).fold(f64::INFINITY, f64::min),
        "cycle" => {
            let z = logits(&decode(p, x));
            (sum_of_others(&z, p) / z[p].exp()).ln()
        }
        "combined" => combined(p, x),
        "magnet" => magnet(x),
        _ => panic!("no formula for {id}"),
    }
}

struct Toy;

fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

fn times<const N: usize, const M: usize>(x: &Tensor, matrix: &[[f64; N]; M]) -> Result<Tensor> {
    let matrix = Tensor::new(matrix, &Device::Cpu)?.to_dtype(x.dtype())?;
    x.matmul(&matrix.t()?)
}

impl Model for Toy {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.logits)
    }
}

impl ClassConditional for Toy {
    fn classes(&self) -> usize {
        3
    }

    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let x = x.flatten_from(1)?;
        Ok(Encoding { logits: times(&times(&x, &B)?.tanh()?, &A)?, style: sigmoid(&times(&x, &C)?)? })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        sigmoid(&(times(label, &D)? + times(style, &E)?)?)?.reshape(((), 1, 2, 2))
    }
}

fn images() -> Tensor {
    let pixels: Vec<f32> = IMAGES.as_flattened().iter().map(|&pixel| pixel as f32).collect();
    Tensor::from_vec(pixels, (IMAGES.len(), 1, 2, 2), &Device::Cpu).unwrap()
}

fn made(id: &str) -> Box<dyn Detector> {
    detector(id).unwrap().restore(&fit(), 3).unwrap()
}

#[test]
fn gradients_are_those_of_the_formulas() {
    let x = images();
    let perception = Perception::new(&Toy, &x).unwrap();
    for id in ["msp", "entropy", "reconstruction", "alternative", "cycle", "combined", "magnet"] {
        let detector = made(id);
        let found = Gradient::new(&Toy, &*detector).evaluate(&x).unwrap();
        assert_eq!(found.gradient.dims(), x.dims());
        let gradients: Vec<Vec<f32>> = found.gradient.flatten_from(1).unwrap().to_vec2().unwrap();
        for (image, x) in IMAGES.iter().enumerate() {
            let p = perception.predictions()[image] as usize;
            for (pixel, found) in gradients[image].iter().enumerate() {
                let at = |step: f64| {
                    let mut x = *x;
                    x[pixel] += step;
                    surrogate(id, p, &x)
                };
                let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
                let tolerance = 1e-4 * (1.0 + expected.abs());
                assert!(
                    (f64::from(*found) - expected).abs() < tolerance,
                    "{id}, image {image}: {found} and {expected}"
                );
            }
        }
    }
}

/// With the change that each squeezer makes held fast, as an attacker who takes it for the identity does.
fn squeeze(x: &[f64; 4], changes: &[[f64; 4]; 2]) -> f64 {
    let softmax = |x: &[f64; 4]| {
        let z = logits(x);
        z.map(|one| one.exp() / z.iter().map(|z| z.exp()).sum::<f64>())
    };
    let distance = |change: &[f64; 4]| {
        let squeezed = std::array::from_fn(|pixel| x[pixel] + change[pixel]);
        softmax(x).iter().zip(softmax(&squeezed)).map(|(a, b)| (a - b).abs()).sum::<f64>()
    };
    distance(&changes[0]).max(distance(&changes[1]))
}

#[test]
fn a_squeezer_counts_as_the_identity() {
    let gradients = Gradient::new(&Toy, &*made("squeeze")).evaluate(&images()).unwrap().gradient;
    let gradients: Vec<Vec<f32>> = gradients.flatten_from(1).unwrap().to_vec2().unwrap();
    for (x, found) in IMAGES.iter().zip(&gradients) {
        let third = |window: [usize; 4]| {
            let mut window = window.map(|pixel| x[pixel]);
            window.sort_by(f64::total_cmp);
            window[2]
        };
        let smooth = [x[0], third([1, 0, 1, 0]), third([2, 2, 0, 0]), third([3, 2, 1, 0])];
        let changes = [x.map(|pixel| f64::from(u8::from(pixel > 0.5))), smooth]
            .map(|squeezed| std::array::from_fn(|pixel| squeezed[pixel] - x[pixel]));
        for (pixel, found) in found.iter().enumerate() {
            let at = |step: f64| {
                let mut x = *x;
                x[pixel] += step;
                squeeze(&x, &changes)
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!((f64::from(*found) - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{found} and {expected}");
        }
    }
}

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

#[test]
fn scores_are_the_detectors_own_and_rise_with_the_surrogate() {
    let x = images();
    let perception = Perception::new(&Toy, &x).unwrap();
    for id in ["msp", "entropy", "reconstruction", "alternative", "cycle", "combined", "magnet"] {
        let detector = made(id);
        let scores: Vec<f32> = Gradient::new(&Toy, &*detector).evaluate(&x).unwrap().scores.to_vec1().unwrap();
        assert_eq!(scores, detector.scores(&perception).unwrap(), "{id}");
        for (image, (x, score)) in IMAGES.iter().zip(&scores).enumerate() {
            let surrogate = surrogate(id, perception.predictions()[image] as usize, x);
            let expected = if id == "cycle" { logistic(surrogate) } else { surrogate };
            assert!(
                (f64::from(*score) - expected).abs() < 1e-5 * (1.0 + expected.abs()),
                "{id}: {score} and {expected}"
            );
        }
    }
}

#[test]
fn neighbours_change_no_gradient() {
    let x = images();
    for id in ["reconstruction", "alternative", "cycle", "combined", "magnet"] {
        let detector = made(id);
        let gradient = |x: &Tensor| Gradient::new(&Toy, &*detector).evaluate(x).unwrap().gradient;
        let together: Vec<Vec<f32>> = gradient(&x).flatten_from(1).unwrap().to_vec2().unwrap();
        for (image, together) in together.iter().enumerate() {
            let alone: Vec<f32> = gradient(&x.narrow(0, image, 1).unwrap()).flatten_all().unwrap().to_vec1().unwrap();
            let near = alone.iter().zip(together).all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + b.abs()));
            assert!(near, "{id}: {alone:?} and {together:?}");
        }
    }
}

/// The toy, with a note of how often it draws.
struct Counted(AtomicUsize);

impl Model for Counted {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Toy.logits(x)
    }
}

impl ClassConditional for Counted {
    fn classes(&self) -> usize {
        3
    }

    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        Toy.encode(x)
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Toy.decode(label, style)
    }
}

#[test]
fn score_and_gradient_share_the_drawings_under_all_labels() {
    // Where one label or two are enough for the gradient, the score still takes all three.
    for (id, drawings) in [("combined", 3), ("reconstruction", 3 + 1), ("alternative", 3 + 2), ("msp", 0)] {
        let model = Counted(AtomicUsize::new(0));
        Gradient::new(&model, &*made(id)).evaluate(&images()).unwrap();
        assert_eq!(model.0.into_inner(), drawings, "{id}");
    }
}

/// A detector that offers nothing to descend.
struct Opaque;

impl Detector for Opaque {
    fn id(&self) -> &'static str {
        "opaque"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(perception.confidences().to_vec())
    }
}

#[test]
fn a_detector_without_a_gradient_says_so() {
    let error = Gradient::new(&Toy, &Opaque).evaluate(&images()).unwrap_err().to_string();
    assert!(error.contains("detector `opaque` has no gradient for an attack to follow"), "{error}");
    let flagging = |score| Gradient::new(&Toy, &Opaque).flagging(Threshold::new(score).unwrap());
    assert_eq!((Gradient::new(&Toy, &Opaque).threshold(), flagging(0.5).threshold()), (None, Some(0.5)));
}

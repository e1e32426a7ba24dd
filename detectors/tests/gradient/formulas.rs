//! What the model and the detectors compute, in f64 and without candle.

use crate::toy::{
    A, B, BIAS, C, D, DENOISED, E, IMAGES, MATRIX, ODDS_LOST, ODDS_TRUST, PARTS, PLAIN, POOLED, RATIO, SCORES, SECOND,
    SECOND_LOGITS, SHARE, TRUST, WEIGHT, WRONG,
};

pub(crate) fn product<const N: usize, const M: usize>(matrix: &[[f64; N]; M], vector: &[f64; N]) -> [f64; M] {
    std::array::from_fn(|row| matrix[row].iter().zip(vector).map(|(a, b)| a * b).sum())
}

pub(crate) fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

pub(crate) fn logits(x: &[f64; 4]) -> [f64; 3] {
    product(&A, &product(&B, x).map(f64::tanh))
}

pub(crate) fn decode(label: usize, x: &[f64; 4]) -> [f64; 4] {
    let style = product(&E, &product(&C, x).map(logistic));
    std::array::from_fn(|pixel| logistic(D[pixel][label] + style[pixel]))
}

pub(crate) fn error(label: usize, x: &[f64; 4]) -> f64 {
    decode(label, x).iter().zip(x).map(|(drawn, x)| (drawn - x).powi(2)).sum()
}

pub(crate) fn sum_of_others(z: &[f64; 3], p: usize) -> f64 {
    (0..3).filter(|&k| k != p).map(|k| z[k].exp()).sum()
}

/// The bits of a value on a tail.
fn bits(value: f64, [least, apart, beyond]: [f64; 3]) -> f64 {
    let last = least + 5.0 * apart;
    if value > last { 5.0 + (value - last) / (apart * beyond) } else { (value - least) / apart }
}

fn log_errors(x: &[f64; 4]) -> [f64; 3] {
    [0, 1, 2].map(|k| error(k, x).ln())
}

pub(crate) fn wrong(p: usize, x: &[f64; 4]) -> f64 {
    let log_errors = log_errors(x);
    let posterior = [0, 1, 2].map(|k| BIAS[k] + (0..3).map(|j| log_errors[j] * WEIGHT[j][k]).sum::<f64>());
    WRONG[0] * odds_against(&logits(x), p) + WRONG[1] * odds_against(&posterior, p) + WRONG[2]
}

fn odds_against(z: &[f64; 3], p: usize) -> f64 {
    (sum_of_others(z, p) / z[p].exp()).ln()
}

/// The trusted bits of the odds lost at each strength, where denoising averages `x` as it averages the image beside it.
fn odds_lost(p: usize, x: &[f64; 4]) -> [f64; 2] {
    let apart = |image: &[f64; 4]| image.iter().zip(x).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let beside = (0..IMAGES.len()).min_by(|&a, &b| apart(&IMAGES[a]).total_cmp(&apart(&IMAGES[b]))).unwrap();
    [0, 1].map(|strength| {
        let image = &IMAGES[beside];
        let moved = |pixel: usize| {
            let weights = weights(image, pixel, [4.0, 20.0][strength]);
            let mean: f64 = (0..4).map(|other| weights[other] * (x[other] - image[other])).sum();
            f64::from(DENOISED[strength][beside][pixel]) / 255.0 + mean
        };
        let lost = odds_against(&logits(&std::array::from_fn(moved)), p) - odds_against(&logits(x), p);
        ODDS_TRUST[strength] * bits(lost, ODDS_LOST[strength])
    })
}

/// What part each pixel has in the mean that a pixel becomes, of an image of 2x2 that is mirrored without its edges: every second pixel is the same.
fn weights(image: &[f64; 4], pixel: usize, strength: f64) -> [f64; 4] {
    let level =
        |row: usize, column: usize| f64::from((image[2 * (row % 2) + column % 2] as f32 * 255.0).round_ties_even());
    let (row, column) = (pixel / 2 + 6, pixel % 2 + 6);
    let mut found = [0.0; 4];
    for (down, across) in (0..121).map(|place| (row + place / 11 - 5, column + place % 11 - 5)) {
        let off =
            |at: usize| level(row + at / 3 - 1, column + at % 3 - 1) - level(down + at / 3 - 1, across + at % 3 - 1);
        let distance = ((0..9).map(|at| off(at).powi(2)).sum::<f64>() / 16.0).floor();
        // A whole number, so that all of a window times the highest level stay below 2^31.
        let full = f64::from(i32::MAX / (121 * 255));
        let weight = (full * (-distance * 16.0 / 9.0 / strength.powi(2)).exp()).round();
        found[2 * (down % 2) + across % 2] += if weight < 0.001 * full { 0.0 } else { weight };
    }
    let total: f64 = found.iter().sum();
    found.map(|weight| weight / total)
}

/// With a temperature as an attacker sees it who wants a smoother function.
pub(crate) fn tampered(p: usize, x: &[f64; 4], temperature: Option<f64>) -> f64 {
    let log_errors = log_errors(x);
    let best = (0..3).filter(|&k| k != p).map(|k| log_errors[k]).fold(f64::INFINITY, f64::min);
    let [error, divergence] = strangeness(x, temperature).map(|bits| TRUST[1] * bits);
    let [light, strong] = odds_lost(p, x);
    TRUST[0] * bits(log_errors[p] - best, RATIO) + error + maximum(&[divergence, light, strong], temperature)
}

pub(crate) fn combined(p: usize, x: &[f64; 4], temperature: Option<f64>) -> f64 {
    let wrong = bits(wrong(p, x), SCORES[0]) + SHARE.log2();
    // The piece of the tail is that of the score itself.
    let [least, apart, beyond] = SCORES[1];
    let last = least + 5.0 * apart;
    let (score, smooth) = (tampered(p, x, None), tampered(p, x, temperature));
    let slope = if score > last { 1.0 / (apart * beyond) } else { 1.0 / apart };
    let tampered = bits(score, SCORES[1]) + slope * (smooth - score) + (1.0 - SHARE).log2();
    maximum(&[wrong, tampered], temperature)
}

fn maximum(values: &[f64], temperature: Option<f64>) -> f64 {
    match temperature {
        Some(temperature) => soft_maximum(values, temperature),
        None => values.iter().copied().fold(f64::MIN, f64::max),
    }
}

fn soft_maximum(values: &[f64], temperature: f64) -> f64 {
    temperature * values.iter().map(|value| (value / temperature).exp()).sum::<f64>().ln()
}

pub(crate) fn layer(x: f64, (tap, bias): (f64, f64)) -> f64 {
    logistic(tap * x + bias)
}

pub(crate) fn magnet(x: &[f64; 4], temperature: Option<f64>) -> f64 {
    maximum(&strangeness(x, temperature), temperature)
}

/// Of the errors and of the divergences.
fn strangeness(x: &[f64; 4], temperature: Option<f64>) -> [f64; 2] {
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
    let parts: Vec<f64> = parts.iter().zip(PARTS).map(|(part, tail)| bits(part.ln(), tail)).collect();
    [maximum(&parts[..2], temperature), maximum(&parts[2..], temperature)]
}

/// What an attacker of each detector descends, with `p` predicted, or supposed.
pub(crate) fn surrogate(id: &str, p: usize, x: &[f64; 4], temperature: Option<f64>) -> f64 {
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
        "margin" => (0..3).filter(|&k| k != p).map(|k| z[k]).fold(f64::MIN, f64::max) - z[p],
        "energy" => -total.ln(),
        "gini" => {
            let squares = z.iter().map(|z| (z.exp() / total).powi(2)).sum::<f64>();
            ((1.0 - squares) / squares).ln()
        }
        "rel-u" => {
            let q = z.map(|z| z.exp() / total);
            (0..9).map(|at| q[at / 3] * MATRIX[at / 3][at % 3] * q[at % 3]).sum::<f64>().ln()
        }
        "second-opinion" => {
            let mean = SECOND.iter().fold(x.iter().sum::<f64>() / 4.0, |x, (tap, bias)| tap * x + bias);
            odds_against(&SECOND_LOGITS.map(|(weight, bias)| weight * mean + bias), p)
        }
        "wrong" => wrong(p, x),
        "tampered" => tampered(p, x, temperature),
        "combined" => combined(p, x, temperature),
        "magnet" => magnet(x, temperature),
        _ => panic!("no formula for {id}"),
    }
}

//! What the model and the detectors compute, in f64 and without candle.

use crate::toy::{A, B, BIAS, BITS, C, D, DISAGREEMENT, DOUBT, E, PLAIN, POOLED, WEIGHT};

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

/// With a temperature as an attacker sees it who wants a smoother function.
pub(crate) fn combined(p: usize, x: &[f64; 4], temperature: Option<f64>) -> f64 {
    let odds_against = |z: &[f64; 3]| (sum_of_others(z, p) / z[p].exp()).ln();
    let log_errors = [0, 1, 2].map(|k| error(k, x).ln());
    let posterior = [0, 1, 2].map(|k| BIAS[k] + (0..3).map(|j| log_errors[j] * WEIGHT[j][k]).sum::<f64>());
    let best = (0..3).filter(|&k| k != p).map(|k| log_errors[k]).fold(f64::INFINITY, f64::min);
    let disagreement =
        DISAGREEMENT[0] * (log_errors[p] - best) + DISAGREEMENT[1] * odds_against(&posterior) + DISAGREEMENT[2];
    let doubt = DOUBT[0] * odds_against(&logits(x)) + DOUBT[1];
    let bits = magnet(x, temperature.map(|temperature| (temperature / 3.0).clamp(0.05, 1.0) / 0.6));
    let outer = temperature.map_or(1.0, |temperature| temperature.max(1.0));
    soft_maximum(&[disagreement, doubt - 0.5, 0.6 * (bits - 6.0)], outer)
}

fn soft_maximum(values: &[f64], temperature: f64) -> f64 {
    temperature * values.iter().map(|value| (value / temperature).exp()).sum::<f64>().ln()
}

pub(crate) fn layer(x: f64, (tap, bias): (f64, f64)) -> f64 {
    logistic(tap * x + bias)
}

pub(crate) fn magnet(x: &[f64; 4], temperature: Option<f64>) -> f64 {
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
    let bits: Vec<f64> = parts.iter().zip(BITS).map(|(part, bit)| part / bit).collect();
    let Some(temperature) = temperature else { return bits.into_iter().fold(f64::MIN, f64::max) };
    let tempered = |&bits: &f64| if bits > 10.0 { 10.0 + 8.0 * (bits / 10.0).ln() } else { bits };
    soft_maximum(&bits.iter().map(tempered).collect::<Vec<_>>(), temperature)
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
        "combined" => combined(p, x, temperature),
        "magnet" => magnet(x, temperature),
        _ => panic!("no formula for {id}"),
    }
}

//! L2: the Euclidean length of the change.

use rand::Rng;
use rand_distr::StandardNormal;

use super::sum;

pub(super) fn distance(x: &[f32], x0: &[f32]) -> f64 {
    sum(x, x0, |x, x0| (x - x0) * (x - x0)).sqrt()
}

pub(super) fn step(x: &mut [f32], gradient: &[f32], size: f64) {
    // In f64 the squares of tiny gradients do not vanish, so that none needs rescuing by a constant.
    let length = sum(gradient, gradient, |slope, _| slope * slope).sqrt();
    let scale = if length > 0.0 { size / length } else { 0.0 };
    for (x, &slope) in x.iter_mut().zip(gradient) {
        *x += (scale * f64::from(slope)) as f32;
    }
}

pub(super) fn project(x: &mut [f32], x0: &[f32], epsilon: f64) {
    let distance = distance(x, x0);
    if distance > epsilon {
        let scale = (epsilon / distance) as f32;
        for (x, &x0) in x.iter_mut().zip(x0) {
            *x = x0 + scale * (*x - x0);
        }
    }
}

pub(super) fn random_start(x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
    // The volume within radius r grows as r^n, hence the n-th root.
    let radius = epsilon * rng.random::<f64>().powf(1.0 / x.len() as f64);
    random_step(x, radius, rng);
}

pub(super) fn random_step(x: &mut [f32], size: f64, rng: &mut impl Rng) {
    let direction: Vec<f32> = x.iter().map(|_| rng.sample(StandardNormal)).collect();
    step(x, &direction, size);
}

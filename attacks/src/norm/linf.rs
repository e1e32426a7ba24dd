//! L-infinity: the largest absolute change of a pixel.

use rand::Rng;

pub(super) fn distance(x: &[f32], x0: &[f32]) -> f64 {
    let differences = x.iter().zip(x0).map(|(&x, &x0)| f64::from(x) - f64::from(x0));
    differences.fold(0.0, |largest, difference| difference.abs().max(largest))
}

pub(super) fn step(x: &mut [f32], gradient: &[f32], size: f64) {
    let size = size as f32;
    for (x, &slope) in x.iter_mut().zip(gradient) {
        *x += size * sign(slope);
    }
}

pub(super) fn project(x: &mut [f32], x0: &[f32], epsilon: f64) {
    let epsilon = epsilon as f32;
    for (x, &x0) in x.iter_mut().zip(x0) {
        *x = x.max(x0 - epsilon).min(x0 + epsilon);
    }
}

pub(super) fn random_start(x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
    let epsilon = epsilon as f32;
    for x in x {
        *x += epsilon * (2.0 * rng.random::<f32>() - 1.0);
    }
}

pub(super) fn random_step(x: &mut [f32], size: f64, rng: &mut impl Rng) {
    let size = size as f32;
    for x in x {
        *x += if rng.random() { size } else { -size };
    }
}

/// 1, 0 or -1; 0 for NaN.
fn sign(value: f32) -> f32 {
    f32::from(u8::from(value > 0.0)) - f32::from(u8::from(value < 0.0))
}

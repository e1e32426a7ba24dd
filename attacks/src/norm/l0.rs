//! L0: the number of pixels changed.

use rand::Rng;
use rand::seq::index;

use super::l1::steepest_free;
use crate::Bounds;

/// More than any pixel can move: the bounds decide how far it really does.
const FAR: f32 = 1e6;

pub(super) fn distance(x: &[f32], x0: &[f32]) -> f64 {
    x.iter().zip(x0).filter(|(x, x0)| x != x0).count() as f64
}

/// Moves the `size` pixels, rounded down, of the steepest slopes that the bounds leave free, as far as the bounds allow.
pub(super) fn step(x: &mut [f32], gradient: &[f32], size: f64, bounds: Bounds) {
    for pixel in steepest_free(x, gradient, bounds, size as usize) {
        x[pixel] = if gradient[pixel] > 0.0 { bounds.max } else { bounds.min };
    }
}

/// Keeps the `epsilon` largest changes, rounded down, of equals the first, and takes back the others.
pub(super) fn project(x: &mut [f32], x0: &[f32], epsilon: f64) {
    if distance(x, x0) <= epsilon {
        return;
    }
    let mut changed: Vec<usize> = (0..x.len()).filter(|&pixel| x[pixel] != x0[pixel]).collect();
    let size = |pixel: usize| (x[pixel] - x0[pixel]).abs();
    changed.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    for &pixel in &changed[epsilon as usize..] {
        x[pixel] = x0[pixel];
    }
}

pub(super) fn random_start(x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
    for pixel in some_pixels(x.len(), epsilon, rng) {
        x[pixel] += 2.0 * rng.random::<f32>() - 1.0;
    }
}

pub(super) fn random_step(x: &mut [f32], size: f64, rng: &mut impl Rng) {
    for pixel in some_pixels(x.len(), size, rng) {
        x[pixel] += if rng.random() { FAR } else { -FAR };
    }
}

/// As many distinct pixels as `count`, rounded down, says.
fn some_pixels(pixels: usize, count: f64, rng: &mut impl Rng) -> index::IndexVec {
    index::sample(rng, pixels, (count as usize).min(pixels))
}

//! L1: the sum of the absolute changes.

use rand::Rng;
use rand_distr::Exp1;

use super::sum;
use crate::Bounds;

/// One pixel in so many moves in a step: the share that Tramèr and Boneh 2019, section 3.2, use on MNIST. The single steepest
/// pixel, which theory asks for, would be at its bound after a step or two.
const SPARSITY: usize = 100;

pub(super) fn distance(x: &[f32], x0: &[f32]) -> f64 {
    sum(x, x0, |x, x0| (x - x0).abs())
}

/// Moves the pixels of the steepest slopes that the bounds leave free, all equally far, `size` in sum.
pub(super) fn step(x: &mut [f32], gradient: &[f32], size: f64, bounds: Bounds) {
    let free = steepest_free(x, gradient, bounds, x.len().div_ceil(SPARSITY));
    for &pixel in &free {
        x[pixel] += (size / free.len() as f64).copysign(f64::from(gradient[pixel])) as f32;
    }
}

/// The `count` pixels of the steepest slopes, or fewer, among those that can still move uphill within the bounds; steepest
/// first, of equals the first.
pub(super) fn steepest_free(x: &[f32], gradient: &[f32], bounds: Bounds, count: usize) -> Vec<usize> {
    let is_free = |&pixel: &usize| {
        let (x, slope) = (x[pixel], gradient[pixel]);
        slope > 0.0 && x < bounds.max || slope < 0.0 && x > bounds.min
    };
    steepest((0..x.len()).filter(is_free), gradient, count)
}

/// The `count` pixels of the steepest slopes, or fewer, among these; steepest first, of equals the first.
pub(crate) fn steepest(pixels: impl Iterator<Item = usize>, gradient: &[f32], count: usize) -> Vec<usize> {
    let mut pixels: Vec<usize> = pixels.collect();
    pixels.sort_by(|&a, &b| gradient[b].abs().total_cmp(&gradient[a].abs()));
    pixels.truncate(count);
    pixels
}

/// The Euclidean projection (Duchi et al. 2008, figure 1): every change shrinks by the same amount, and those smaller than
/// that vanish.
pub(super) fn project(x: &mut [f32], x0: &[f32], epsilon: f64) {
    if distance(x, x0) <= epsilon {
        return;
    }
    let change = |x: f32, x0: f32| f64::from(x) - f64::from(x0);
    let mut sizes: Vec<f64> = x.iter().zip(x0).map(|(&x, &x0)| change(x, x0).abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    // With the k largest left, each shrinks by (their sum - epsilon) / k; the largest k whose smallest survives that is right.
    let (mut sum, mut shrinkage) = (0.0, 0.0);
    for (count, size) in sizes.into_iter().enumerate() {
        sum += size;
        let candidate = (sum - epsilon) / (count + 1) as f64;
        if size < candidate {
            break;
        }
        shrinkage = candidate;
    }
    for (x, &x0) in x.iter_mut().zip(x0) {
        let change = change(*x, x0);
        *x = (f64::from(x0) + (change.abs() - shrinkage).max(0.0).copysign(change)) as f32;
    }
}

pub(super) fn random_start(x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
    // The volume within radius r grows as r^n, hence the n-th root.
    let radius = epsilon * rng.random::<f64>().powf(1.0 / x.len() as f64);
    random_step(x, radius, rng);
}

pub(super) fn random_step(x: &mut [f32], size: f64, rng: &mut impl Rng) {
    // Exponential draws over their sum are uniform on the simplex.
    let draws: Vec<f64> = x.iter().map(|_| rng.sample(Exp1)).collect();
    let scale = size / draws.iter().sum::<f64>();
    for (x, draw) in x.iter_mut().zip(draws) {
        *x += (if rng.random() { scale * draw } else { -scale * draw }) as f32;
    }
}

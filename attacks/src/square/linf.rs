//! Changes under L-infinity (Andriushchenko et al. 2020, algorithm 2): every pixel is at the border of the budget, epsilon
//! above or below its original, and a window moves to one side, in each channel its own.

use rand::Rng;

use super::grid::{Grid, Window};
use crate::Bounds;

/// From the original: vertical stripes, each one column wide.
pub(super) fn start(x: &mut [f32], grid: Grid, epsilon: f64, bounds: Bounds, rng: &mut impl Rng) {
    let stripes: Vec<f32> = (0..grid.channels * grid.width).map(|_| side(epsilon, rng)).collect();
    let channels = x.chunks_exact_mut(grid.pixels()).zip(stripes.chunks_exact(grid.width));
    for (channel, stripes) in channels {
        for row in channel.chunks_exact_mut(grid.width) {
            row.iter_mut().zip(stripes).for_each(|(x, stripe)| *x += stripe);
        }
    }
    bounds.clip(x);
}

/// Moves a window of `side` rows and columns. One that is there already moves to the other side, as in the authors' program:
/// late windows are single pixels, and every second question would be wasted.
pub(super) fn change(
    x: &mut [f32],
    x0: &[f32],
    grid: Grid,
    side: usize,
    epsilon: f64,
    bounds: Bounds,
    rng: &mut impl Rng,
) {
    let window = grid.window(side, rng);
    let mut sides: Vec<f32> = (0..grid.channels).map(|_| self::side(epsilon, rng)).collect();
    if !fill(x, x0, grid, window, &sides, bounds) {
        sides.iter_mut().for_each(|side| *side = -*side);
        fill(x, x0, grid, window, &sides, bounds);
    }
}

/// Moves the pixels of a window to one side of their originals in each channel; whether any was elsewhere.
fn fill(x: &mut [f32], x0: &[f32], grid: Grid, window: Window, sides: &[f32], bounds: Bounds) -> bool {
    let mut has_changed = false;
    for (channel, side) in sides.iter().enumerate() {
        for row in grid.rows(window, channel) {
            for (x, x0) in x[row.clone()].iter_mut().zip(&x0[row]) {
                let moved = (x0 + side).max(bounds.min).min(bounds.max);
                has_changed |= *x != moved;
                *x = moved;
            }
        }
    }
    has_changed
}

fn side(epsilon: f64, rng: &mut impl Rng) -> f32 {
    if rng.random() { epsilon as f32 } else { -epsilon as f32 }
}

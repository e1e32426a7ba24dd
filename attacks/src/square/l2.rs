//! Changes under L2 (Andriushchenko et al. 2020, algorithm 3): the perturbation has length epsilon before it is clipped, and
//! one window gives its share of that length to another, which adds a bump to what it holds.

use rand::Rng;

use super::grid::{Grid, Window};
use crate::Bounds;

/// How many tiles the shorter side of the image is cut into at the start.
const TILES: usize = 5;

/// From the original: tiles with a bump each.
pub(super) fn start(x: &mut [f32], grid: Grid, epsilon: f64, bounds: Bounds, rng: &mut impl Rng) {
    let side = (grid.height.min(grid.width) / TILES).max(1);
    let (rows, columns) = (grid.height / side, grid.width / side);
    let (top, left) = ((grid.height - rows * side) / 2, (grid.width - columns * side) / 2);
    let mut change = vec![0.0; x.len()];
    for tile in 0..rows * columns {
        let (top, left) = (top + tile / columns * side, left + tile % columns * side);
        let window = Window { top, left, height: side, width: side };
        let bump = bump(side, side, rng);
        for channel in 0..grid.channels {
            let sign = sign(rng);
            let pixels = grid.rows(window, channel).flatten();
            pixels.zip(&bump).for_each(|(pixel, bump)| change[pixel] = sign * bump);
        }
    }
    let x0 = x.to_vec();
    place(x, &x0, &change, epsilon, bounds);
}

/// Empties one window of `side` rows and columns, at least three, for the sake of another.
pub(super) fn change(
    x: &mut [f32],
    x0: &[f32],
    grid: Grid,
    side: usize,
    epsilon: f64,
    bounds: Bounds,
    rng: &mut impl Rng,
) {
    // Odd, so that a bump has a centre.
    let side = side.max(3) | 1;
    let [taker, giver] = [grid.window(side, rng), grid.window(side, rng)];
    let bump = bump(taker.height, taker.width, rng);
    let mut change: Vec<f64> = x.iter().zip(x0).map(|(&x, &x0)| f64::from(x) - f64::from(x0)).collect();
    // What clipping has taken from the budget is there to be spent.
    let spare = (epsilon * epsilon - squares(&change)).max(0.0) / grid.channels as f64;
    for channel in 0..grid.channels {
        let mut empty = |window| -> Vec<f64> {
            grid.rows(window, channel).flatten().map(|pixel| std::mem::take(&mut change[pixel])).collect()
        };
        // Where the windows overlap the first to be emptied has it all.
        let held = empty(taker);
        let length = squares(&held).sqrt();
        let available = (spare + squares(&held) + squares(&empty(giver))).sqrt();
        let (sign, scale) = (sign(rng), if length > 0.0 { 1.0 / length } else { 0.0 });
        let mixed: Vec<f64> = held.iter().zip(&bump).map(|(held, bump)| sign * bump + scale * held).collect();
        let scale = available / squares(&mixed).sqrt();
        if scale.is_finite() {
            let pixels = grid.rows(taker, channel).flatten();
            pixels.zip(mixed).for_each(|(pixel, mixed)| change[pixel] = scale * mixed);
        }
    }
    place(x, x0, &change, epsilon, bounds);
}

/// Two halves of opposite sign, one beside or above the other, each with its peak in the middle; of length 1.
fn bump(height: usize, width: usize, rng: &mut impl Rng) -> Vec<f64> {
    let is_stacked: bool = rng.random();
    let (across, along) = if is_stacked { (height, width) } else { (width, height) };
    let (first, second) = (peak(across / 2, along), peak(across - across / 2, along));
    let halves: Vec<f64> = first.into_iter().chain(second.into_iter().map(|value| -value)).collect();
    let length = squares(&halves).sqrt();
    let value = |row: usize, column: usize| {
        halves[if is_stacked { row * along + column } else { column * along + row }] / length
    };
    (0..height * width).map(|pixel| value(pixel / width, pixel % width)).collect()
}

/// Concentric squares, each adding to those around it: at distance `d` from the middle the sum of `1 / k²` for `k` above `d`.
/// Its length is 1.
fn peak(height: usize, width: usize) -> Vec<f64> {
    let (middle, centre) = (height / 2, width / 2);
    let mut sums: Vec<f64> = (1..=middle.max(centre) + 1).map(|k| 1.0 / (k * k) as f64).collect();
    for distance in (1..sums.len()).rev() {
        sums[distance - 1] += sums[distance];
    }
    let distance = |row: usize, column: usize| row.abs_diff(middle).max(column.abs_diff(centre));
    let mut values: Vec<f64> = (0..height * width).map(|pixel| sums[distance(pixel / width, pixel % width)]).collect();
    let length = squares(&values).sqrt();
    values.iter_mut().for_each(|value| *value /= length);
    values
}

/// The image with this perturbation, scaled to length epsilon.
fn place(x: &mut [f32], x0: &[f32], change: &[f64], epsilon: f64, bounds: Bounds) {
    let length = squares(change).sqrt();
    let scale = if length > 0.0 { epsilon / length } else { 0.0 };
    for ((x, &x0), change) in x.iter_mut().zip(x0).zip(change) {
        *x = (f64::from(x0) + scale * change) as f32;
    }
    bounds.clip(x);
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

fn sign(rng: &mut impl Rng) -> f64 {
    if rng.random() { 1.0 } else { -1.0 }
}

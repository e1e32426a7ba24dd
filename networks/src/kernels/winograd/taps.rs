//! `G` of [`super::transforms`]: 3x3 taps to the 6x6 points, and sums at the points to the gradient of the taps.

use super::transforms::POINTS;

/// `G`, by rows: a filter's taps at each point.
const FILTER: [[f32; 3]; POINTS] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

/// One element each of `N` filters side by side.
pub(super) type Lanes<const N: usize> = [f32; N];

/// `G g G'`: 3x3 taps at the 6x6 points.
pub(super) fn filter_to_points<const N: usize>(taps: &[[Lanes<N>; 3]; 3]) -> [[Lanes<N>; POINTS]; POINTS] {
    let mut rows = [[[0.0; N]; 3]; POINTS];
    for (row, factors) in rows.iter_mut().zip(FILTER) {
        for (sums, x) in row.iter_mut().zip(0..) {
            (0..3).for_each(|tap| add(sums, factors[tap], &taps[tap][x]));
        }
    }
    let mut points = [[[0.0; N]; POINTS]; POINTS];
    for (points, row) in points.iter_mut().zip(&rows) {
        for (sums, factors) in points.iter_mut().zip(FILTER) {
            (0..3).for_each(|tap| add(sums, factors[tap], &row[tap]));
        }
    }
    points
}

/// `G' m G`: sums at the 6x6 points to the gradient of 3x3 taps.
pub(super) fn points_to_filter<const N: usize>(points: &[[Lanes<N>; POINTS]; POINTS]) -> [[Lanes<N>; 3]; 3] {
    let mut rows = [[[0.0; N]; POINTS]; 3];
    for (from, factors) in points.iter().zip(FILTER) {
        for (row, factor) in rows.iter_mut().zip(factors) {
            row.iter_mut().zip(from).for_each(|(sums, values)| add(sums, factor, values));
        }
    }
    let mut taps = [[[0.0; N]; 3]; 3];
    for (taps, row) in taps.iter_mut().zip(&rows) {
        for (values, factors) in row.iter().zip(FILTER) {
            taps.iter_mut().zip(factors).for_each(|(sums, factor)| add(sums, factor, values));
        }
    }
    taps
}

#[inline(always)]
fn add<const N: usize>(sums: &mut Lanes<N>, factor: f32, values: &Lanes<N>) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

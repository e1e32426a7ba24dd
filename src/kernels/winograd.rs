//! Fast correlation of few taps (Winograd 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
//! 2016, section 4): the sums and products of a 3-tap filter at 4 positions as products of polynomials at 6 points.
//!
//! With the points 0, 1, -1, 2, -2 and infinity, 4 outputs `y = A' [(G g) * (B' d)]` of 3 taps `g` over 6 inputs `d`
//! take 6 multiplications in place of 12, and a map's 4x4 outputs 36 in place of 144. `G`, `B'` and `A'` are applied to
//! rows and then to columns. The gradient to the taps is `g = G' [(B' d) * (A y)]`.
//!
//! A filter without its last tap is zero at infinity, and one without its first at point 0.
//!
//! Rounding: the largest error is some ten times that of the plain sum, about 1e-6 of the largest value.
#![expect(unsafe_code, reason = "vector registers")]

use super::vector::Vector;

/// Points in one direction.
pub(super) const POINTS: usize = 6;
/// Index of the point 0.
pub(super) const ZERO: usize = 0;
/// Index of the point at infinity.
pub(super) const INFINITY: usize = 5;
/// Outputs of one tile in one direction.
pub(super) const TILE: usize = 4;

/// A way from `N` values in a row to the points.
pub(super) trait ToPoints<const N: usize> {
    /// # Safety
    /// The machine has `V`'s instructions.
    unsafe fn points<V: Vector>(values: [V; N]) -> [V; POINTS];
}

/// `B'`: the inputs of a filter.
pub(super) struct Inputs;

impl ToPoints<6> for Inputs {
    #[inline(always)]
    unsafe fn points<V: Vector>([d0, d1, d2, d3, d4, d5]: [V; 6]) -> [V; POINTS] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let (even, odd) = (d4.plus(-4.0, d2), d3.plus(-4.0, d1));
            let (even2, odd2) = (d4.plus(-1.0, d2), d3.plus(-1.0, d1));
            [
                d4.plus(4.0, d0).plus(-5.0, d2),
                even.add(odd),
                even.plus(-1.0, odd),
                even2.plus(2.0, odd2),
                even2.plus(-2.0, odd2),
                d5.plus(4.0, d1).plus(-5.0, d3),
            ]
        }
    }
}

/// `A`: the outputs of a filter, on the way to its taps.
pub(super) struct Outputs;

impl ToPoints<4> for Outputs {
    #[inline(always)]
    unsafe fn points<V: Vector>([y0, y1, y2, y3]: [V; 4]) -> [V; POINTS] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let (even, odd) = (y0.add(y2), y1.add(y3));
            let (even2, odd2) = (y0.plus(4.0, y2), y1.plus(4.0, y3));
            [y0, even.add(odd), even.plus(-1.0, odd), even2.plus(2.0, odd2), even2.plus(-2.0, odd2), y3]
        }
    }
}

/// `A'`: from the points to the outputs.
///
/// # Safety
/// The machine has `V`'s instructions.
#[inline(always)]
pub(super) unsafe fn outputs<V: Vector>([m0, m1, m2, m3, m4, m5]: [V; POINTS]) -> [V; TILE] {
    // SAFETY: registers only; the caller has the instructions.
    unsafe {
        let (sum, difference) = (m1.add(m2), m1.plus(-1.0, m2));
        let (sum2, difference2) = (m3.add(m4), m3.plus(-1.0, m4));
        [
            m0.add(sum).add(sum2),
            difference.plus(2.0, difference2),
            sum.plus(4.0, sum2),
            m5.add(difference).plus(8.0, difference2),
        ]
    }
}

/// `G`, by rows: a filter's taps at each point.
const FILTER: [[f32; 3]; POINTS] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

/// Floats that the filters' transforms handle side by side.
pub(super) const SIDE_BY_SIDE: usize = 8;
/// One element of that many filters.
pub(super) type Lanes = [f32; SIDE_BY_SIDE];

/// `G g G'`: 3x3 taps at the 6x6 points.
pub(super) fn filter_to_points(taps: &[[Lanes; 3]; 3]) -> [[Lanes; POINTS]; POINTS] {
    let mut rows = [[[0.0; SIDE_BY_SIDE]; 3]; POINTS];
    for (row, factors) in rows.iter_mut().zip(FILTER) {
        for (sums, x) in row.iter_mut().zip(0..) {
            (0..3).for_each(|tap| add(sums, factors[tap], &taps[tap][x]));
        }
    }
    let mut points = [[[0.0; SIDE_BY_SIDE]; POINTS]; POINTS];
    for (points, row) in points.iter_mut().zip(&rows) {
        for (sums, factors) in points.iter_mut().zip(FILTER) {
            (0..3).for_each(|tap| add(sums, factors[tap], &row[tap]));
        }
    }
    points
}

/// `G' m G`: sums at the 6x6 points to the gradient of 3x3 taps.
pub(super) fn points_to_filter(points: &[[Lanes; POINTS]; POINTS]) -> [[Lanes; 3]; 3] {
    let mut rows = [[[0.0; SIDE_BY_SIDE]; POINTS]; 3];
    for (from, factors) in points.iter().zip(FILTER) {
        for (row, factor) in rows.iter_mut().zip(factors) {
            row.iter_mut().zip(from).for_each(|(sums, values)| add(sums, factor, values));
        }
    }
    let mut taps = [[[0.0; SIDE_BY_SIDE]; 3]; 3];
    for (taps, row) in taps.iter_mut().zip(&rows) {
        for (values, factors) in row.iter().zip(FILTER) {
            taps.iter_mut().zip(factors).for_each(|(sums, factor)| add(sums, factor, values));
        }
    }
    taps
}

#[inline(always)]
fn add(sums: &mut Lanes, factor: f32, values: &Lanes) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

//! Fast correlation of few taps (Winograd 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
//! 2016, section 4): the outputs of a 3-tap filter in a tile, as products of polynomials' values at a few points.
//!
//! A tile of 4 outputs `y = A' [(G g) * (B' d)]` of 3 taps `g` over 6 inputs `d` has the points 0, 1, -1, 2, -2 and
//! infinity: 6 multiplications in place of 12. At the point `p`, `A` has the powers of `p`, `G` those powers over the
//! product of all `p - q`, and `B'` the coefficients of the product of all `x - q`, where `q` is every other point but
//! infinity. In a map the three are applied to rows and then to columns, and the gradient to the taps is
//! `g = G' [(B' d) * (A y)]`.
//!
//! A tile of 3 outputs over 5 inputs has no point -2, so its `B'` lacks the factor `x + 2`, and its `G` would lack the
//! divisor `p + 2`. For one `G` to serve both tiles, `B'` of the short one is multiplied by `p + 2` (at infinity by 1).
//!
//! A filter without its last tap is zero at infinity, and one without its first at point 0.
//!
//! Rounding: the largest error is some ten times that of the plain sum, about 1e-6 of the largest value.
#![expect(unsafe_code, reason = "vector registers")]

use crate::kernels::simd::Vector;

/// Points in one direction.
pub(super) const POINTS: usize = 6;
/// Index of the point 0.
pub(super) const ZERO: usize = 0;
/// Index of the point -2, which short tiles do without.
pub(super) const MINUS_TWO: usize = 4;
/// Index of the point at infinity.
pub(super) const INFINITY: usize = 5;
/// Outputs of a long tile in one direction.
pub(super) const LONG: usize = 4;
/// Outputs of a short tile in one direction.
pub(super) const SHORT: usize = 3;

/// A way from the `N` values of a tile, in a row, to the points.
pub(super) trait ToPoints<const N: usize> {
    /// Whether the tile is short: its value at [`MINUS_TWO`] means nothing.
    const IS_SHORT: bool;

    /// # Safety
    /// The machine has `V`'s instructions.
    unsafe fn points<V: Vector>(values: [V; N]) -> [V; POINTS];
}

/// `B'`: the inputs of a filter.
pub(super) struct Inputs;

impl ToPoints<6> for Inputs {
    const IS_SHORT: bool = false;

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

impl ToPoints<5> for Inputs {
    const IS_SHORT: bool = true;

    #[inline(always)]
    unsafe fn points<V: Vector>([d0, d1, d2, d3, d4]: [V; 5]) -> [V; POINTS] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let (zero, odd) = (V::zero(), d3.plus(-1.0, d1));
            [
                zero.plus(2.0, odd).plus(4.0, d0).plus(-4.0, d2),
                zero.plus(3.0, odd.plus(-1.0, d1).plus(-1.0, d2)),
                d3.plus(2.0, d1).plus(-3.0, d2),
                zero.plus(4.0, odd),
                zero,
                d4.plus(-1.0, d2).plus(-2.0, odd),
            ]
        }
    }
}

/// `A`, the outputs of a filter on the way to its taps, and `A'`.
pub(super) struct Outputs;

impl ToPoints<LONG> for Outputs {
    const IS_SHORT: bool = false;

    #[inline(always)]
    unsafe fn points<V: Vector>([y0, y1, y2, y3]: [V; LONG]) -> [V; POINTS] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let (even, odd) = (y0.add(y2), y1.add(y3));
            let (even2, odd2) = (y0.plus(4.0, y2), y1.plus(4.0, y3));
            [y0, even.add(odd), even.plus(-1.0, odd), even2.plus(2.0, odd2), even2.plus(-2.0, odd2), y3]
        }
    }
}

impl ToPoints<SHORT> for Outputs {
    const IS_SHORT: bool = true;

    #[inline(always)]
    unsafe fn points<V: Vector>([y0, y1, y2]: [V; SHORT]) -> [V; POINTS] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let even = y0.add(y2);
            [y0, even.add(y1), even.plus(-1.0, y1), y0.plus(4.0, y2).plus(2.0, y1), V::zero(), y2]
        }
    }
}

/// `A'`: from the points to the `N` outputs of a tile. A short tile's value at [`MINUS_TWO`] is without effect.
pub(super) trait FromPoints<const N: usize> {
    /// # Safety
    /// The machine has `V`'s instructions.
    unsafe fn outputs<V: Vector>(points: [V; POINTS]) -> [V; N];
}

impl FromPoints<LONG> for Outputs {
    #[inline(always)]
    unsafe fn outputs<V: Vector>([m0, m1, m2, m3, m4, m5]: [V; POINTS]) -> [V; LONG] {
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
}

impl FromPoints<SHORT> for Outputs {
    #[inline(always)]
    unsafe fn outputs<V: Vector>([m0, m1, m2, m3, _, m5]: [V; POINTS]) -> [V; SHORT] {
        // SAFETY: registers only; the caller has the instructions.
        unsafe {
            let sum = m1.add(m2);
            [m0.add(sum).add(m3), m1.plus(-1.0, m2).plus(2.0, m3), m5.add(sum).plus(4.0, m3)]
        }
    }
}

//! Sums, and other folds, of a row of floats in sixteen parts: the compiler keeps them in registers, and each part's error is small.

/// Parts of a sum.
const PARTS: usize = 16;

/// The sum of a function of the elements at the same places of two rows.
#[inline(always)]
pub(super) fn sum(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    fold(a, b, 0.0, |sum, a, b| sum + f(a, b), |a, b| a + b)
}

/// The largest element; NaN is none.
#[inline(always)]
pub(super) fn largest(a: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    fold(a, a, f32::NEG_INFINITY, |most, a, _| larger(most, a), larger)
}

#[inline(always)]
fn fold(a: &[f32], b: &[f32], start: f32, more: impl Fn(f32, f32, f32) -> f32, both: impl Fn(f32, f32) -> f32) -> f32 {
    let mut parts = [start; PARTS];
    let (a, b) = (a.chunks_exact(PARTS), b.chunks_exact(PARTS));
    for (part, (a, b)) in parts.iter_mut().zip(a.remainder().iter().zip(b.remainder())) {
        *part = more(*part, *a, *b);
    }
    for (a, b) in a.zip(b) {
        for (part, (a, b)) in parts.iter_mut().zip(a.iter().zip(b)) {
            *part = more(*part, *a, *b);
        }
    }
    let mut count = PARTS;
    while count > 1 {
        count /= 2;
        for at in 0..count {
            parts[at] = both(parts[at], parts[at + count]);
        }
    }
    parts[0]
}

//! [`repeats`]: how a value is repeated to a larger shape, as NumPy does it.

/// How many elements apart the coordinates of each axis of a value of this rank lie in a smaller one of this shape: none where it is
/// repeated.
pub(super) fn repeats(shape: &[usize], rank: usize) -> Vec<usize> {
    let mut steps = vec![0; rank];
    let mut stride = 1;
    for (step, &size) in steps.iter_mut().rev().zip(shape.iter().rev()) {
        *step = if size == 1 { 0 } else { stride };
        stride *= size;
    }
    steps
}

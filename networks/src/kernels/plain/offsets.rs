//! Where the elements of a value lie in a map that has them in PyTorch's order, perhaps in another shape.

use crate::kernels::map::Map;

/// Whether every axis of a value is some axes of a map of this shape, or a part of one: then the place of an element is a sum of one
/// offset for each axis. So are `[8, 4, 6]` and `[2, 4, 24]`, but not `[8, 6]` and `[6, 8]`.
pub(in crate::kernels) fn is_aligned(shape: &[usize], map: [usize; 3]) -> bool {
    let mut strides: Vec<usize> = strides(shape).into_iter().chain(strides(&map)).collect();
    strides.sort_unstable();
    strides.windows(2).all(|pair| pair[1].is_multiple_of(pair[0]))
}

/// How far apart the coordinates of each axis lie in a flat value, and how many elements there are, behind one another.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len() + 1];
    for axis in (0..shape.len()).rev() {
        strides[axis] = strides[axis + 1] * shape[axis];
    }
    strides
}

/// Where a value's first element lies, and how far from it those of each coordinate of each axis: the value is aligned with the map.
pub(super) fn offsets(shape: &[usize], map: Map) -> (usize, Vec<Vec<usize>>) {
    let strides = strides(shape);
    let (origin, of_axis) = (map.place(0), |axis: usize| strides[axis + 1]);
    let axis = |axis: usize| (0..shape[axis]).map(|at| map.place(at * of_axis(axis)) - origin).collect();
    (origin, (0..shape.len()).map(axis).collect())
}

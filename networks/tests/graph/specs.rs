//! Networks of a single op.

use robust_networks::{Fill, Op, Reduction, Spec, Window};

/// Different both ways in everything.
pub(crate) const UNEVEN: Window = Window { size: [3, 2], stride: [2, 1], dilation: [1, 3], padding: [[1, 0], [0, 2]] };

pub(crate) fn convolution(groups: usize, window: Window) -> Op {
    Op::Convolution { in_channels: 4, out_channels: 6, groups, window }
}

pub(crate) fn reduce(by: Reduction, axes: &[usize]) -> Op {
    Op::Reduce { by, axes: axes.to_vec() }
}

pub(crate) fn pad(before: &[usize], behind: &[usize], fill: Fill) -> Op {
    Op::Pad { before: before.to_vec(), behind: behind.to_vec(), fill }
}

pub(crate) const fn average(window: Window, counted: [[usize; 2]; 2]) -> Op {
    Op::AveragePool { window, counted }
}

/// An op of values of these shapes.
pub(crate) fn spec_of(op: &Op, shapes: &[&[usize]]) -> Spec {
    let names = ["a", "b", "c"];
    let inputs: Vec<(&str, &[usize])> = names.into_iter().zip(shapes.iter().copied()).collect();
    let mut spec = Spec::new(&inputs);
    spec.outputs = vec![spec.add("node", op.clone(), &names[..shapes.len()])];
    spec
}

//! How each value is best laid out, as those who read it say.

use std::collections::HashMap;

use crate::spec::{Op, Reduction, Spec};

/// For each value the shape of the map that some reader wants it to be, or `[elements, 1, 1]` where one wants it flat; none where nobody
/// minds. A map comes before what is flat, and an earlier reader before a later one.
pub(super) fn wishes(spec: &Spec, shapes: &[Vec<usize>], numbers: &HashMap<&str, usize>) -> Vec<Option<[usize; 3]>> {
    let mut wishes: Vec<Option<[usize; 3]>> = vec![None; shapes.len()];
    for (number, node) in spec.nodes.iter().enumerate().rev() {
        let value = spec.inputs.len() + number;
        for &operand in node.operands.iter().filter_map(|name| numbers.get(&name[..])) {
            let wish = wish(&node.op, &shapes[operand], &shapes[value], wishes[value]);
            if wish.is_some_and(is_map) || wish.is_some() && !wishes[operand].is_some_and(is_map) {
                wishes[operand] = wish;
            }
        }
    }
    wishes
}

/// What an op wants of an operand, where its result is wanted in some way.
fn wish(op: &Op, operand: &[usize], result: &[usize], wanted: Option<[usize; 3]>) -> Option<[usize; 3]> {
    let is_wanted_as_map = wanted.is_some_and(|wanted| is_map(wanted) && wanted == in_three(result));
    match op {
        Op::Convolution { .. }
        | Op::TransposedConvolution { .. }
        | Op::AveragePool { .. }
        | Op::MaxPool { .. }
        | Op::Upsample { .. }
        | Op::LocalResponse { .. } => Some(in_three(operand)),
        Op::Reduce { by: Reduction::Mean | Reduction::Largest, axes } if operand.len() == 3 && axes[..] == [1, 2] => {
            Some(in_three(operand))
        }
        Op::Flatten | Op::Reshape { .. } => wanted,
        Op::Relu | Op::Sigmoid | Op::Function(_) | Op::ScaleShift { .. } => wanted,
        Op::Pairwise(_) if operand == result => wanted,
        Op::Pairwise(_) | Op::Concatenate { .. } | Op::Select { .. } | Op::Pad { .. } | Op::Broadcast { .. }
            if operand.len() == 3 && is_wanted_as_map =>
        {
            Some(in_three(operand))
        }
        Op::Linear { in_features, .. } if operand.iter().product::<usize>() == *in_features => None,
        Op::Pairwise(_) | Op::Concatenate { axis: 0 } => None,
        _ => Some(flat(operand)),
    }
}

/// `[channels, rows, columns]` of any shape. The elements of one that is no map are channels, in PyTorch's order.
pub(super) fn in_three(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [channels, rows, columns] => [channels, rows, columns],
        _ => flat(shape),
    }
}

/// The shape of a place where a value of this shape lies flat.
pub(super) fn flat(shape: &[usize]) -> [usize; 3] {
    [shape.iter().product(), 1, 1]
}

/// Whether there is more than one pixel.
pub(super) fn is_map([_, rows, columns]: [usize; 3]) -> bool {
    rows * columns > 1
}

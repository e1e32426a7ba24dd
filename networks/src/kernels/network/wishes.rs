//! How each value is best laid out, as those who read it say.

use std::collections::HashMap;

use crate::spec::{Op, Reduction, Spec};

/// What those who read a value say; the later of these comes before the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// Its elements are only moved, from wherever they lie.
    Moved,
    /// It is to lie flat.
    Flat,
    /// It is to lie in a map of this shape.
    Map([usize; 3]),
}

/// The wish of each value's readers, an earlier one's before a later one's; none where nobody minds.
pub(super) fn wishes(spec: &Spec, shapes: &[Vec<usize>], numbers: &HashMap<&str, usize>) -> Vec<Option<Wish>> {
    let mut wishes: Vec<Option<Wish>> = vec![None; shapes.len()];
    for (number, node) in spec.nodes.iter().enumerate().rev() {
        let value = spec.inputs.len() + number;
        for &operand in node.operands.iter().filter_map(|name| numbers.get(&name[..])) {
            let (former, wish) = (wishes[operand], wish(&node.op, &shapes[operand], &shapes[value], wishes[value]));
            if wish > former || matches!(wish, Some(Wish::Map(_))) {
                wishes[operand] = wish;
            }
        }
    }
    wishes
}

/// What an op wants of an operand, where its result is wanted in some way.
fn wish(op: &Op, operand: &[usize], result: &[usize], wanted: Option<Wish>) -> Option<Wish> {
    let map = |shape: &[usize]| Some(in_three(shape)).filter(|map| is_map(*map)).map_or(Wish::Flat, Wish::Map);
    let is_wanted_as_map = is_map(in_three(result)) && wanted == Some(Wish::Map(in_three(result)));
    match op {
        Op::Convolution { .. }
        | Op::TransposedConvolution { .. }
        | Op::AveragePool { .. }
        | Op::MaxPool { .. }
        | Op::Upsample { .. }
        | Op::LocalResponse { .. } => Some(map(operand)),
        Op::Reduce { by: Reduction::Mean | Reduction::Largest, axes } if operand.len() == 3 && axes[..] == [1, 2] => {
            Some(map(operand))
        }
        Op::Flatten | Op::Reshape { .. } | Op::Relu | Op::Sigmoid | Op::Function(_) | Op::ScaleShift { .. } => wanted,
        Op::Pairwise(_) if operand == result => wanted,
        Op::Pairwise(_) | Op::Concatenate { .. } | Op::Select { .. } | Op::Pad { .. } | Op::Broadcast { .. }
            if operand.len() == 3 && is_wanted_as_map =>
        {
            Some(map(operand))
        }
        Op::Linear { in_features, .. } if operand.iter().product::<usize>() == *in_features => None,
        Op::Pairwise(_) | Op::Concatenate { axis: 0 } => None,
        op if only_moves(op) => Some(Wish::Moved),
        _ => Some(Wish::Flat),
    }
}

/// Whether an op only moves elements, from any map to any map of which its axes are axes.
pub(super) fn only_moves(op: &Op) -> bool {
    matches!(
        op,
        Op::Transpose { .. } | Op::Select { .. } | Op::Broadcast { .. } | Op::Pad { .. } | Op::Concatenate { .. }
    )
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

#[cfg(test)]
mod tests {
    use crate::kernels::network::plan::{Plan, StepOp};
    use crate::kernels::simd::Isa;
    use crate::spec::{Op, Pairwise, Spec};

    /// Blocks of a ConvNeXt (Liu et al. 2022): rows of features between maps, added to the map before; at last a vector of features.
    fn blocks() -> Spec {
        let mut spec = Spec::new(&[("image", &[8, 6, 5])]);
        let mut last = "image".to_owned();
        for block in 0..2 {
            let map = spec.add(format!("map{block}"), Op::convolution([8, 8], 3, 1, 1), &[&last]);
            let rows = spec.add(format!("rows{block}"), Op::Transpose { order: vec![1, 2, 0] }, &[&map]);
            let normal = spec.add(format!("normal{block}"), Op::Normalize { axis: 2, epsilon: 1e-6 }, &[&rows]);
            let linear = Op::Linear { in_features: 8, out_features: 8 };
            let linear = spec.add(format!("linear{block}"), linear, &[&normal]);
            let back = spec.add(format!("back{block}"), Op::Transpose { order: vec![2, 0, 1] }, &[&linear]);
            last = spec.add(format!("sum{block}"), Op::Pairwise(Pairwise::Add), &[&back, &map]);
        }
        let rows = spec.add("rows", Op::Transpose { order: vec![1, 2, 0] }, &[&last]);
        spec.outputs = vec![spec.add("normal", Op::Normalize { axis: 2, epsilon: 1e-6 }, &[&rows])];
        spec
    }

    #[test]
    fn what_moves_elements_goes_between_maps_and_rows_and_nothing_else_does() {
        let plan = Plan::of(Isa::PORTABLE, &blocks()).unwrap();
        assert_eq!(plan.steps.iter().filter(|step| step.op == StepOp::View).count(), 0, "{:?}", plan.steps);
        let sums = plan.steps.iter().filter(|step| step.op == StepOp::Pairwise(Pairwise::Add));
        let shapes: Vec<[usize; 3]> = sums.map(|step| plan.places[step.to].shape).collect();
        assert_eq!(shapes, [[8, 6, 5]; 2]);
    }
}

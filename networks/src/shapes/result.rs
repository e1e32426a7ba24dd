//! The shape of an op's result, from the shapes of its operands.

use crate::spec::{Fill, Op, Window};

/// The most elements of a value of one image, and of a weight: what a hostile file says is refused before anything is allocated for it.
pub(super) const MOST: usize = 1 << 28;
/// The largest size that an op may name: sums and products of two of them do not overflow.
const LARGEST: usize = 1 << 28;

/// The shape, or why there is none.
pub(crate) fn result(op: &Op, operands: &[&[usize]]) -> Result<Vec<usize>, String> {
    let weights = op.weight().unwrap_or_default().iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    if op.sizes().iter().any(|&size| size > LARGEST) || weights.is_none_or(|weights| weights > MOST) {
        return Err(format!("{op:?}, whose sizes are absurd"));
    }
    let shape = match *operands {
        [] => of_none(op),
        [operand] => of_one(op, operand).or_else(|| of_many(op, operands)),
        _ => of_many(op, operands),
    };
    shape.ok_or_else(|| match *operands {
        [operand] => format!("{op:?} of a value of shape {operand:?}"),
        _ => format!("{op:?} of values of shapes {operands:?}"),
    })
}

fn of_none(op: &Op) -> Option<Vec<usize>> {
    if let Op::Constant { shape } = op { Some(shape.clone()) } else { None }
}

fn of_many(op: &Op, operands: &[&[usize]]) -> Option<Vec<usize>> {
    match (op, operands) {
        (&Op::Concatenate { axis }, _) => concatenated(axis, operands),
        (Op::Pairwise(_), [a, b]) => repeated(a, b),
        (Op::MatMul, [[a @ .., rows, depth], [b @ .., other_depth, columns]]) if depth == other_depth => {
            Some([repeated(a, b)?, vec![*rows, *columns]].concat())
        }
        _ => None,
    }
}

fn of_one(op: &Op, operand: &[usize]) -> Option<Vec<usize>> {
    let elements = |shape: &[usize]| shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let of_map = |channels: usize, window: &Window| {
        let [_, rows, columns] = *operand else { return None };
        window.positions([rows, columns]).map(|[rows, columns]| vec![channels, rows, columns])
    };
    let has_axis = |axis: usize| axis < operand.len();
    match *op {
        Op::Convolution { in_channels, out_channels, groups, ref window } => {
            let divides = |channels: usize| channels.checked_rem(groups) == Some(0);
            let fits = operand.first() == Some(&in_channels) && divides(in_channels) && divides(out_channels);
            fits.then(|| of_map(out_channels, window)).flatten()
        }
        Op::TransposedConvolution { in_channels, out_channels, kernel, stride, padding, output_padding } => {
            let [channels, rows, columns] = *operand else { return None };
            let whole = [rows, columns].map(|size| size.saturating_sub(1) * stride + kernel);
            let size = |way: usize| (whole[way] + output_padding[way]).checked_sub(2 * padding);
            let fits = channels == in_channels && kernel > 0 && output_padding.iter().all(|&more| more < stride);
            if fits { Some(vec![out_channels, size(0)?, size(1)?]) } else { None }
        }
        Op::Linear { in_features, out_features } => match *operand {
            [ref ahead @ .., last] if last == in_features => Some([ahead, &[out_features]].concat()),
            _ => None,
        },
        Op::ScaleShift { channels } => (operand.first() == Some(&channels)).then(|| operand.to_vec()),
        Op::Relu | Op::Sigmoid | Op::Function(_) => Some(operand.to_vec()),
        Op::Softmax { axis } | Op::Normalize { axis, .. } => has_axis(axis).then(|| operand.to_vec()),
        Op::LocalResponse { size, .. } => (size > 0 && operand.len() == 3).then(|| operand.to_vec()),
        Op::Reduce { ref axes, .. } => {
            let fits = axes.is_sorted_by(|a, b| a < b) && axes.last().is_some_and(|&axis| has_axis(axis));
            let kept = operand.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &size)| size);
            // Of all axes one element remains.
            fits.then(|| if axes.len() == operand.len() { vec![1] } else { kept.collect() })
        }
        Op::MaxPool { ref window } => of_pool(operand, window),
        Op::AveragePool { ref window, counted } => {
            let is_within = (0..2).all(|way| (0..2).all(|side| counted[way][side] <= window.padding[way][side]));
            is_within.then(|| of_pool(operand, window)).flatten()
        }
        Op::Upsample { size, to } => match *operand {
            [channels, rows, columns] if size > 0 && to.map(|to| to.div_ceil(size)) == [rows, columns] => {
                Some(vec![channels, to[0], to[1]])
            }
            _ => None,
        },
        Op::Flatten => Some(vec![elements(operand)?]),
        Op::Reshape { ref shape } => (elements(shape) == elements(operand)).then(|| shape.clone()),
        Op::Transpose { ref order } => {
            let is_order = order.len() == operand.len() && (0..operand.len()).all(|axis| order.contains(&axis));
            is_order.then(|| order.iter().map(|&axis| operand[axis]).collect())
        }
        Op::Select { axis, ref indices } => {
            let fits = has_axis(axis) && indices.iter().all(|&index| index < operand[axis]);
            fits.then(|| replaced(operand, axis, indices.len()))
        }
        Op::Broadcast { ref shape } => (repeated(operand, shape).as_ref() == Some(shape)).then(|| shape.clone()),
        Op::Pad { ref before, ref behind, fill } => {
            let padded = |axis: usize| Some(before.get(axis)? + operand[axis] + behind.get(axis)?);
            let is_near = |axis: usize| match fill {
                Fill::Reflect => before[axis].max(behind[axis]) < operand[axis],
                Fill::Value(_) | Fill::Edge => true,
            };
            let shape = (0..operand.len()).map(padded).collect::<Option<Vec<usize>>>()?;
            let fits =
                before.len() == operand.len() && behind.len() == operand.len() && (0..operand.len()).all(is_near);
            fits.then_some(shape)
        }
        Op::Constant { .. } | Op::Pairwise(_) | Op::MatMul | Op::Concatenate { .. } => None,
    }
}

/// A pool sees at least one pixel of the map in each window.
fn of_pool(operand: &[usize], window: &Window) -> Option<Vec<usize>> {
    let [channels, rows, columns] = *operand else { return None };
    let map = [rows, columns];
    let positions = window.positions(map)?;
    let sees = |way: usize| {
        let pixels = |position: usize| {
            (0..window.size[way]).any(|tap| {
                let at = position * window.stride[way] + tap * window.dilation[way];
                at >= window.padding[way][0] && at < window.padding[way][0] + map[way]
            })
        };
        // Windows lie in order, so those at the ends see least.
        pixels(0) && pixels(positions[way] - 1)
    };
    (sees(0) && sees(1)).then(|| vec![channels, positions[0], positions[1]])
}

/// The shape of both, where each has the other's sizes, or 1, or lacks leading dimensions.
fn repeated(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    let both = |axis: usize| match (size(a, axis), size(b, axis)) {
        (a, b) if a == b || b == 1 => Some(a),
        (1, b) => Some(b),
        _ => None,
    };
    (0..rank).map(both).collect()
}

fn concatenated(axis: usize, operands: &[&[usize]]) -> Option<Vec<usize>> {
    let first = operands.first().filter(|first| axis < first.len())?;
    let is_like =
        |other: &&&[usize]| other.len() == first.len() && replaced(other, axis, 0) == replaced(first, axis, 0);
    let length = operands.iter().map(|operand| operand.get(axis).copied().unwrap_or(0)).sum();
    operands.iter().all(|other| is_like(&other)).then(|| replaced(first, axis, length))
}

/// The shape with another size along an axis.
fn replaced(shape: &[usize], axis: usize, size: usize) -> Vec<usize> {
    let mut replaced = shape.to_vec();
    replaced[axis] = size;
    replaced
}

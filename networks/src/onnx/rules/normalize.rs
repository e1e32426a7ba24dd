//! Layer normalization spelt out: `(x - mean) / sqrt(mean of (x - mean)^2 + epsilon)` over the last axes.

use super::gate::is_square;
use super::simpler::Simpler;
use crate::onnx::draft::{Draft, Id};
use crate::spec::{Function, Op, Pairwise, Reduction};

pub(super) fn simpler(draft: &Draft, op: &Op, [difference, root]: [Id; 2]) -> Option<Simpler> {
    let variance = match (op, draft.op(root)?) {
        (Op::Pairwise(Pairwise::Divide), (&Op::Function(Function::SquareRoot), &[variance])) => variance,
        // Times one over the root.
        (Op::Pairwise(Pairwise::Multiply), (&Op::Function(Function::Reciprocal), &[root])) => match draft.op(root)? {
            (&Op::Function(Function::SquareRoot), &[variance]) => variance,
            _ => return None,
        },
        (Op::Pairwise(Pairwise::Multiply), (&Op::Function(Function::Power { exponent: -0.5 }), &[variance])) => {
            variance
        }
        _ => return None,
    };
    let (&Op::Function(Function::Affine { scale: 1.0, shift: epsilon }), &[variance]) = draft.op(variance)? else {
        return None;
    };
    let (square, axes) = mean(draft, variance)?;
    let (Op::Pairwise(Pairwise::Subtract), &[x, about]) = draft.op(difference)? else { return None };
    let (of, others) = mean(draft, about)?;
    let shape = draft.shape(x);
    let axis = shape.len().checked_sub(axes.len())?;
    let kept: Vec<usize> = (0..shape.len()).map(|at| if at < axis { shape[at] } else { 1 }).collect();
    let is_last = axes.iter().copied().eq(axis..shape.len()) && axes == others;
    let is_broadcast = [about, variance].iter().all(|&id| repeats(draft.shape(id), &kept));
    let is_it = is_last && is_broadcast && of == x && is_square(draft, square, difference);
    (is_it && epsilon > 0.0).then(|| (x, vec![Op::Normalize { axis, epsilon }]))
}

/// What a value is the mean of, and along which axes; views of the mean are seen through.
fn mean(draft: &Draft, id: Id) -> Option<(Id, &[usize])> {
    match draft.op(id)? {
        (Op::Reshape { .. } | Op::Flatten, &[before]) => mean_itself(draft, before),
        _ => mean_itself(draft, id),
    }
}

fn mean_itself(draft: &Draft, id: Id) -> Option<(Id, &[usize])> {
    match draft.op(id)? {
        (Op::Reduce { by: Reduction::Mean, axes }, &[of]) => Some((of, axes)),
        _ => None,
    }
}

/// Whether a shape is another but for leading ones.
fn repeats(shape: &[usize], kept: &[usize]) -> bool {
    let bare = |shape: &[usize]| shape.iter().copied().skip_while(|&size| size == 1).collect::<Vec<_>>();
    shape.len() <= kept.len() && bare(shape) == bare(kept)
}

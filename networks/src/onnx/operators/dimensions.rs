//! Other shapes of the same elements, and more of the same.

use crate::onnx::attributes::{axes, axis, size};
use crate::onnx::budget::elements;
use crate::onnx::call::{Call, Value};
use crate::shapes::result;
use crate::spec::{Op, Pairwise};

/// What it is given.
pub(super) fn identity(call: &mut Call) -> Result<Vec<Value>, String> {
    if let Some(is_training) = call.given_tensor(2)?
        && call.node.operator == "Dropout"
        && is_training.uniform() != Some(0.0)
    {
        return Err("a dropout as in training; export the network for inference".to_owned());
    }
    Ok(vec![call.value(0)?])
}

fn reshaped(call: &mut Call, shape: Vec<usize>) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    Ok(vec![call.moved(Op::Reshape { shape }, &[value])?])
}

/// Two dimensions: those before the axis, and the others.
pub(super) fn flatten(call: &mut Call) -> Result<Vec<Value>, String> {
    let shape = call.value(0)?.shape().to_vec();
    let rank = shape.len();
    let said = call.node.integer("axis").unwrap_or(1);
    // It may lie behind the last.
    let axis = if usize::try_from(said) == Ok(rank) { rank } else { axis(said, rank)? };
    let (before, behind) = shape.split_at(axis);
    reshaped(call, vec![before.iter().product(), behind.iter().product()])
}

/// The sizes that an operand says: 0 for the size that was, -1 for whatever remains.
pub(super) fn reshape(call: &mut Call) -> Result<Vec<Value>, String> {
    let from = call.value(0)?.shape().to_vec();
    let said = call.integers(1, "shape")?.ok_or("it has no shape")?;
    let kept = |(at, &number): (usize, &i64)| match number {
        0 if !call.node.flag("allowzero") => {
            from.get(at).map(|&size| Some(size)).ok_or_else(|| format!("{said:?} for a value of shape {from:?}"))
        }
        -1 => Ok(None),
        number => size(number, "a size").map(Some),
    };
    let mut sizes = said.iter().enumerate().map(kept).collect::<Result<Vec<_>, String>>()?;
    let count = elements(&from)?;
    if let Some(batch) = call.batch {
        for_one_image(&mut sizes, &said, &from, batch)?;
    }
    let rest = elements(&sizes.iter().flatten().copied().collect::<Vec<_>>())?;
    let open = sizes.iter().filter(|size| size.is_none()).count();
    if open > 1 || (open == 1 && count.checked_rem(rest) != Some(0)) || (open == 0 && rest != count) {
        return Err(format!("a value of shape {from:?} in the shape {said:?}"));
    }
    let shape = sizes.into_iter().map(|size| size.unwrap_or(count.checked_div(rest).unwrap_or(0))).collect();
    reshaped(call, shape)
}

/// Sizes of a batch that the file fixes become those of one image. The batch is a size of its own, or a factor of the first size that is
/// not the operand's own there.
fn for_one_image(sizes: &mut [Option<usize>], said: &[i64], from: &[usize], batch: usize) -> Result<(), String> {
    let is_open = sizes.contains(&None);
    let count = elements(from)?;
    let rest = elements(&sizes.iter().flatten().copied().collect::<Vec<_>>())?;
    let places = || (0..sizes.len()).filter(|&at| sizes[at].is_some() && sizes[at] != from.get(at).copied());
    let is_of_batch = |at: &usize| sizes[*at].is_some_and(|size| size % batch == 0);
    let at = if !is_open && rest == count.saturating_mul(batch) {
        places().find(|&at| sizes[at] == Some(batch)).or_else(|| places().find(is_of_batch))
    } else if !is_open || matches!(said.first(), Some(-1 | 0)) {
        None
    } else if sizes[0] == Some(batch) && from.first() == Some(&1) {
        Some(0)
    } else if places().any(|at| is_of_batch(&at)) {
        return Err(format!("sizes {said:?} for a batch of {batch}; export the network for a batch of 1"));
    } else {
        None
    };
    if let Some(at) = at {
        sizes[at] = sizes[at].map(|size| size / batch);
    }
    Ok(())
}

/// Without some dimensions of one element, or all such.
pub(super) fn squeeze(call: &mut Call) -> Result<Vec<Value>, String> {
    let from = call.value(0)?.shape().to_vec();
    let left_out = match call.integers(1, "axes")? {
        Some(said) => axes(&said, from.len())?,
        // Of a batch of many the first would have stayed.
        None if call.batch.is_some() => (1..from.len()).filter(|&axis| from[axis] == 1).collect(),
        None => (0..from.len()).filter(|&axis| from[axis] == 1).collect(),
    };
    if let Some(&axis) = left_out.iter().find(|&&axis| from[axis] != 1) {
        return Err(format!("axis {axis} of a value of shape {from:?} left out"));
    }
    let kept = (0..from.len()).filter(|axis| !left_out.contains(axis)).map(|axis| from[axis]).collect();
    reshaped(call, kept)
}

/// With more dimensions of one element.
pub(super) fn unsqueeze(call: &mut Call) -> Result<Vec<Value>, String> {
    let from = call.value(0)?.shape().to_vec();
    let said = call.integers(1, "axes")?.ok_or("it has no axes")?;
    let rank = from.len() + said.len();
    elements(&vec![1; rank.min(64)])?;
    let new = axes(&said, rank)?;
    let mut sizes = from.into_iter();
    let shape = (0..rank).map(|axis| if new.contains(&axis) { 1 } else { sizes.next().unwrap_or(1) }).collect();
    reshaped(call, shape)
}

/// The dimensions in another order, the opposite one if none is said.
pub(super) fn transpose(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let rank = value.shape().len();
    let order = match call.node.integers("perm") {
        Some(order) => order.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).rev().collect(),
    };
    Ok(vec![call.moved(Op::Transpose { order }, &[value])?])
}

/// Repeated, as NumPy does it, to a shape that has one wherever the value's own size remains.
pub(super) fn expand(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let said = call.integers(1, "shape")?.ok_or("it has no shape")?;
    let mut sizes = said.iter().map(|&number| size(number, "a size")).collect::<Result<Vec<_>, _>>()?;
    let rank = value.shape().len();
    if let Some(batch) = call.batch
        && sizes.len() > 1
        && sizes[0] == batch
        && (rank < sizes.len() || value.shape()[0] == 1)
    {
        sizes[0] = 1;
    }
    let shape = result(&Op::Pairwise(Pairwise::Add), &[value.shape(), &sizes])?;
    Ok(vec![call.moved(Op::Broadcast { shape }, &[value])?])
}

/// Repeated along each dimension, one copy behind the other.
pub(super) fn tile(call: &mut Call) -> Result<Vec<Value>, String> {
    let mut value = call.value(0)?;
    let repeats = call.integers(1, "repeats")?.ok_or("it has no repeats")?;
    if repeats.len() != value.shape().len() {
        return Err(format!("repeats {repeats:?} for a value of shape {:?}", value.shape()));
    }
    for (axis, &repeats) in repeats.iter().enumerate() {
        let repeats = if axis == 0 && Some(repeats) == call.batch.and_then(|batch| i64::try_from(batch).ok()) {
            1
        } else {
            repeats
        };
        let (length, repeats) = (value.shape()[axis], size(repeats, "repeats")?);
        if length == 1 {
            let mut shape = value.shape().to_vec();
            shape[axis] = repeats;
            value = call.moved(Op::Broadcast { shape }, &[value])?;
        } else if repeats != 1 {
            let count = elements(&[length, repeats])?;
            call.budget.take(2 * count)?;
            let indices = (0..count).map(|at| at % length).collect();
            value = call.moved(Op::Select { axis, indices }, &[value])?;
        }
    }
    Ok(vec![value])
}

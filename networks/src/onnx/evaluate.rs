//! Ops that move elements, of tensors that are known: the same ops that a network does to what is not known.

use super::budget::{Budget, elements};
use super::tensor::{Data, Tensor};
use crate::shapes::result;
use crate::spec::Op;

/// The result, none for an op that is more than moving.
pub(super) fn evaluate(op: &Op, operands: &[&Tensor], budget: &mut Budget) -> Result<Option<Tensor>, String> {
    let shapes: Vec<&[usize]> = operands.iter().map(|operand| &operand.shape[..]).collect();
    let shape = result(op, &shapes)?;
    elements(&shape)?;
    let [first, ..] = *operands else { return Ok(None) };
    let strides = strides(&first.shape);
    Ok(Some(match op {
        Op::Reshape { .. } | Op::Flatten => {
            budget.take(first.cost())?;
            first.reshaped(&shape)
        }
        Op::Transpose { order } => {
            let steps: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
            first.gathered(shape.clone(), places(&shape, &steps), budget)?
        }
        Op::Broadcast { .. } => {
            let ahead = shape.len() - first.shape.len();
            let step = |axis: usize| if first.shape[axis] == 1 { 0 } else { strides[axis] };
            let steps: Vec<usize> = (0..shape.len()).map(|axis| axis.checked_sub(ahead).map_or(0, step)).collect();
            first.gathered(shape.clone(), places(&shape, &steps), budget)?
        }
        Op::Select { axis, indices } => {
            let (inside, length) = (strides[*axis], indices.len());
            let whole = inside * first.shape[*axis];
            let place = |at: usize| {
                let (outer, rest) = (at / (length * inside), at % (length * inside));
                outer * whole + indices[rest / inside] * inside + rest % inside
            };
            let count = shape.iter().product();
            first.gathered(shape, (0..count).map(place), budget)?
        }
        Op::Concatenate { axis } => concatenated(*axis, operands, shape, budget)?,
        _ => return Ok(None),
    }))
}

/// Elements from one along each dimension to the next.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The places of all elements of this shape, with so many from one along each dimension to the next.
pub(super) fn places<'a>(shape: &'a [usize], steps: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    (0..shape.iter().product()).map(move |_| {
        let found = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= steps[axis] * shape[axis];
            index[axis] = 0;
        }
        found
    })
}

fn concatenated(axis: usize, operands: &[&Tensor], shape: Vec<usize>, budget: &mut Budget) -> Result<Tensor, String> {
    let count: usize = shape.iter().product();
    budget.take(2 * count)?;
    // Elements of an operand that lie side by side, and how often there are such.
    let run = |operand: &Tensor| operand.shape[axis..].iter().product::<usize>();
    let outer: usize = shape[..axis].iter().product();
    let places = (0..outer).flat_map(|outer| {
        operands
            .iter()
            .flat_map(move |operand| (outer * run(operand)..(outer + 1) * run(operand)).map(move |at| (*operand, at)))
    });
    let data = if operands.iter().any(|operand| operand.is_float()) {
        Data::Floats(places.map(|(operand, at)| operand.float(at)).collect())
    } else {
        let integer =
            |(operand, at): (&Tensor, usize)| if let Data::Integers(values) = &operand.data { values[at] } else { 0 };
        Data::Integers(places.map(integer).collect())
    };
    Ok(Tensor { shape, data })
}

//! Constants with some of their parts replaced: masks, as exporters make them.

use crate::onnx::budget::elements;
use crate::onnx::call::{Call, Value};
use crate::onnx::tensor::{Data, Tensor};

/// The parts at some indices become others.
pub(super) fn scatter(call: &mut Call) -> Result<Vec<Value>, String> {
    let (tensor, places, updates) = (call.tensor(0)?, call.tensor(1)?, call.tensor(2)?);
    let reduction = call.node.text_or("reduction", "none");
    if reduction != "none" {
        return Err(format!("reduction {reduction:?}"));
    }
    let unfit = || format!("shapes {:?}, {:?} and {:?}", tensor.shape, places.shape, updates.shape);
    let (&depth, ahead) = places.shape.split_last().ok_or_else(unfit)?;
    if depth == 0 || depth > tensor.shape.len() || [ahead, &tensor.shape[depth..]].concat() != updates.shape {
        return Err(unfit());
    }
    let part = elements(&tensor.shape[depth..])?;
    call.budget.take(2 * tensor.len() + 2 * places.len())?;
    let place = |index: &[i64]| {
        let of_axis = |place: usize, (&index, &size): (&i64, &usize)| {
            let index = if index < 0 { index.checked_add(i64::try_from(size).ok()?)? } else { index };
            usize::try_from(index).ok().filter(|&index| index < size).map(|index| place * size + index)
        };
        let outside = || format!("index {index:?} in shape {:?}", tensor.shape);
        index.iter().zip(&tensor.shape).try_fold(0, of_axis).ok_or_else(outside)
    };
    let starts = places.to_integers()?.chunks(depth).map(place).collect::<Result<Vec<_>, _>>()?;
    // Each element of the updates, and where it goes.
    let moves = starts
        .iter()
        .enumerate()
        .flat_map(|(at, start)| (0..part).map(move |inside| (start * part + inside, at * part + inside)));
    let data = match (&tensor.data, &updates.data) {
        (Data::Integers(values), Data::Integers(updates)) => {
            let mut values = values.clone();
            moves.for_each(|(to, from)| values[to] = updates[from]);
            Data::Integers(values)
        }
        _ => {
            let mut values: Vec<f32> = tensor.each_float().collect();
            moves.for_each(|(to, from)| values[to] = updates.float(from));
            Data::Floats(values)
        }
    };
    Ok(vec![Value::known(Tensor { shape: tensor.shape.clone(), data })])
}

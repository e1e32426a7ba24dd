//! Constants, sizes of values, and types.

use crate::onnx::attributes::size;
use crate::onnx::budget::elements;
use crate::onnx::call::{Call, Value};
use crate::onnx::stored::kind_name;
use crate::onnx::tensor::{Data, Tensor};

/// A tensor, or numbers, in an attribute.
pub(super) fn constant(call: &mut Call) -> Result<Vec<Value>, String> {
    let node = call.node;
    let scalar = |data: Data| Tensor { shape: Vec::new(), data };
    let [attribute] = &node.attributes[..] else {
        return Err(format!("{} attributes, not one", node.attributes.len()));
    };
    let tensor = match (attribute.name, &attribute.tensor, attribute.float, attribute.integer) {
        ("value", Some(stored), ..) => call.decoded(stored)?,
        ("value_float", _, Some(float), _) => scalar(Data::Floats(vec![float])),
        ("value_int", _, _, Some(integer)) => scalar(Data::Integers(vec![integer])),
        ("value_floats", ..) => Tensor::floats(attribute.floats.clone()),
        ("value_ints", ..) => Tensor::integers(attribute.integers.clone()),
        (other, ..) => return Err(format!("a constant of kind {other:?}")),
    };
    Ok(vec![Value::known(tensor)])
}

/// The same everywhere.
pub(super) fn constant_of_shape(call: &mut Call) -> Result<Vec<Value>, String> {
    let numbers = call.tensor(0)?;
    let shape = numbers.to_integers()?.iter().map(|&number| size(number, "a size")).collect::<Result<Vec<_>, _>>()?;
    let count = elements(&shape)?;
    let value = match call.node.attribute("value").and_then(|attribute| attribute.tensor.as_ref()) {
        Some(stored) => call.decoded(stored)?,
        None => Tensor::floats(vec![0.0]),
    };
    let tensor = match &value.data {
        Data::Integers(values) => {
            call.budget.take(2 * count)?;
            let &[value] = &values[..] else { return Err(format!("{} values, not one", values.len())) };
            Tensor { shape, data: Data::Integers(vec![value; count]) }
        }
        _ => Tensor::same(&shape, value.uniform().filter(|_| value.len() == 1).ok_or("several values, not one")?),
    };
    Ok(vec![Value::known(tensor)])
}

/// The sizes of a value, or some of them.
pub(super) fn shape(call: &mut Call) -> Result<Vec<Value>, String> {
    let shape = call.value(0)?.shape().to_vec();
    let rank = i64::try_from(shape.len()).unwrap_or(i64::MAX);
    let place = |name: &str, default: i64| {
        let at = call.node.integer(name).unwrap_or(default);
        let place = if at < 0 { at.saturating_add(rank) } else { at };
        usize::try_from(place.clamp(0, rank)).unwrap_or(0)
    };
    let (start, end) = (place("start", 0), place("end", rank));
    let sizes = shape.get(start..end).unwrap_or_default();
    Ok(vec![Value::known(Tensor::integers(
        sizes.iter().map(|&size| i64::try_from(size).unwrap_or(i64::MAX)).collect(),
    ))])
}

/// How many elements a value has.
pub(super) fn size_of(call: &mut Call) -> Result<Vec<Value>, String> {
    let count = elements(call.value(0)?.shape())?;
    let data = Data::Integers(vec![i64::try_from(count).unwrap_or(i64::MAX)]);
    Ok(vec![Value::known(Tensor { shape: Vec::new(), data })])
}

/// From a start to before a limit.
pub(super) fn range(call: &mut Call) -> Result<Vec<Value>, String> {
    let [start, limit, step] = [call.tensor(0)?, call.tensor(1)?, call.tensor(2)?];
    if [&start, &limit, &step].iter().any(|tensor| tensor.len() != 1) {
        return Err("a start, a limit or a step that is not one number".to_owned());
    }
    if let (Ok(&[start]), Ok(&[limit]), Ok(&[step])) = (start.to_integers(), limit.to_integers(), step.to_integers()) {
        let (distance, stride) = (limit.saturating_sub(start), step);
        if step == 0 || distance.signum() * stride.signum() < 0 {
            return Ok(vec![Value::known(Tensor::integers(Vec::new()))]);
        }
        let count = distance.unsigned_abs().div_ceil(stride.unsigned_abs());
        let count = elements(&[usize::try_from(count).unwrap_or(usize::MAX)])?;
        call.budget.take(2 * count)?;
        let values = std::iter::successors(Some(start), |at| at.checked_add(step)).take(count).collect();
        return Ok(vec![Value::known(Tensor::integers(values))]);
    }
    let [start, limit, step] = [start.float(0), limit.float(0), step.float(0)];
    let count = ((limit - start) / step).ceil().max(0.0);
    if !(count.is_finite() && count <= 1e7) {
        return Err(format!("a range from {start} to {limit} in steps of {step}"));
    }
    let count = count as usize;
    call.budget.take(count)?;
    let values = (0..count).map(|at| start + at as f32 * step).collect();
    Ok(vec![Value::known(Tensor::floats(values))])
}

/// To another type. Floats of all kinds are f32 here.
pub(super) fn cast(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let kind = match (call.node.integer("to"), call.given(1)) {
        (Some(kind), _) => kind,
        (None, Some(Value::Known(like))) if !like.is_float() => 7,
        (None, Some(_)) => 1,
        (None, None) => return Err("it does not say to which type".to_owned()),
    };
    let is_float = matches!(kind, 1 | 11);
    let tensor = match value {
        Value::Computed(_) if is_float => return Ok(vec![value]),
        Value::Computed(_) | Value::Above(..) => {
            return Err(format!("a value that depends on the image as {}", kind_name(kind)));
        }
        Value::Known(tensor) => tensor,
    };
    let stays = matches!((&tensor.data, is_float), (Data::Same(_), true));
    call.budget.take(if stays { 0 } else { 2 * tensor.len() })?;
    let data = match (kind, &tensor.data) {
        (1 | 10 | 11 | 16, Data::Integers(_)) => Data::Floats(tensor.each_float().collect()),
        (1 | 11, data) => data.clone(),
        (10 | 16, _) => return Err(format!("a constant as {}", kind_name(kind))),
        (9, Data::Integers(values)) => Data::Integers(values.iter().map(|&value| i64::from(value != 0)).collect()),
        (9, _) => Data::Integers(tensor.each_float().map(|value| i64::from(value != 0.0)).collect()),
        (2..=7 | 12 | 13, Data::Integers(values)) => Data::Integers(values.clone()),
        (2..=7 | 12 | 13, _) => Data::Integers(tensor.each_float().map(|value| value as i64).collect()),
        _ => return Err(format!("a constant as {}", kind_name(kind))),
    };
    Ok(vec![Value::known(Tensor { shape: tensor.shape.clone(), data })])
}

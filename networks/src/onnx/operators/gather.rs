//! Parts of values, and values put together.

use crate::onnx::attributes::{axis, size};
use crate::onnx::call::{Call, Value};
use crate::onnx::tensor::Tensor;
use crate::spec::Op;

/// One behind the other.
pub(super) fn concat(call: &mut Call) -> Result<Vec<Value>, String> {
    let values = call.all()?;
    let rank = values.first().ok_or("it has no input")?.shape().len();
    let axis = axis(call.node.integer("axis").unwrap_or(1), rank)?;
    // What is empty adds nothing, and may lack the shape of the others.
    let mut values: Vec<Value> = values.into_iter().filter(|value| value.shape() != [0]).collect();
    let is_one = |value: &Value| value.tensor().is_none() && value.shape().first() == Some(&1);
    if let Some(batch) = call.batch.filter(|_| axis > 0 && values.iter().any(is_one)) {
        for value in &mut values {
            if let Some(tensor) = value.tensor().cloned().filter(|tensor| tensor.shape.first() == Some(&batch)) {
                *value = of_one_image(call, &tensor)?;
            }
        }
    }
    Ok(vec![match &values[..] {
        [] => call.value(0)?,
        [value] => value.clone(),
        _ => call.moved(Op::Concatenate { axis }, &values)?,
    }])
}

/// What a constant holds for each image of a batch that the file fixes, which must be the same.
fn of_one_image(call: &mut Call, tensor: &Tensor) -> Result<Value, String> {
    let part = tensor.len() / tensor.shape[0].max(1);
    if (part..tensor.len()).any(|at| tensor.float(at).to_bits() != tensor.float(at - part).to_bits()) {
        return Err(format!("a constant of shape {:?} that is another for each image of a batch", tensor.shape));
    }
    let shape = [&[1], &tensor.shape[1..]].concat();
    tensor.gathered(shape, 0..part, call.budget).map(Value::known)
}

/// From a start to an end, with steps, along some axes.
pub(super) fn slice(call: &mut Call) -> Result<Vec<Value>, String> {
    let mut value = call.value(0)?;
    let rank = value.shape().len();
    let starts = call.integers(1, "starts")?.ok_or("it has no starts")?;
    let ends = call.integers(2, "ends")?.ok_or("it has no ends")?;
    let places = match call.integers(3, "axes")? {
        Some(said) => said.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..starts.len()).collect(),
    };
    let steps = call.integers(4, "steps")?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), places.len(), steps.len()].iter().any(|&count| count != starts.len()) || starts.len() > rank {
        return Err(format!("starts {starts:?}, ends {ends:?}, axes {places:?}, steps {steps:?}"));
    }
    for (at, axis) in places.into_iter().enumerate() {
        let length = value.shape()[axis];
        let found = Slice::of(length, starts[at], ends[at], steps[at])?;
        call.budget.take(2 * found.count)?;
        let indices: Vec<usize> = found.indices().collect();
        if !indices.iter().copied().eq(0..length) {
            value = call.moved(Op::Select { axis, indices }, &[value])?;
        }
    }
    Ok(vec![value])
}

/// NumPy's slice of so many elements: so many from a first one on.
struct Slice {
    first: i64,
    step: i64,
    count: usize,
}

impl Slice {
    fn of(length: usize, start: i64, end: i64, step: i64) -> Result<Self, String> {
        let length = i64::try_from(length).map_err(|_| "a dimension that is too long".to_owned())?;
        let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
        if step == 0 {
            return Err("a step of 0".to_owned());
        }
        // Going back, -1 stands for what lies before the first.
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let (first, end) = (from_end(start).clamp(low, high), from_end(end).clamp(low, high));
        let distance = if step > 0 { end - first } else { first - end };
        let count = u64::try_from(distance).unwrap_or(0).div_ceil(step.unsigned_abs());
        Ok(Self { first, step, count: count as usize })
    }

    fn indices(&self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).filter_map(|at| usize::try_from(self.first + at * self.step).ok())
    }
}

/// The slices at some indices; a single index leaves its axis out.
pub(super) fn gather(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let tensor = call.tensor(1)?;
    let axis = axis(call.node.integer("axis").unwrap_or(0), value.shape().len())?;
    let length = value.shape()[axis];
    call.budget.take(2 * tensor.len())?;
    let index = |&index: &i64| {
        let signed = i64::try_from(length).unwrap_or(i64::MAX);
        let place = if index < 0 { index.saturating_add(signed) } else { index };
        usize::try_from(place)
            .ok()
            .filter(|&place| place < length)
            .ok_or_else(|| format!("index {index} along an axis of {length}"))
    };
    let indices = tensor.to_integers()?.iter().map(index).collect::<Result<Vec<_>, _>>()?;
    let shape = [&value.shape()[..axis], &tensor.shape, &value.shape()[axis + 1..]].concat();
    let selected = call.moved(Op::Select { axis, indices }, &[value])?;
    Ok(vec![call.moved(Op::Reshape { shape }, &[selected])?])
}

/// Parts of said lengths, or as many as there are outputs, the last of which may be shorter.
pub(super) fn split(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let axis = axis(call.node.integer("axis").unwrap_or(0), value.shape().len())?;
    let length = value.shape()[axis];
    let lengths = match call.integers(1, "split")? {
        Some(said) => said.iter().map(|&number| size(number, "a part")).collect::<Result<Vec<_>, _>>()?,
        None => {
            let count = call
                .node
                .integer("num_outputs")
                .map_or(Ok(call.node.outputs.len()), |count| size(count, "num_outputs"))?;
            if count == 0 || count > call.node.outputs.len() {
                return Err(format!("{count} parts and {} outputs", call.node.outputs.len()));
            }
            let each = length.div_ceil(count);
            (0..count).map(|part| each.min(length.saturating_sub(part * each))).collect()
        }
    };
    if lengths.iter().try_fold(0_usize, |sum, &part| sum.checked_add(part)) != Some(length) {
        return Err(format!("an axis of {length} in parts of {lengths:?}"));
    }
    call.budget.take(2 * length)?;
    let mut start = 0;
    let part = |&part: &usize| {
        let indices = (start..start + part).collect();
        start += part;
        call.moved(Op::Select { axis, indices }, std::slice::from_ref(&value))
    };
    lengths.iter().map(part).collect()
}

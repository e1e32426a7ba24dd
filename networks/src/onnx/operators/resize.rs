//! Larger or smaller maps: by the nearest pixel, where each pixel of the result is one of the operand, or linearly between neighbours.

use super::coordinates::{Axis, is_old, places};
use super::product::product;
use crate::onnx::attributes::size;
use crate::onnx::budget::elements;
use crate::onnx::call::{Call, Value};
use crate::onnx::tensor::Tensor;
use crate::spec::Op;

pub(super) fn resize(call: &mut Call) -> Result<Vec<Value>, String> {
    let mut value = call.value(0)?;
    let from = value.shape().to_vec();
    let (sizes, scales) = sizes(call, &from)?;
    let axes: Vec<Axis> =
        from.iter().zip(&sizes).zip(scales).map(|((&from, &to), scale)| Axis { from, to, scale }).collect();
    match call.node.text_or("mode", "nearest") {
        "nearest" => {}
        "linear" => return linear(call, value, &axes),
        other => return Err(format!("mode {other:?}; \"nearest\" and \"linear\" are supported")),
    }
    let ratio = [0, 1].map(|way| from.get(way + 2).map(|&size| sizes[way + 2].checked_div(size)));
    let mut indices = Vec::new();
    for &axis in &axes {
        call.budget.take(2 * axis.to)?;
        indices.push(nearest(call, axis)?);
    }
    // Whole blocks of the same size both ways are an op of their own.
    if let (&[1, channels, rows, columns], [Some(Some(factor)), Some(Some(other))]) = (&from[..], ratio)
        && factor == other
        && sizes == [1, channels, rows * factor, columns * factor]
        && indices[2..].iter().all(|indices| indices.iter().enumerate().all(|(at, &index)| index == at / factor))
    {
        let x = call.drafted(&value)?;
        let id = call.add(Op::Upsample { size: factor, to: [sizes[2], sizes[3]] }, &[x.id])?;
        return call.finish(id, sizes);
    }
    for (axis, indices) in indices.into_iter().enumerate() {
        if !indices.iter().copied().eq(0..from[axis]) {
            value = call.moved(Op::Select { axis, indices }, &[value])?;
        }
    }
    Ok(vec![value])
}

/// Sizes of the result and scales, of which the file says one or the other.
fn sizes(call: &Call, from: &[usize]) -> Result<(Vec<usize>, Vec<f32>), String> {
    if call.node.attribute("axes").is_some() {
        return Err("axes, which are not supported here".to_owned());
    }
    let said = call.given_tensor(if is_old(call) { 1 } else { 2 })?.filter(|tensor| tensor.len() > 0);
    let scales = match said {
        Some(tensor) => tensor.each_float().collect(),
        None => call.node.attribute("scales").map(|scales| scales.floats.clone()).unwrap_or_default(),
    };
    let fits = |count: usize| count == from.len();
    if !scales.is_empty() {
        let sizes: Vec<usize> =
            from.iter().zip(&scales).map(|(&size, scale)| (size as f32 * scale).floor() as usize).collect();
        let is_small = sizes.iter().all(|&size| size > 0 && size <= 1 << 16);
        return if fits(scales.len()) && is_small {
            Ok((sizes, scales))
        } else {
            Err(format!("scales {scales:?} of shape {from:?}"))
        };
    }
    let numbers = call.integers(3, "sizes")?.ok_or("it has neither scales nor sizes")?;
    let mut sizes = numbers.iter().map(|&number| size(number, "a size")).collect::<Result<Vec<_>, _>>()?;
    if Some(sizes.first()) == Some(call.batch.as_ref()) && !sizes.is_empty() {
        sizes[0] = 1;
    }
    let policy = call.node.text_or("keep_aspect_ratio_policy", "stretch");
    if !fits(sizes.len()) || policy != "stretch" || sizes.iter().any(|&size| size == 0 || size > 1 << 16) {
        return Err(format!("sizes {sizes:?} ({policy}) of shape {from:?}"));
    }
    let scales = sizes.iter().zip(from).map(|(&to, &from)| to as f32 / from as f32).collect();
    Ok((sizes, scales))
}

/// For each place of the result the nearest of the operand, as ONNX computes it.
fn nearest(call: &Call, axis: Axis) -> Result<Vec<usize>, String> {
    let rounding = if is_old(call) { "floor" } else { call.node.text_or("nearest_mode", "round_prefer_floor") };
    let nearest = |place: f32| {
        let nearest = match rounding {
            "round_prefer_floor" => (place - 0.5).ceil(),
            "round_prefer_ceil" => (place + 0.5).floor(),
            "floor" => place.floor(),
            "ceil" => place.ceil(),
            other => return Err(format!("nearest_mode {other:?}")),
        };
        Ok((nearest.max(0.0) as usize).min(axis.from.saturating_sub(1)))
    };
    places(call, axis)?.into_iter().map(nearest).collect()
}

/// Rows and columns as means of two neighbours: the product with one matrix from each side.
fn linear(call: &mut Call, mut value: Value, axes: &[Axis]) -> Result<Vec<Value>, String> {
    if call.node.flag("antialias") {
        return Err("mode \"linear\" with antialias".to_owned());
    }
    let rank = axes.len();
    for (at, &axis) in axes.iter().enumerate() {
        if axis.from == axis.to && axis.scale == 1.0 {
            continue;
        }
        if at + 2 < rank || at == 0 {
            return Err(format!("mode \"linear\" along axis {at} of {rank}; the last two are supported"));
        }
        if axis.from == 0 {
            return Err(format!("mode \"linear\" along axis {at}, which has no elements"));
        }
        let shape = [axis.to, axis.from];
        call.budget.take(2 * elements(&shape)?)?;
        let mut shares = vec![0.0; axis.to * axis.from];
        for (place, row) in places(call, axis)?.into_iter().zip(shares.chunks_exact_mut(axis.from)) {
            let last = axis.from - 1;
            let place = place.clamp(0.0, last as f32);
            let low = place as usize;
            row[low] += 1.0 - place.fract();
            row[(low + 1).min(last)] += place.fract();
        }
        let shares = Value::known(Tensor::floats(shares).reshaped(&shape));
        value =
            if at + 1 == rank { product(call, &value, &shares, true)? } else { product(call, &shares, &value, false)? };
    }
    Ok(vec![value])
}

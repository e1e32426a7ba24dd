//! Larger or smaller maps by the nearest pixel: each pixel of the result is one of the operand.

use crate::onnx::attributes::size;
use crate::onnx::call::{Call, Value};
use crate::spec::Op;

pub(super) fn resize(call: &mut Call) -> Result<Vec<Value>, String> {
    let mode = call.node.text_or("mode", "nearest");
    if mode != "nearest" {
        return Err(format!("mode {mode:?}; only the nearest pixel is supported"));
    }
    let mut value = call.value(0)?;
    let from = value.shape().to_vec();
    let (sizes, scales) = sizes(call, &from)?;
    let ratio = [0, 1].map(|way| from.get(way + 2).map(|&size| sizes[way + 2].checked_div(size)));
    let mut indices = Vec::new();
    for (axis, &to) in sizes.iter().enumerate() {
        call.budget.take(2 * to)?;
        indices.push(nearest(call, from[axis], to, scales[axis])?);
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
    let is_old = call.node.operator == "Upsample" || call.opset < 11;
    let said = call.given_tensor(if is_old { 1 } else { 2 })?.filter(|tensor| tensor.len() > 0);
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

/// For each place of the result that of the operand, as ONNX computes it.
fn nearest(call: &Call, from: usize, to: usize, scale: f32) -> Result<Vec<usize>, String> {
    let is_old = call.node.operator == "Upsample" || call.opset < 11;
    let transformation =
        if is_old { "asymmetric" } else { call.node.text_or("coordinate_transformation_mode", "half_pixel") };
    let rounding = if is_old { "floor" } else { call.node.text_or("nearest_mode", "round_prefer_floor") };
    let place = |at: usize| {
        let at = at as f32;
        let place = match transformation {
            "half_pixel" => (at + 0.5) / scale - 0.5,
            "pytorch_half_pixel" => {
                if to > 1 {
                    (at + 0.5) / scale - 0.5
                } else {
                    0.0
                }
            }
            "align_corners" => {
                if to > 1 {
                    at * (from as f32 - 1.0) / (to as f32 - 1.0)
                } else {
                    0.0
                }
            }
            "asymmetric" => at / scale,
            other => return Err(format!("coordinate_transformation_mode {other:?}")),
        };
        let nearest = match rounding {
            "round_prefer_floor" => (place - 0.5).ceil(),
            "round_prefer_ceil" => (place + 0.5).floor(),
            "floor" => place.floor(),
            "ceil" => place.ceil(),
            other => return Err(format!("nearest_mode {other:?}")),
        };
        Ok((nearest.max(0.0) as usize).min(from.saturating_sub(1)))
    };
    (0..to).map(place).collect()
}

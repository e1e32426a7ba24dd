//! Channels into blocks of pixels, and blocks into channels.

use crate::onnx::attributes::size;
use crate::onnx::call::{Call, Value};
use crate::spec::Op;

fn block(call: &Call, value: &Value) -> Result<(usize, [usize; 4]), String> {
    let block = size(call.node.integer("blocksize").unwrap_or(0), "blocksize")?;
    match *value.shape() {
        [batch, channels, rows, columns] if block > 0 && block < 1 << 16 => {
            Ok((block, [batch, channels, rows, columns]))
        }
        ref shape => Err(format!("blocks of {block} of a value of shape {shape:?}")),
    }
}

/// A view, the dimensions in another order, a view.
fn rearranged(call: &mut Call, value: Value, views: [Vec<usize>; 2], order: &[usize]) -> Result<Vec<Value>, String> {
    let [apart, together] = views;
    let value = call.moved(Op::Reshape { shape: apart }, &[value])?;
    let value = call.moved(Op::Transpose { order: order.to_vec() }, &[value])?;
    Ok(vec![call.moved(Op::Reshape { shape: together }, &[value])?])
}

pub(super) fn depth_to_space(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let (size, [batch, channels, rows, columns]) = block(call, &value)?;
    let depth = channels / (size * size);
    let (apart, order) = match call.node.text_or("mode", "DCR") {
        "DCR" => (vec![batch, size, size, depth, rows, columns], [0, 3, 4, 1, 5, 2]),
        "CRD" => (vec![batch, depth, size, size, rows, columns], [0, 1, 4, 2, 5, 3]),
        other => return Err(format!("mode {other:?}")),
    };
    rearranged(call, value, [apart, vec![batch, depth, rows * size, columns * size]], &order)
}

pub(super) fn space_to_depth(call: &mut Call) -> Result<Vec<Value>, String> {
    let value = call.value(0)?;
    let (size, [batch, channels, rows, columns]) = block(call, &value)?;
    let apart = vec![batch, channels, rows / size, size, columns / size, size];
    let together = vec![batch, channels * size * size, rows / size, columns / size];
    rearranged(call, value, [apart, together], &[0, 3, 5, 1, 2, 4])
}

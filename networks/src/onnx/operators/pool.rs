//! Pools, of one or two dimensions.

use crate::onnx::attributes::size;
use crate::onnx::call::{Call, Computed, Value};
use crate::onnx::emit::viewed;
use crate::onnx::windows::{both, map, unmapped, window};
use crate::spec::{Op, Window};

/// The largest of each window.
pub(super) fn largest(call: &mut Call) -> Result<Vec<Value>, String> {
    let (x, map, window, _) = placed(call)?;
    pooled(call, &x, map, Op::MaxPool { window })
}

/// The mean of each window; with `count_include_pad` the padding counts as zeros, but not what lies beyond it.
pub(super) fn average(call: &mut Call) -> Result<Vec<Value>, String> {
    let (x, map, window, padding) = placed(call)?;
    let is_whole = window.size == map && window.dilation == [1; 2] && window.padding == [[0; 2]; 2];
    if is_whole && x.shape.len() == 4 {
        let id = call.add(Op::global_average(), &[x.id])?;
        return call.finish(id, [&x.shape[..2], &[1, 1]].concat());
    }
    let counted = if call.node.flag("count_include_pad") { padding } else { [[0; 2]; 2] };
    pooled(call, &x, map, Op::AveragePool { window, counted })
}

/// The operand, the rows and columns of its maps, the windows, and the padding that is said.
type Placed = (Computed, [usize; 2], Window, [[usize; 2]; 2]);

fn placed(call: &mut Call) -> Result<Placed, String> {
    let x = call.computed(0)?;
    let [1, _, ref sizes @ ..] = x.shape[..] else { return Err(format!("a value of shape {:?}", x.shape)) };
    let (ways, map) = (sizes.len(), map(sizes)?);
    let numbers = call.node.integers("kernel_shape").unwrap_or_default();
    let kernel = numbers.iter().map(|&number| size(number, "kernel_shape")).collect::<Result<Vec<_>, _>>()?;
    if kernel.len() != ways {
        return Err(format!("kernel_shape {kernel:?} for a value of shape {:?}", x.shape));
    }
    let (window, padding) = window(call.node, both(&kernel)?, map, ways)?;
    Ok((x, map, window, padding))
}

fn pooled(call: &mut Call, x: &Computed, map: [usize; 2], op: Op) -> Result<Vec<Value>, String> {
    let operand = viewed(call.draft, x.id, &[x.shape[1], map[0], map[1]])?;
    let id = call.add(op, &[operand])?;
    let shape = [&x.shape[..2], &unmapped(&call.draft.shape(id)[1..], &x.shape[2..])].concat();
    call.finish(id, shape)
}

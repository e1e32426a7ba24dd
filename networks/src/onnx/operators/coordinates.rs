//! Where the places of a resized axis lie on the axis that it is made from.

use crate::onnx::call::Call;

/// An axis before and after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) scale: f32,
}

/// Whether a node is of the versions before coordinates could be chosen.
pub(super) fn is_old(call: &Call) -> bool {
    call.node.operator == "Upsample" || call.opset < 11
}

/// For each place of the result the one of the operand, which may lie outside of it.
pub(super) fn places(call: &Call, axis: Axis) -> Result<Vec<f32>, String> {
    let Axis { from, to, scale } = axis;
    let mode =
        if is_old(call) { "asymmetric" } else { call.node.text_or("coordinate_transformation_mode", "half_pixel") };
    let place = |at: usize| {
        let at = at as f32;
        Ok(match mode {
            "half_pixel" => (at + 0.5) / scale - 0.5,
            "pytorch_half_pixel" if to > 1 => (at + 0.5) / scale - 0.5,
            "align_corners" if to > 1 => at * (from as f32 - 1.0) / (to as f32 - 1.0),
            "pytorch_half_pixel" | "align_corners" => 0.0,
            "asymmetric" => at / scale,
            other => return Err(format!("coordinate_transformation_mode {other:?}")),
        })
    };
    (0..to).map(place).collect()
}

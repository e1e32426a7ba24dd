//! Normalizations: with fixed statistics, which are a scale and a shift of each channel, and with those of the value itself.

use crate::onnx::attributes::{axis, size};
use crate::onnx::call::{Call, Computed, Value};
use crate::onnx::emit::{is_inner, scale_shift, viewed};
use crate::onnx::tensor::Tensor;
use crate::spec::{Function, Op, Pairwise, Reduction};

/// Statistics that training left behind.
pub(super) fn batch(call: &mut Call) -> Result<Vec<Value>, String> {
    if call.node.flag("training_mode") || (call.opset < 7 && !call.node.flag("is_test")) {
        return Err("the statistics of a batch, as in training; export the network for inference".to_owned());
    }
    let epsilon = f64::from(call.node.float("epsilon").unwrap_or(1e-5));
    let x = call.computed(0)?;
    let channels = channels(&x)?;
    let [scale, shift, mean, variance] = [1, 2, 3, 4].map(|at| call.tensor(at));
    let of_channels = [scale?, shift?, mean?, variance?];
    if of_channels.iter().any(|tensor| tensor.shape != [channels]) {
        let shapes: Vec<_> = of_channels.iter().map(|tensor| &tensor.shape).collect();
        return Err(format!("a value of shape {:?} and parameters of shapes {shapes:?}", x.shape));
    }
    let [scale, shift, mean, variance] = of_channels;
    call.budget.take(2 * channels)?;
    let factor = |at: usize| f64::from(scale.float(at)) / (f64::from(variance.float(at)) + epsilon).sqrt();
    let summand = |at: usize| (f64::from(shift.float(at)) - f64::from(mean.float(at)) * factor(at)) as f32;
    let factors = (0..channels).map(|at| factor(at) as f32).collect();
    let summands = (0..channels).map(summand).collect();
    let id = scale_shift(call.draft, x.id, Tensor::floats(factors), Tensor::floats(summands))?;
    call.finish(id, x.shape)
}

/// The channels of one image's value: its second dimension in the file.
fn channels(x: &Computed) -> Result<usize, String> {
    match x.shape[..] {
        [1, channels, ..] => Ok(channels),
        _ => Err(format!("a value of shape {:?}", x.shape)),
    }
}

/// Each channel for itself.
pub(super) fn instance(call: &mut Call) -> Result<Vec<Value>, String> {
    let channels = channels(&call.computed(0)?)?;
    let (scale, shift) = (call.tensor(1)?, call.tensor(2)?);
    grouped(call, channels, &scale, &shift)
}

/// So many channels together. Up to version 20 the parameters are those of groups.
pub(super) fn group(call: &mut Call) -> Result<Vec<Value>, String> {
    let channels = channels(&call.computed(0)?)?;
    let groups = size(call.node.integer("num_groups").unwrap_or(0), "num_groups")?;
    if channels.checked_rem(groups) != Some(0) {
        return Err(format!("{channels} channels in {groups} groups"));
    }
    let each = channels / groups;
    let repeated = |tensor: &Tensor, call: &mut Call| -> Result<Tensor, String> {
        if tensor.shape == [channels] {
            return Ok(tensor.clone());
        }
        if tensor.shape != [groups] {
            return Err(format!("{groups} groups of {each} channels and parameters of shape {:?}", tensor.shape));
        }
        tensor.gathered(vec![channels], (0..channels).map(|at| at / each), call.budget)
    };
    let (scale, shift) = (call.tensor(1)?, call.tensor(2)?);
    let (scale, shift) = (repeated(&scale, call)?, repeated(&shift, call)?);
    grouped(call, groups, &scale, &shift)
}

fn grouped(call: &mut Call, groups: usize, scale: &Tensor, shift: &Tensor) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let channels = channels(&x)?;
    if scale.shape != [channels] || shift.shape != [channels] {
        return Err(format!("{channels} channels and parameters of shapes {:?}, {:?}", scale.shape, shift.shape));
    }
    let inside = call.draft.shape(x.id).to_vec();
    let elements: usize = inside.iter().product();
    let epsilon = call.node.float("epsilon").unwrap_or(1e-5);
    let parted = if groups == channels { x.id } else { viewed(call.draft, x.id, &[groups, elements / groups])? };
    let id = call.add(Op::Normalize { axis: 1, epsilon }, &[parted])?;
    let id = viewed(call.draft, id, &inside)?;
    let id = scale_shift(call.draft, id, scale.clone(), shift.clone())?;
    call.finish(id, x.shape)
}

/// The last dimensions together.
pub(super) fn layer(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let axis = inner_axis(call, &x)?;
    let epsilon = call.node.float("epsilon").unwrap_or(1e-5);
    let id = call.add(Op::Normalize { axis, epsilon }, &[x.id])?;
    with_parameters(call, id, x)
}

/// The last dimensions over the root of the mean of their squares.
pub(super) fn root_mean_square(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let axis = inner_axis(call, &x)?;
    let shift = call.node.float("epsilon").unwrap_or(1e-5);
    let inside = call.draft.shape(x.id).to_vec();
    let kept: Vec<usize> = (0..inside.len()).map(|at| if at < axis { inside[at] } else { 1 }).collect();
    let axes = (axis..inside.len()).collect();
    let square = call.add(Op::Function(Function::Power { exponent: 2.0 }), &[x.id])?;
    let mean = call.add(Op::Reduce { by: Reduction::Mean, axes }, &[square])?;
    let mean = viewed(call.draft, mean, &kept)?;
    let moved = call.add(Op::Function(Function::Affine { scale: 1.0, shift }), &[mean])?;
    let root = call.add(Op::Function(Function::SquareRoot), &[moved])?;
    let id = call.add(Op::Pairwise(Pairwise::Divide), &[x.id, root])?;
    with_parameters(call, id, x)
}

fn inner_axis(call: &Call, x: &Computed) -> Result<usize, String> {
    let first = axis(call.node.integer("axis").unwrap_or(-1), x.shape.len())?;
    Ok(if is_inner(&x.shape) { first.saturating_sub(1) } else { first })
}

/// Times the second operand, plus the third.
fn with_parameters(call: &mut Call, id: usize, x: Computed) -> Result<Vec<Value>, String> {
    let mut value = Value::Computed(Computed { id, shape: x.shape });
    for (at, operator) in [(1, "Mul"), (2, "Add")] {
        if let Some(parameter) = call.given(at) {
            value = super::pairwise::of_two(call, operator, value, parameter)?;
        }
    }
    Ok(vec![value])
}

/// AlexNet's normalization across channels.
pub(super) fn local_response(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let size = size(call.node.integer("size").unwrap_or(0), "size")?;
    if size % 2 == 0 {
        return Err(format!("the squares of {size} channels around each, and an odd number is supported"));
    }
    let float = |name: &str, default: f32| call.node.float(name).unwrap_or(default);
    let (alpha, beta, bias) = (float("alpha", 1e-4), float("beta", 0.75), float("bias", 1.0));
    let id = call.add(Op::LocalResponse { size, alpha, beta, bias }, &[x.id])?;
    call.finish(id, x.shape)
}

//! [`compute`]: the result of an op.

use candle_core::{Result, Tensor};
use candle_nn::ops;

use super::{along, elements, products, shapes, windows};
use crate::spec::Op;

/// What an op makes of its operands, given its weight and its bias, each where it has one. `batch` is for the ops of no operand.
pub(super) fn compute(op: &Op, parameters: &[Tensor], operands: &[Tensor], batch: usize) -> Result<Tensor> {
    match (op, parameters, operands) {
        (Op::Convolution { groups, window, .. }, [weight, bias], [x]) => {
            windows::convolution(x, weight, bias, *groups, window)
        }
        (&Op::TransposedConvolution { stride, padding, output_padding, .. }, [weight, bias], [x]) => {
            windows::transposed(x, weight, bias, [stride, padding], output_padding)
        }
        (Op::Linear { .. }, [weight, bias], [x]) => products::linear(x, weight, bias),
        (Op::ScaleShift { .. }, [weight, bias], [x]) => products::scale_shift(x, weight, bias),
        (Op::Constant { shape }, [weight], []) => weight.broadcast_as([&[batch], &shape[..]].concat()),
        (Op::Relu, [], [x]) => elements::positive(x),
        (Op::Sigmoid, [], [x]) => ops::sigmoid(x),
        (&Op::Function(function), [], [x]) => elements::function(x, function),
        (&Op::Pairwise(pairwise), [], [a, b]) => elements::pairwise(a, b, pairwise),
        (Op::MatMul, [], [a, b]) => products::matrices(a, b),
        (&Op::Softmax { axis }, [], [x]) => ops::softmax(x, axis + 1),
        (&Op::Normalize { axis, epsilon }, [], [x]) => along::normalized(x, axis + 1, f64::from(epsilon)),
        (&Op::LocalResponse { size, alpha, beta, bias }, [], [x]) => {
            along::local_response(x, size, [alpha, beta, bias].map(f64::from))
        }
        (Op::Reduce { by, axes }, [], [x]) => along::reduced(x, *by, axes),
        (Op::AveragePool { window, counted }, [], [x]) => windows::means(x, window, *counted),
        (Op::MaxPool { window }, [], [x]) => windows::largest(x, window),
        (&Op::Upsample { size, to }, [], [x]) => windows::blocks(x, size, to),
        (Op::Flatten, [], [x]) => x.flatten_from(1),
        (Op::Reshape { shape }, [], [x]) => x.reshape([&[x.dim(0)?], &shape[..]].concat()),
        (Op::Transpose { order }, [], [x]) => shapes::transposed(x, order),
        (&Op::Concatenate { axis }, [], [_, ..]) => Tensor::cat(operands, axis + 1),
        (Op::Select { axis, indices }, [], [x]) => shapes::selected(x, axis + 1, indices),
        (Op::Broadcast { shape }, [], [x]) => {
            shapes::of_rank(x, shape.len())?.broadcast_as([&[x.dim(0)?], &shape[..]].concat())
        }
        (Op::Pad { before, behind, fill }, [], [x]) => shapes::padded(x, before, behind, *fill),
        _ => candle_core::bail!("{op:?} of {} operands, with {} parameters", operands.len(), parameters.len()),
    }
}

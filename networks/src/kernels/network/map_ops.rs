//! The ops of maps: windows, pools, channels. Their operands are asked for as maps ([`Builder::viewed`]), as which all values of three
//! dimensions lie unless they were computed as something else.

use super::builder::{Builder, Planned};
use super::local_response::LocalResponse;
use super::plan::{Kind, StepOp};
use super::pool::{By, Pool};
use super::wishes::in_three;
use crate::spec::{Node, Op, Pairwise, Reduction, Window};

/// An op of one map; none where it is not known.
pub(super) fn of_map(builder: &mut Builder<'_>, node: &Node, operand: usize, value: usize) -> Option<Planned> {
    let given = builder.shapes[operand].clone();
    let shape = in_three(&builder.shapes[value]);
    let of_channels = as_channels(&given);
    let (op, seen, shape) = match (&node.op, &given[..]) {
        (&Op::Convolution { in_channels, out_channels, groups, window }, _) => {
            let kind = match groups {
                1 => Kind::Down,
                _ if groups == in_channels => Kind::Depthwise,
                _ => Kind::Grouped(groups),
            };
            let op = StepOp::Windowed { layer: builder.new_layer(&node.name), kind, window };
            if kind == Kind::Depthwise && out_channels > in_channels {
                // Every channel as often as there are results of it.
                let repeated = (0..out_channels).map(|channel| channel / (out_channels / in_channels)).collect();
                let from = builder.viewed(operand, of_channels);
                let shape_of_all = [out_channels, of_channels[1], of_channels[2]];
                let from = builder.push(StepOp::Select(repeated), vec![from], shape_of_all);
                return Some((op, vec![from], shape));
            }
            (op, of_channels, shape)
        }
        (&Op::TransposedConvolution { kernel, stride, padding, .. }, _) => {
            let (layer, window) = (builder.new_layer(&node.name), Window::square(kernel, stride, padding));
            (StepOp::Windowed { layer, kind: Kind::Up, window }, of_channels, shape)
        }
        (Op::ScaleShift { .. }, _) => (StepOp::Scale(builder.new_layer(&node.name)), of_channels, of_channels),
        (Op::Reduce { by, axes }, &[_, rows, columns]) if axes[..] == [1, 2] => match by {
            Reduction::Mean => (StepOp::AveragePool(rows.max(columns)), of_channels, shape),
            Reduction::Largest => {
                let window = Window { size: [rows, columns], ..Window::square(1, 1, 0) };
                (StepOp::Pool(Pool { window, by: By::Largest }), of_channels, shape)
            }
            Reduction::Sum => return None,
        },
        (&Op::AveragePool { window, counted }, &[_, rows, columns]) => {
            let is_blocks = window == Window::blocks(window.size[0], [rows, columns]) && counted == [[0; 2]; 2];
            let op = match is_blocks {
                true => StepOp::AveragePool(window.size[0]),
                false => StepOp::Pool(Pool { window, by: By::Mean { counted } }),
            };
            (op, of_channels, shape)
        }
        (&Op::MaxPool { window }, _) => (StepOp::Pool(Pool { window, by: By::Largest }), of_channels, shape),
        (&Op::LocalResponse { size, alpha, beta, bias }, _) => {
            (StepOp::LocalResponse(LocalResponse { size, alpha, beta, bias }), of_channels, shape)
        }
        (&Op::Upsample { size, .. }, _) => (StepOp::Upsample(size), of_channels, shape),
        (Op::Select { axis: 0, indices }, [_] | [_, _, _]) => (StepOp::Select(indices.clone()), of_channels, shape),
        _ => return None,
    };
    Some((op, vec![builder.viewed(operand, seen)], shape))
}

/// A function of two values of which one is repeated, as maps; none where the result is no map and no vector.
pub(super) fn of_two_maps(
    builder: &mut Builder<'_>,
    function: Pairwise,
    operands: [usize; 2],
    value: usize,
) -> Option<Planned> {
    let rank = builder.shapes[value].len();
    if rank != 1 && rank != 3 {
        return None;
    }
    // Dimensions that an operand lacks are its first.
    let padded = |shape: &[usize]| [&vec![1; rank - shape.len()], shape].concat();
    let places = operands.map(|operand| {
        let shape = in_three(&padded(&builder.shapes[operand]));
        builder.viewed(operand, shape)
    });
    Some((StepOp::Pairwise(function), places.to_vec(), in_three(&builder.shapes[value])))
}

/// A value as a map of as many channels as its first dimension has: a map, a vector, or a row of pixels.
fn as_channels(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [_, _, _] | [_] | [] => in_three(shape),
        [channels, ref others @ ..] => [channels, 1, others.iter().product()],
    }
}

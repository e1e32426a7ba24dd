//! [`Plan`]: what is computed, step by step, and the places of the values.

use super::local_response::LocalResponse;
use super::pool::Pool;
use crate::kernels::map::Map;
use crate::kernels::windows::Windows;
use crate::spec::{Function, Op, Pairwise, Window};

/// A [`Spec`](crate::Spec) that the kernels do not compute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value}: {reason}")]
pub struct PlanError {
    /// Name of the value.
    pub value: String,
    /// What the kernels do not know.
    pub reason: String,
}

/// Where a value lies. Values that are another view of the same elements share a place, and so do a value and what an activation
/// makes of it where nobody else asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// `[channels, rows, columns]`; a vector has one row and one column. So has a flat row: all elements in PyTorch's order.
    pub(super) shape: [usize; 3],
    /// What has become of the values by the time that they are read.
    pub(super) then: Then,
    /// Where the values lie.
    pub(super) values: Map,
    /// Where their gradient lies: that to the values before the activation.
    pub(super) gradient: Map,
}

/// An activation in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Then {
    Nothing,
    Relu,
    Sigmoid,
    /// One whose slope follows from its result.
    Function(Function),
}

/// What is computed. Numbers are those of places, inputs, outputs and layers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) op: StepOp,
    /// Places that are read.
    pub(super) from: Vec<usize>,
    /// The place that is written.
    pub(super) to: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum StepOp {
    /// An input, to its place.
    Take(usize),
    /// A place, to an output.
    Give(usize),
    /// A parameter, to its place.
    Constant(usize),
    /// A layer with weights; where there is a second place, it is added.
    Linear(usize),
    /// The same of the last dimension of so many rows.
    Rows { layer: usize, rows: usize },
    /// The same, with the geometry of the windows, whose maps are those of the places.
    Windowed { layer: usize, kind: Kind, window: Window },
    /// A factor and a summand for each channel.
    Scale(usize),
    /// A plain op.
    Plain(usize),
    /// The same values, for an activation of which both sides are asked for.
    Copy,
    /// A function of each element, whose operands are kept.
    Function(Function),
    /// A function of two places.
    Pairwise(Pairwise),
    /// One behind the other along the channels.
    Concatenate,
    /// Some channels, in any order.
    Select(Vec<usize>),
    /// The same elements, in PyTorch's order, in another shape.
    View,
    /// The mean of each block of so many rows and columns.
    AveragePool(usize),
    /// The mean or the largest pixel of any windows.
    Pool(Pool),
    /// Each channel over a power of the squares of those around it.
    LocalResponse(LocalResponse),
    /// Every pixel as a block of so many rows and columns.
    Upsample(usize),
}

/// What a layer of windows does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A convolution.
    Down,
    /// A transposed one.
    Up,
    /// A convolution of every channel on its own.
    Depthwise,
    /// One of so many groups of channels.
    Grouped(usize),
}

impl StepOp {
    /// The number of its layer, if it has weights.
    pub(super) fn layer(&self) -> Option<usize> {
        match *self {
            StepOp::Constant(layer)
            | StepOp::Linear(layer)
            | StepOp::Rows { layer, .. }
            | StepOp::Scale(layer)
            | StepOp::Windowed { layer, .. } => Some(layer),
            _ => None,
        }
    }

    /// Whether it is a layer that does what follows with its sums, forward and back.
    pub(super) fn finishes(&self) -> bool {
        matches!(
            self,
            StepOp::Linear(_)
                | StepOp::Rows { .. }
                | StepOp::Windowed { kind: Kind::Down | Kind::Up | Kind::Depthwise, .. }
        )
    }

    /// The windows of a layer between these maps.
    pub(super) fn windows(&self, input: Map, output: Map) -> Option<Windows> {
        let StepOp::Windowed { kind, window, .. } = *self else { return None };
        let (large, small) = if kind == Kind::Up { (output, input) } else { (input, output) };
        let Window { size: kernel, stride, dilation, padding: [[above, _], [left, _]] } = window;
        Some(Windows { large, small, kernel, stride, dilation, padding: [above, left] })
    }
}

/// An op on values of any rank, with their shapes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlainOp {
    pub(super) op: Op,
    pub(super) operands: Vec<Vec<usize>>,
    pub(super) result: Vec<usize>,
}

/// What a step does to the gradient of a place that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Whether it is the first on the way back to do so: what is there is of another batch.
    pub(super) is_first: bool,
    /// Whether it is the last: the gradient then goes back through the place's activation.
    pub(super) is_last: bool,
}

/// A plan.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) places: Vec<Place>,
    /// For each place the step that writes it.
    pub(super) writers: Vec<usize>,
    /// Elements of each input and of each output.
    pub(super) inputs: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    /// Name of the node of each layer.
    pub(super) layers: Vec<String>,
    pub(super) plain: Vec<PlainOp>,
    /// Whether a layer's way up leads to a plain map of few channels.
    pub(super) by_shares: Vec<bool>,
    /// The steps in the order of the way back, each with its shares, one for each place that it reads. What a stretch of steps is
    /// forward it is back.
    pub(super) back: Vec<(usize, Vec<Share>)>,
}

impl Plan {
    /// The step that writes a place.
    pub(super) fn writer(&self, place: usize) -> &Step {
        &self.steps[self.writers[place]]
    }

    /// For each place the steps that read it.
    pub(super) fn readers(&self) -> Vec<Vec<usize>> {
        let mut readers = vec![Vec::new(); self.places.len()];
        for (number, step) in self.steps.iter().enumerate() {
            step.from.iter().for_each(|&place| readers[place].push(number));
        }
        readers
    }
}

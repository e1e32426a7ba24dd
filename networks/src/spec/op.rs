//! [`Op`]: what a node of a network does.

use serde::{Deserialize, Serialize};

use super::{Function, Pairwise, Reduction, Window};

/// What a node does. Those with parameters say all of their sizes, so that the parameters' shapes follow from the op alone.
/// Axes count the dimensions of one image's value, from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// PyTorch's `Conv2d`, with a bias.
    Convolution {
        /// Channels of the operand.
        in_channels: usize,
        /// Channels of the result.
        out_channels: usize,
        /// Parts into which the channels are divided, each of which sees its own only.
        groups: usize,
        /// Where the windows lie.
        window: Window,
    },
    /// PyTorch's `ConvTranspose2d` of a square kernel, with a bias.
    TransposedConvolution {
        /// Channels of the operand.
        in_channels: usize,
        /// Channels of the result.
        out_channels: usize,
        /// Rows and columns of the kernel.
        kernel: usize,
        /// Rows and columns from one position to the next.
        stride: usize,
        /// Rows and columns that are cut off on each side.
        padding: usize,
        /// Rows and columns that are cut off less at the end.
        output_padding: [usize; 2],
    },
    /// PyTorch's `Linear`, with a bias, of the last dimension.
    Linear {
        /// Length of that dimension.
        in_features: usize,
        /// Its length in the result.
        out_features: usize,
    },
    /// Each channel of the first dimension times its weight, plus its bias: a batch normalization whose statistics are fixed.
    ScaleShift {
        /// Channels of the operand.
        channels: usize,
    },
    /// A parameter, the same for every image, of no operand.
    Constant {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The larger of each element and 0.
    Relu,
    /// The logistic function of each element.
    Sigmoid,
    /// Another function of each element.
    Function(Function),
    /// A function of the elements of two operands, which are repeated where one has a single one or lacks leading dimensions, as
    /// NumPy does it.
    Pairwise(Pairwise),
    /// The products of matrices, the last two dimensions of two operands; the dimensions before them are repeated as NumPy does it.
    MatMul,
    /// The softmax along an axis.
    Softmax {
        /// That axis.
        axis: usize,
    },
    /// All elements from an axis on, less their mean, over the root of their variance (of `n`) plus epsilon: a layer normalization
    /// without its parameters.
    Normalize {
        /// The first axis that belongs to what is normalized.
        axis: usize,
        /// What is added to the variance.
        epsilon: f32,
    },
    /// Each channel over `(bias + alpha / size * sum of the squares of the size channels around it) ^ beta` (Krizhevsky et al. 2012).
    LocalResponse {
        /// Channels of a sum.
        size: usize,
        /// Factor.
        alpha: f32,
        /// Exponent.
        beta: f32,
        /// Summand.
        bias: f32,
    },
    /// What becomes of all elements along some axes, which the result lacks.
    Reduce {
        /// How.
        by: Reduction,
        /// These axes, ascending.
        axes: Vec<usize>,
    },
    /// The mean of each window; what lies outside of the map is left out, of the sum and of the count.
    AveragePool {
        /// Where the windows lie.
        window: Window,
        /// Rows above the map and below it, columns left of it and right of it, that count as zeros.
        counted: [[usize; 2]; 2],
    },
    /// The largest pixel of each window that lies on the map.
    MaxPool {
        /// Where the windows lie.
        window: Window,
    },
    /// Every pixel as a block of `size` rows and columns, of which so many are kept.
    Upsample {
        /// Rows and columns of a block.
        size: usize,
        /// Rows and columns of the result.
        to: [usize; 2],
    },
    /// All elements as one vector, the last dimension fastest.
    Flatten,
    /// The same elements in another shape.
    Reshape {
        /// That shape.
        shape: Vec<usize>,
    },
    /// The dimensions in another order.
    Transpose {
        /// For each dimension of the result that of the operand.
        order: Vec<usize>,
    },
    /// The operands one behind the other.
    Concatenate {
        /// Along this axis.
        axis: usize,
    },
    /// Some slices along an axis, in any order, also more than once.
    Select {
        /// That axis.
        axis: usize,
        /// For each slice of the result that of the operand.
        indices: Vec<usize>,
    },
    /// Repeated to a larger shape, as NumPy does it.
    Broadcast {
        /// That shape.
        shape: Vec<usize>,
    },
    /// More elements before and behind, along each axis.
    Pad {
        /// How many before.
        before: Vec<usize>,
        /// How many behind.
        behind: Vec<usize>,
        /// Which.
        fill: Fill,
    },
}

/// What stands in a padding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// This value.
    Value(f32),
    /// The elements mirrored at the edge, which is not repeated.
    Reflect,
    /// The element at the edge.
    Edge,
}

impl Op {
    /// A convolution of a square kernel and one group, with the same padding on all sides and no gaps.
    #[must_use]
    pub const fn convolution(
        [in_channels, out_channels]: [usize; 2],
        kernel: usize,
        stride: usize,
        padding: usize,
    ) -> Self {
        Self::Convolution { in_channels, out_channels, groups: 1, window: Window::square(kernel, stride, padding) }
    }

    /// The mean of every channel of a map, a vector.
    #[must_use]
    pub fn global_average() -> Self {
        Self::Reduce { by: Reduction::Mean, axes: vec![1, 2] }
    }

    /// PyTorch's shape of its weight, if it has one. A transposed convolution stores (in, out, rows, columns).
    pub(crate) fn weight(&self) -> Option<Vec<usize>> {
        Some(match *self {
            Op::Convolution { in_channels, out_channels, groups, window: Window { size: [rows, columns], .. } } => {
                vec![out_channels, in_channels.checked_div(groups)?, rows, columns]
            }
            Op::TransposedConvolution { in_channels, out_channels, kernel, .. } => {
                vec![in_channels, out_channels, kernel, kernel]
            }
            Op::Linear { in_features, out_features } => vec![out_features, in_features],
            Op::ScaleShift { channels } => vec![channels],
            Op::Constant { ref shape } => shape.clone(),
            _ => return None,
        })
    }

    /// Elements of its bias, if it has one.
    pub(crate) fn bias(&self) -> Option<usize> {
        match *self {
            Op::Convolution { out_channels, .. } | Op::TransposedConvolution { out_channels, .. } => Some(out_channels),
            Op::Linear { out_features, .. } => Some(out_features),
            Op::ScaleShift { channels } => Some(channels),
            _ => None,
        }
    }

    /// All sizes that it names.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        match *self {
            Op::Convolution { in_channels, out_channels, groups, window } => {
                [vec![in_channels, out_channels, groups], window.sizes()].concat()
            }
            Op::TransposedConvolution {
                in_channels,
                out_channels,
                kernel,
                stride,
                padding,
                output_padding: [a, b],
            } => {
                vec![in_channels, out_channels, kernel, stride, padding, a, b]
            }
            Op::Linear { in_features, out_features } => vec![in_features, out_features],
            Op::ScaleShift { channels } => vec![channels],
            Op::Constant { ref shape } | Op::Reshape { ref shape } | Op::Broadcast { ref shape } => shape.clone(),
            Op::AveragePool { window, counted } => [window.sizes(), counted.concat()].concat(),
            Op::MaxPool { window } => window.sizes(),
            Op::Upsample { size, to: [rows, columns] } => vec![size, rows, columns],
            Op::LocalResponse { size, .. } => vec![size],
            Op::Pad { ref before, ref behind, .. } => [&before[..], behind].concat(),
            _ => Vec::new(),
        }
    }
}

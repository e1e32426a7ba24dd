//! [`Spec`]: what a network computes, node by node. It is the one place where the layers of a network stand.
//!
//! From it follow the shapes of all values ([`Spec::shapes`]), the names, shapes and order of the parameters
//! ([`Layout`](crate::Layout)), and candle's graph ([`Graph`](crate::Graph)). It is plain data, which serde takes to JSON
//! and back. It holds no weights, and knows neither a device nor a batch: every shape is that of one image.

use serde::{Deserialize, Serialize};

/// A network: what goes in, the nodes in the order in which they are computed, and which values come out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The values that are given.
    pub inputs: Vec<Input>,
    /// The values that are computed, each from earlier ones.
    pub nodes: Vec<Node>,
    /// Names of the values that are the result.
    pub outputs: Vec<String>,
}

/// A value that is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What nodes call it.
    pub name: String,
    /// `[channels, rows, columns]` of an image, `[features]` of a vector.
    pub shape: Vec<usize>,
}

/// A value that is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What later nodes call it. The parameters of its op are called `name.weight` and `name.bias`.
    pub name: String,
    /// How it is computed.
    pub op: Op,
    /// Names of the values that the op is applied to.
    pub operands: Vec<String>,
}

/// What a node does. Those with parameters say all of their sizes, so that the parameters' shapes follow from the op alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// PyTorch's `Conv2d` of a square kernel, with a bias.
    Convolution {
        /// Channels of the operand.
        in_channels: usize,
        /// Channels of the result.
        out_channels: usize,
        /// Rows and columns of the kernel.
        kernel: usize,
        /// Rows and columns from one position to the next.
        stride: usize,
        /// Rows and columns of zeros on each side.
        padding: usize,
        /// Rows and columns from one tap of the kernel to the next.
        dilation: usize,
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
    /// PyTorch's `Linear`, with a bias.
    Linear {
        /// Length of the operand, a vector.
        in_features: usize,
        /// Length of the result.
        out_features: usize,
    },
    /// The larger of each element and 0.
    Relu,
    /// The logistic function of each element.
    Sigmoid,
    /// All elements as one vector, the last dimension fastest.
    Flatten,
    /// The same elements in another shape.
    Reshape {
        /// That shape.
        shape: Vec<usize>,
    },
    /// The operands one behind the other along their first dimension.
    Concatenate,
    /// The sum of two operands of one shape.
    Add,
    /// The mean of each channel over all rows and columns, a vector.
    GlobalAverage,
    /// The mean of each block of `size` rows and columns; at the end blocks may be smaller (PyTorch's `AvgPool2d` with
    /// `ceil_mode`).
    AveragePool {
        /// Rows and columns of a block.
        size: usize,
    },
    /// Every pixel as a block of `size` rows and columns, of which so many are kept.
    Upsample {
        /// Rows and columns of a block.
        size: usize,
        /// Rows and columns of the result.
        to: [usize; 2],
    },
}

impl Op {
    /// PyTorch's shape of its weight, if it has one. A transposed convolution stores (in, out, rows, columns).
    pub(crate) fn weights(&self) -> Vec<usize> {
        match *self {
            Op::Convolution { in_channels, out_channels, kernel, .. } => {
                vec![out_channels, in_channels, kernel, kernel]
            }
            Op::TransposedConvolution { in_channels, out_channels, kernel, .. } => {
                vec![in_channels, out_channels, kernel, kernel]
            }
            Op::Linear { in_features, out_features } => vec![out_features, in_features],
            _ => Vec::new(),
        }
    }

    /// All numbers that it names.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        match *self {
            Op::Convolution { in_channels, out_channels, kernel, stride, padding, dilation } => {
                vec![in_channels, out_channels, kernel, stride, padding, dilation]
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
            Op::Reshape { ref shape } => shape.clone(),
            Op::AveragePool { size } => vec![size],
            Op::Upsample { size, to: [rows, columns] } => vec![size, rows, columns],
            Op::Relu | Op::Sigmoid | Op::Flatten | Op::Concatenate | Op::Add | Op::GlobalAverage => Vec::new(),
        }
    }
}

impl Spec {
    /// A network that is given these values and computes nothing yet.
    #[must_use]
    pub fn new(inputs: &[(&str, &[usize])]) -> Self {
        let input = |&(name, shape): &(&str, &[usize])| Input { name: name.to_owned(), shape: shape.to_vec() };
        Self { inputs: inputs.iter().map(input).collect(), nodes: Vec::new(), outputs: Vec::new() }
    }

    /// Appends a node; its name is for the operands of later ones.
    pub fn add(&mut self, name: impl Into<String>, op: Op, operands: &[&str]) -> String {
        let name = name.into();
        let operands = operands.iter().map(|&operand| operand.to_owned()).collect();
        self.nodes.push(Node { name: name.clone(), op, operands });
        name
    }

    /// The names of all values: those that are given, then those that are computed, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| &input.name[..]).chain(self.nodes.iter().map(|node| &node.name[..]))
    }
}

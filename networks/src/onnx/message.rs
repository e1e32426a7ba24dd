//! The messages of an ONNX file (onnx.proto) as far as a network needs them. They lend their names and bytes from the file.

use super::wire::Wire;

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Model<'a> {
    pub(super) producer: [&'a str; 2],
    /// Domain and version.
    pub(super) opsets: Vec<(&'a str, i64)>,
    pub(super) graph: Option<Graph<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initializers: Vec<Stored<'a>>,
    pub(super) inputs: Vec<Declared<'a>>,
    pub(super) outputs: Vec<Declared<'a>>,
    /// Whether it has sparse initializers.
    pub(super) is_sparse: bool,
}

#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) operator: &'a str,
    pub(super) domain: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) float: Option<f32>,
    pub(super) integer: Option<i64>,
    pub(super) text: Option<&'a [u8]>,
    pub(super) tensor: Option<Stored<'a>>,
    pub(super) graph: Option<Box<Graph<'a>>>,
    pub(super) floats: Vec<f32>,
    pub(super) integers: Vec<i64>,
}

/// A tensor, not yet decoded.
#[derive(Debug, Default, Clone)]
pub(super) struct Stored<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<i64>,
    /// `TensorProto.DataType`.
    pub(super) kind: i64,
    pub(super) raw: Option<&'a [u8]>,
    /// Values in a field of their type: its number, and what it holds.
    pub(super) typed: Vec<(u64, Wire<'a>)>,
    /// Key and value of what says where the data lie in another file.
    pub(super) external: Vec<(&'a str, &'a str)>,
    pub(super) is_external: bool,
    pub(super) is_segment: bool,
}

/// Name and type of an input or output.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind<'a>,
}

#[derive(Debug, Default)]
pub(super) enum Kind<'a> {
    /// `TensorProto.DataType`, and each dimension if the shape is said.
    Tensor(i64, Option<Vec<Dimension<'a>>>),
    /// Of this name.
    Other(&'static str),
    #[default]
    Unsaid,
}

/// A dimension: a number, or a name for one that is not fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension<'a> {
    Fixed(i64),
    Named(&'a str),
}

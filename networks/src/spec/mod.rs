//! [`Spec`]: what a network computes, node by node. It is the one place where the layers of a network stand.
//!
//! From it follow the shapes of all values ([`Spec::shapes`]), the names, shapes and order of the parameters
//! ([`Layout`](crate::Layout)), and candle's graph ([`Graph`](crate::Graph)). It is plain data, which serde takes to JSON
//! and back. It holds no weights, and knows neither a device nor a batch: every shape is that of one image.

mod function;
mod op;
mod window;

use serde::{Deserialize, Serialize};

pub use function::{Function, Pairwise, Reduction};
pub use op::{Fill, Op};
pub use window::Window;

/// A network: what goes in, the nodes in the order in which they are computed, and which values come out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// What later nodes call it. The parameters of its op are called `name.weight` and `name.bias`.
    pub name: String,
    /// How it is computed.
    pub op: Op,
    /// Names of the values that the op is applied to.
    pub operands: Vec<String>,
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

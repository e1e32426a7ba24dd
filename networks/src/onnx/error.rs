//! [`OnnxError`]: why there is no network to be had from an ONNX file, in one line.

/// What an ONNX file, or its owner, would have to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
    /// The bytes are none, or not all of one.
    #[error("not an ONNX file that can be read: {0}")]
    File(String),
    /// The input is no image.
    #[error("its input: {0}")]
    Input(String),
    /// The output is not the logits of classes.
    #[error("its output: {0}")]
    Output(String),
    /// A tensor of the file cannot be had.
    #[error("tensor {name}: {reason}")]
    Tensor {
        /// What the file calls it.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nodes do not make a graph.
    #[error("its graph: {0}")]
    Graph(String),
    /// Operators that are not known, all of them.
    #[error("operators that are not supported: {}; `onnx::operators` lists those that are", listed(.0))]
    Unsupported(Vec<Unsupported>),
    /// A node cannot be computed.
    #[error("node {node} ({operator}): {reason}")]
    Node {
        /// What the file calls the node, or else its first output.
        node: String,
        /// Its operator.
        operator: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The network is larger than may be.
    #[error("{0}")]
    Size(String),
}

/// An operator that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Its name, with its domain if that is not ONNX's own.
    pub operator: String,
    /// How many nodes have it.
    pub count: usize,
    /// The first of them.
    pub node: String,
}

fn listed(operators: &[Unsupported]) -> String {
    let one = |Unsupported { operator, count, node }: &Unsupported| format!("{operator} ({count}, first {node})");
    operators.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A name from the file, as it may stand in a line: short, without control characters.
pub(super) fn plain(name: &str) -> String {
    let clean: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() { clean + "..." } else { clean }
}

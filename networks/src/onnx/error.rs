//! [`OnnxError`]: why there is no network to be had from an ONNX file, in one line.

/// Operators in one line.
const LISTED: usize = 40;
/// Letters of a reason.
const LONGEST: usize = 400;

/// What an ONNX file, or its owner, would have to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
    /// The bytes are none, or not all of one.
    #[error("not an ONNX file that can be read: {0}")]
    File(String),
    /// The input is no image.
    #[error("its input: {0}")]
    Input(String),
    /// The input is an image whose size the file leaves open, and nobody says it.
    #[error("its input: {0}")]
    OpenSize(String),
    /// The output is not the logits of classes.
    #[error("its output: {0}")]
    Output(String),
    /// There are several outputs, or none of the name that was asked for.
    #[error("its output: {0}")]
    OutputChoice(String),
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
    // A file may invent any number.
    let more = operators.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("{more} more"));
    operators.iter().take(LISTED).map(one).chain(more).collect::<Vec<_>>().join(", ")
}

/// A reason that fits into a line.
pub(super) fn short(reason: String) -> String {
    if reason.chars().nth(LONGEST).is_none() {
        reason
    } else {
        reason.chars().take(LONGEST).chain("...".chars()).collect()
    }
}

/// A name from the file, as it may stand in a line: short, without control characters.
pub(super) fn plain(name: &str) -> String {
    let clean: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() { clean + "..." } else { clean }
}

//! Names of operators, and the refusal of those that are not known: all of them in one error.

use std::collections::HashMap;

use super::error::{OnnxError, Unsupported, plain};
use super::message::Node;
use super::operators::{IF, lower};

/// Whether a domain is ONNX's own.
pub(super) fn is_own(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// A node's operator, with its domain if that is not ONNX's own.
pub(super) fn full_name(node: &Node) -> String {
    if is_own(node.domain) { plain(node.operator) } else { format!("{}.{}", plain(node.domain), plain(node.operator)) }
}

/// An error if any of these nodes cannot be lowered.
pub(super) fn refuse_unsupported<'g, 'f: 'g>(nodes: impl Iterator<Item = &'g Node<'f>>) -> Result<(), OnnxError> {
    let mut unknown: Vec<Unsupported> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let is_known = |node: &Node| is_own(node.domain) && (node.operator == IF || lower(node.operator).is_some());
    for node in nodes.filter(|node| !is_known(node)) {
        let operator = full_name(node);
        let place = *places.entry(operator.clone()).or_insert(unknown.len());
        match unknown.get_mut(place) {
            Some(found) => found.count += 1,
            None => unknown.push(Unsupported { operator, count: 1, node: plain(node.label()) }),
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(OnnxError::Unsupported(unknown)) }
}

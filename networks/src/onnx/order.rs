//! Which nodes of a graph an output needs, in an order in which they can be computed.

use std::collections::{HashMap, HashSet};

use super::error::{OnnxError, plain};
use super::message::Graph;

/// Places of the nodes that the output needs, each behind those that it reads.
pub(super) fn order(graph: &Graph, output: &str) -> Result<Vec<usize>, OnnxError> {
    let wrong = |reason: String| OnnxError::Graph(reason);
    let mut makers: HashMap<&str, usize> = HashMap::new();
    let given: HashSet<&str> = graph
        .initializers
        .iter()
        .map(|stored| stored.name)
        .chain(graph.inputs.iter().map(|input| input.name))
        .collect();
    for (at, node) in graph.nodes.iter().enumerate() {
        for &value in node.outputs.iter().filter(|value| !value.is_empty()) {
            if given.contains(value) || makers.insert(value, at).is_some() {
                return Err(wrong(format!("the value {} is made twice", plain(value))));
            }
        }
    }
    let Some(&last) = makers.get(output) else {
        return if given.contains(output) {
            Ok(Vec::new())
        } else {
            Err(wrong(format!("no node makes its output {}", plain(output))))
        };
    };
    let mut order = Vec::new();
    let mut states = vec![State::New; graph.nodes.len()];
    // Nodes that wait for others, and how many of their operands are looked at.
    let mut waiting = vec![(last, 0)];
    states[last] = State::Waiting;
    while let Some((at, seen)) = waiting.last_mut() {
        let node = &graph.nodes[*at];
        let Some(&operand) = node.inputs.get(*seen) else {
            states[*at] = State::Done;
            order.push(*at);
            waiting.pop();
            continue;
        };
        *seen += 1;
        match makers.get(operand) {
            Some(&maker) if states[maker] == State::New => {
                states[maker] = State::Waiting;
                waiting.push((maker, 0));
            }
            Some(&maker) if states[maker] == State::Waiting => {
                let (node, other) = (plain(node.label()), plain(graph.nodes[maker].label()));
                return Err(wrong(format!(
                    "it goes in a circle: node {node} reads what node {other} makes, and the other way round"
                )));
            }
            Some(_) => {}
            None if operand.is_empty() || given.contains(operand) => {}
            None => {
                let (node, operand) = (plain(node.label()), plain(operand));
                return Err(wrong(format!(
                    "node {node} reads the value {operand}, which is neither computed nor stored"
                )));
            }
        }
    }
    Ok(order)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Waiting,
    Done,
}

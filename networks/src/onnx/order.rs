//! Which nodes of a graph its outputs need, in an order in which they can be computed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::error::{OnnxError, plain};
use super::message::{Graph, Node};

/// The values that a node reads: its operands, and what graphs inside of it read of those around them.
pub(super) fn reads<'g, 'f>(node: &'g Node<'f>) -> Cow<'g, [&'f str]> {
    let graphs: Vec<&Graph> = node.attributes.iter().filter_map(|attribute| attribute.graph.as_deref()).collect();
    if graphs.is_empty() {
        return Cow::Borrowed(&node.inputs);
    }
    let mut read = node.inputs.clone();
    for graph in graphs {
        let made: HashSet<&str> = graph
            .nodes
            .iter()
            .flat_map(|node| node.outputs.iter().copied())
            .chain(graph.initializers.iter().map(|stored| stored.name))
            .collect();
        let inside = graph.nodes.iter().flat_map(|node| reads(node).into_owned());
        let all = inside.chain(graph.outputs.iter().map(|output| output.name));
        read.extend(all.filter(|name| !made.contains(name)));
    }
    Cow::Owned(read)
}

/// Places of the nodes that the outputs need, each behind those that it reads. `is_around`: which values the graphs around this one make.
pub(super) fn order(
    graph: &Graph,
    outputs: &[&str],
    is_around: impl Fn(&str) -> bool,
) -> Result<Vec<usize>, OnnxError> {
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
    let is_given = |name: &str| given.contains(name) || is_around(name);
    let mut order = Vec::new();
    let mut states = vec![State::New; graph.nodes.len()];
    for &output in outputs {
        match makers.get(output) {
            Some(&last) => visit(graph, &makers, &is_given, last, &mut states, &mut order).map_err(wrong)?,
            None if is_given(output) => {}
            None => return Err(wrong(format!("no node makes its output {}", plain(output)))),
        }
    }
    Ok(order)
}

/// Appends a node, and before it those that it needs, unless they are there.
fn visit(
    graph: &Graph,
    makers: &HashMap<&str, usize>,
    is_given: &dyn Fn(&str) -> bool,
    last: usize,
    states: &mut [State],
    order: &mut Vec<usize>,
) -> Result<(), String> {
    if states[last] == State::Done {
        return Ok(());
    }
    // Nodes that wait for others, what they read, and how much of that is looked at.
    let mut waiting = vec![(last, reads(&graph.nodes[last]), 0)];
    states[last] = State::Waiting;
    while let Some((at, read, seen)) = waiting.last_mut() {
        let node = &graph.nodes[*at];
        let Some(&operand) = read.get(*seen) else {
            states[*at] = State::Done;
            order.push(*at);
            waiting.pop();
            continue;
        };
        *seen += 1;
        match makers.get(operand) {
            Some(&maker) if states[maker] == State::New => {
                states[maker] = State::Waiting;
                waiting.push((maker, reads(&graph.nodes[maker]), 0));
            }
            Some(&maker) if states[maker] == State::Waiting => {
                let (node, other) = (plain(node.label()), plain(graph.nodes[maker].label()));
                return Err(format!(
                    "it goes in a circle: node {node} reads what node {other} makes, and the other way round"
                ));
            }
            Some(_) => {}
            None if operand.is_empty() || is_given(operand) => {}
            None => {
                let (node, operand) = (plain(node.label()), plain(operand));
                return Err(format!("node {node} reads the value {operand}, which is neither computed nor stored"));
            }
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Waiting,
    Done,
}

//! [`Nodes`]: the values of a file, and its nodes as steps of a draft, graph by graph.
//!
//! Of an `If` whose condition does not depend on the image one branch becomes steps, and the other is not looked at.

use std::collections::HashMap;

use super::budget::Budget;
use super::call::{Call, Value};
use super::draft::Draft;
use super::error::{OnnxError, plain, short};
use super::message::{Graph, Node, Stored};
use super::operators::{IF, lower};
use super::order::order;
use super::stored::Decoder;
use super::unsupported::refuse_unsupported;

/// What has a name in a graph.
#[derive(Default)]
struct Scope<'g, 'f> {
    /// Values so far.
    known: HashMap<&'f str, Value>,
    stored: HashMap<&'f str, &'g Stored<'f>>,
}

/// The values of a file so far, and what is made of them.
pub(super) struct Nodes<'g, 'f> {
    pub(super) draft: Draft,
    pub(super) decoder: Decoder<'f>,
    pub(super) budget: Budget,
    pub(super) opset: i64,
    /// The batch that the file fixes, where that is more than one image.
    pub(super) batch: Option<usize>,
    /// Those of the file's own graph, then of each graph inside of it.
    scopes: Vec<Scope<'g, 'f>>,
}

impl<'g, 'f> Nodes<'g, 'f> {
    pub(super) fn new(draft: Draft, decoder: Decoder<'f>, budget: Budget, opset: i64, batch: Option<usize>) -> Self {
        Self { draft, decoder, budget, opset, batch, scopes: Vec::new() }
    }

    /// Goes into a graph, of which these values are known.
    pub(super) fn enter(
        &mut self,
        graph: &'g Graph<'f>,
        given: impl IntoIterator<Item = (&'f str, Value)>,
    ) -> Result<(), OnnxError> {
        let mut scope = Scope { known: given.into_iter().collect(), ..Scope::default() };
        if graph.is_sparse {
            return Err(OnnxError::Graph("sparse initializers, which are not supported".to_owned()));
        }
        for tensor in &graph.initializers {
            if scope.stored.insert(tensor.name, tensor).is_some() {
                return Err(OnnxError::Graph(format!("two initializers are called {}", plain(tensor.name))));
            }
        }
        self.scopes.push(scope);
        Ok(())
    }

    /// Makes steps of the nodes at these places of the graph that was entered last.
    pub(super) fn lower(&mut self, graph: &'g Graph<'f>, places: &[usize]) -> Result<(), OnnxError> {
        for node in places.iter().map(|&at| &graph.nodes[at]) {
            let made = if node.operator == IF { self.branch(node)? } else { self.steps(node)? };
            if let Some(scope) = self.scopes.last_mut() {
                scope.known.extend(node.outputs.iter().copied().zip(made));
            }
        }
        Ok(())
    }

    /// The value of this name, none if it has none or its node did not make it. A stored one is decoded when it is first asked for.
    pub(super) fn value(&mut self, name: &str) -> Result<Option<Value>, OnnxError> {
        for Scope { known, stored } in self.scopes.iter_mut().rev() {
            if let Some(value) = known.get(name) {
                return Ok(Some(value.clone()));
            }
            if let Some(&stored) = stored.get(name) {
                let wrong = |reason| OnnxError::Tensor { name: plain(name), reason: short(reason) };
                let value = Value::known(self.decoder.decode(stored, &mut self.budget).map_err(wrong)?);
                known.insert(stored.name, value.clone());
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The values that a node makes.
    fn steps(&mut self, node: &Node<'f>) -> Result<Vec<Value>, OnnxError> {
        let operands = node.inputs.iter().map(|&name| self.value(name)).collect::<Result<Vec<_>, _>>()?;
        let Some(lower) = lower(node.operator) else { return Ok(Vec::new()) };
        let Self { draft, decoder, budget, opset, batch, .. } = self;
        draft.label = node.label().into();
        let mut call = Call { node, operands, draft, budget, decoder, opset: *opset, batch: *batch };
        lower(&mut call).map_err(|reason| wrong(node, reason))
    }

    /// The values that the branch of an `If` gives which its condition chooses.
    fn branch(&mut self, node: &'g Node<'f>) -> Result<Vec<Value>, OnnxError> {
        let condition = node.inputs.first().map(|&name| self.value(name)).transpose()?.flatten();
        let name = match condition.as_ref().map(Value::tensor) {
            Some(Some(tensor)) if tensor.len() == 1 && tensor.float(0) == 0.0 => "else_branch",
            Some(Some(tensor)) if tensor.len() == 1 => "then_branch",
            Some(None) => return Err(wrong(node, "its condition depends on the image".to_owned())),
            _ => return Err(wrong(node, "its condition is not one value".to_owned())),
        };
        let graph = node.attribute(name).and_then(|attribute| attribute.graph.as_deref());
        let graph = graph.ok_or_else(|| wrong(node, format!("it has no {name}")))?;
        let outputs: Vec<&str> = graph.outputs.iter().map(|output| output.name).collect();
        let order = order(graph, &outputs, |name| {
            self.scopes.iter().any(|scope| scope.known.contains_key(name) || scope.stored.contains_key(name))
        })?;
        refuse_unsupported(order.iter().map(|&at| &graph.nodes[at]))?;
        self.enter(graph, [])?;
        self.lower(graph, &order)?;
        let made = outputs.iter().map(|&name| self.value(name)).collect::<Result<Option<Vec<_>>, _>>()?;
        self.scopes.pop();
        made.ok_or_else(|| wrong(node, format!("its {name} gives an output that its node does not have here")))
    }
}

fn wrong(node: &Node, reason: String) -> OnnxError {
    OnnxError::Node { node: plain(node.label()), operator: plain(node.operator), reason: short(reason) }
}

//! The shape of every value of a [`Spec`], which is also the check that its nodes fit together.

mod result;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::spec::Spec;
use result::MOST;
pub(crate) use result::result;

/// A [`Spec`] whose nodes do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value}: {reason}")]
pub struct SpecError {
    /// Name of the value that cannot be.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Spec {
    /// The shape of every value, in the order of [`Spec::names`].
    ///
    /// # Errors
    /// [`SpecError`]: of the first value whose name is taken, whose operands are not there before it or do not suit its op, or
    /// which would have no element; or of an output that is not there.
    pub fn shapes(&self) -> Result<Vec<Vec<usize>>, SpecError> {
        let names: Vec<&str> = self.names().collect();
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(names.len());
        let mut shapes: Vec<Vec<usize>> = Vec::with_capacity(names.len());
        for (at, &name) in names.iter().enumerate() {
            let wrong = |reason: String| SpecError { value: name.to_owned(), reason };
            let shape = match at.checked_sub(self.inputs.len()).map(|node| &self.nodes[node]) {
                None => self.inputs[at].shape.clone(),
                Some(node) => {
                    let shape = |operand: &String| match places.get(&operand[..]) {
                        Some(&place) => Ok(&shapes[place][..]),
                        None => Err(wrong(format!("there is no value {operand} before it"))),
                    };
                    let operands = node.operands.iter().map(shape).collect::<Result<Vec<_>, _>>()?;
                    result(&node.op, &operands).map_err(wrong)?
                }
            };
            if places.insert(name, at).is_some() {
                return Err(wrong("two values have this name".to_owned()));
            }
            let elements = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
            if shape.is_empty() || elements.is_none_or(|elements| elements == 0 || elements > MOST) {
                return Err(wrong(format!("a value of shape {shape:?}")));
            }
            shapes.push(shape);
        }
        match self.outputs.iter().find(|output| !places.contains_key(&output[..])) {
            Some(output) => Err(SpecError { value: output.clone(), reason: "there is no such value".to_owned() }),
            None => Ok(shapes),
        }
    }
}

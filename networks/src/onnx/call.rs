//! [`Call`]: one node of the file, its operands, and what it needs to become steps of the draft.

use std::rc::Rc;

use super::budget::Budget;
use super::draft::{Draft, Id};
use super::emit::{add, inner, is_inner, viewed};
use super::evaluate::evaluate;
use super::message::{Node, Stored};
use super::stored::Decoder;
use super::tensor::Tensor;
use crate::shapes::result;
use crate::spec::Op;

/// A value of the file.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// It does not depend on the image.
    Known(Rc<Tensor>),
    /// It does.
    Computed(Computed),
    /// Whether a value that does is above a number.
    Above(Computed, f32),
}

/// A value that depends on the image: a value of the draft, and the shape that the file gives it, for a batch of one.
#[derive(Debug, Clone)]
pub(super) struct Computed {
    pub(super) id: Id,
    pub(super) shape: Vec<usize>,
}

impl Value {
    /// A tensor that is known.
    pub(super) fn known(tensor: Tensor) -> Self {
        Value::Known(Rc::new(tensor))
    }

    /// Its shape, for a batch of one.
    pub(super) fn shape(&self) -> &[usize] {
        match self {
            Value::Known(tensor) => &tensor.shape,
            Value::Computed(computed) | Value::Above(computed, _) => &computed.shape,
        }
    }

    /// Its elements, if it is known.
    pub(super) fn tensor(&self) -> Option<&Rc<Tensor>> {
        if let Value::Known(tensor) = self { Some(tensor) } else { None }
    }
}

/// A node that is about to become steps.
pub(super) struct Call<'c, 'f> {
    pub(super) node: &'c Node<'f>,
    /// An operand that is left out is none.
    pub(super) operands: Vec<Option<Value>>,
    pub(super) draft: &'c mut Draft,
    pub(super) budget: &'c mut Budget,
    pub(super) decoder: &'c mut Decoder<'f>,
    pub(super) opset: i64,
    /// The batch that the file fixes, where that is more than one image.
    pub(super) batch: Option<usize>,
}

impl Call<'_, '_> {
    /// An operand, if the node has it.
    pub(super) fn given(&self, at: usize) -> Option<Value> {
        self.operands.get(at).cloned().flatten()
    }

    /// An operand that it must have.
    pub(super) fn value(&self, at: usize) -> Result<Value, String> {
        self.given(at).ok_or_else(|| format!("it has no input {at}"))
    }

    /// All operands.
    pub(super) fn all(&self) -> Result<Vec<Value>, String> {
        (0..self.operands.len()).map(|at| self.value(at)).collect()
    }

    /// An operand that must be known, if the node has it.
    pub(super) fn given_tensor(&self, at: usize) -> Result<Option<Rc<Tensor>>, String> {
        match self.given(at) {
            None => Ok(None),
            Some(Value::Known(tensor)) => Ok(Some(tensor)),
            Some(_) => Err(format!("its input {at} depends on the image, and only a constant is supported")),
        }
    }

    /// An operand that it must have and that must be known.
    pub(super) fn tensor(&self, at: usize) -> Result<Rc<Tensor>, String> {
        self.given_tensor(at)?.ok_or_else(|| format!("it has no input {at}"))
    }

    /// The integers of an operand, or of an attribute of older versions.
    pub(super) fn integers(&self, at: usize, attribute: &str) -> Result<Option<Vec<i64>>, String> {
        match self.given_tensor(at)? {
            Some(tensor) => tensor.to_integers().map(|integers| Some(integers.to_vec())),
            None => Ok(self.node.integers(attribute).map(<[i64]>::to_vec)),
        }
    }

    /// An operand as a value of the draft.
    pub(super) fn computed(&mut self, at: usize) -> Result<Computed, String> {
        let value = self.value(at)?;
        self.drafted(&value)
    }

    /// A value as one of the draft.
    pub(super) fn drafted(&mut self, value: &Value) -> Result<Computed, String> {
        match value {
            Value::Computed(computed) => Ok(computed.clone()),
            Value::Above(..) => Err("a comparison, where values of the network are expected".to_owned()),
            Value::Known(tensor) if !tensor.is_float() => {
                Err("integers, where values of the network are expected".to_owned())
            }
            Value::Known(tensor) => {
                let op = Op::Constant { shape: inner(&tensor.shape) };
                let id = self.draft.push(op, &[], vec![tensor.clone()])?;
                Ok(Computed { id, shape: tensor.shape.clone() })
            }
        }
    }

    /// Appends an op without parameters, or what is simpler.
    pub(super) fn add(&mut self, op: Op, operands: &[Id]) -> Result<Id, String> {
        add(self.draft, op, operands)
    }

    /// A value of the draft with all dimensions of the file's.
    pub(super) fn whole(&mut self, computed: &Computed) -> Result<Id, String> {
        let shape = if computed.shape.is_empty() { &[1][..] } else { &computed.shape };
        viewed(self.draft, computed.id, shape)
    }

    /// A value of the draft as one of the file of this shape.
    pub(super) fn finish(&mut self, id: Id, shape: Vec<usize>) -> Result<Vec<Value>, String> {
        let id = viewed(self.draft, id, &inner(&shape))?;
        Ok(vec![Value::Computed(Computed { id, shape })])
    }

    /// An op that moves elements, said for all dimensions of the file's values, of values that are known or not.
    pub(super) fn moved(&mut self, op: Op, values: &[Value]) -> Result<Value, String> {
        let tensors: Option<Vec<&Tensor>> = values.iter().map(|value| value.tensor().map(|tensor| &**tensor)).collect();
        if let Some(tensors) = tensors
            && let Some(tensor) = evaluate(&op, &tensors, self.budget)?
        {
            return Ok(Value::known(tensor));
        }
        let shapes: Vec<&[usize]> = values.iter().map(Value::shape).collect();
        let shape = result(&op, &shapes)?;
        let is_view = matches!(op, Op::Reshape { .. } | Op::Flatten);
        let inside = shapes.iter().chain([&&shape[..]]).all(|shape| is_inner(shape)).then(|| below(&op)).flatten();
        let operands = values.iter().map(|value| self.drafted(value)).collect::<Result<Vec<_>, _>>()?;
        let id = match inside {
            _ if is_view => operands[0].id,
            Some(op) => self.add(op, &operands.iter().map(|operand| operand.id).collect::<Vec<_>>())?,
            None => {
                let operands = operands.iter().map(|operand| self.whole(operand)).collect::<Result<Vec<_>, _>>()?;
                self.add(op, &operands)?
            }
        };
        let id = viewed(self.draft, id, &inner(&shape))?;
        Ok(Value::Computed(Computed { id, shape }))
    }

    /// A tensor in an attribute.
    pub(super) fn decoded(&mut self, stored: &Stored) -> Result<Tensor, String> {
        self.decoder.decode(stored, self.budget)
    }
}

/// A moving op of all dimensions as one of all but the first, which it leaves alone.
fn below(op: &Op) -> Option<Op> {
    Some(match op {
        Op::Transpose { order } if order[0] == 0 => {
            Op::Transpose { order: order[1..].iter().map(|&axis| axis - 1).collect() }
        }
        Op::Select { axis, indices } if *axis > 0 => Op::Select { axis: axis - 1, indices: indices.clone() },
        Op::Broadcast { shape } => Op::Broadcast { shape: shape[1..].to_vec() },
        Op::Concatenate { axis } if *axis > 0 => Op::Concatenate { axis: axis - 1 },
        Op::Pad { before, behind, fill } if before[0] == 0 && behind[0] == 0 => {
            Op::Pad { before: before[1..].to_vec(), behind: behind[1..].to_vec(), fill: *fill }
        }
        _ => return None,
    })
}

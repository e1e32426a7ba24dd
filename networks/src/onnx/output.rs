//! From what a network gives to logits: probabilities are undone, and a lone one becomes two classes.

use std::rc::Rc;

use super::call::Value;
use super::draft::{Draft, Id};
use super::emit::viewed;
use super::tensor::Tensor;
use crate::spec::{Function, Op};

/// The logits, a vector, and what was done to have them.
pub(super) fn logits(draft: &mut Draft, value: &Value) -> Result<(Id, Vec<String>), String> {
    let Value::Computed(computed) = value else { return Err("it does not depend on the image".to_owned()) };
    let classes: usize = computed.shape.iter().product();
    if computed.shape.is_empty() || computed.shape.iter().filter(|&&size| size != 1).count() > 1 {
        return Err(format!("its shape is {:?}, and logits are (batch, classes)", computed.shape));
    }
    draft.label = "logits".into();
    let mut notes = Vec::new();
    if computed.shape.len() > 2 {
        notes.push(format!("The output of shape {:?} is taken as {classes} logits.", computed.shape));
    }
    let end = behind_views(draft, computed.id);
    if let Some(z) = both_probabilities(draft, end) {
        notes.push("A probability and its complement at the end became the logits 0 and z of two classes.".to_owned());
        return Ok((two_classes(draft, z)?, notes));
    }
    let (logits, is_probability) = match draft.op(end) {
        Some((&Op::Softmax { axis }, &[x])) if draft.shape(x)[axis] == classes => {
            notes.push("A final Softmax was cut off: its operand is the logits.".to_owned());
            (x, false)
        }
        Some((Op::Function(Function::Logarithm), &[x])) => match draft.op(behind_views(draft, x)) {
            Some((&Op::Softmax { axis }, &[x])) if draft.shape(x)[axis] == classes => {
                notes.push("A final LogSoftmax was cut off: its operand is the logits.".to_owned());
                (x, false)
            }
            _ => (end, false),
        },
        Some((Op::Sigmoid, &[x])) => (x, true),
        _ => (end, false),
    };
    if classes == 1 {
        notes.push(match is_probability {
            true => "One sigmoid at the end became two classes, with the logits 0 and its operand z.".to_owned(),
            false => "The single output is taken as z: two classes with the logits 0 and z.".to_owned(),
        });
        return Ok((two_classes(draft, logits)?, notes));
    }
    if is_probability {
        notes.push(format!("{classes} final sigmoids were cut off: their operands are taken as logits."));
    }
    Ok((viewed(draft, logits, &[classes])?, notes))
}

/// `[0, z]`, whose softmax is the logistic function of `-z` and of `z`.
fn two_classes(draft: &mut Draft, z: Id) -> Result<Id, String> {
    let z = viewed(draft, z, &[1])?;
    let weight = Rc::new(Tensor::floats(vec![0.0, 1.0]));
    draft.push(Op::Linear { in_features: 1, out_features: 2 }, &[z], vec![weight, Tensor::same(&[2], 0.0).into()])
}

/// The `z` of `[1 - sigmoid(z), sigmoid(z)]`, as scikit-learn's two classes end.
fn both_probabilities(draft: &Draft, end: Id) -> Option<Id> {
    let (Op::Concatenate { .. }, &[no, yes]) = draft.op(end)? else { return None };
    let (Op::Sigmoid, &[z]) = draft.op(behind_views(draft, yes))? else { return None };
    let complement = draft.op(behind_views(draft, no))?;
    let (Op::Function(Function::Affine { scale: -1.0, shift: 1.0 }), &[of]) = complement else { return None };
    let is_one = draft.shape(z).iter().all(|&size| size == 1);
    (is_one && behind_views(draft, of) == behind_views(draft, yes)).then_some(z)
}

fn behind_views(draft: &Draft, mut id: Id) -> Id {
    while let Some((Op::Reshape { .. } | Op::Flatten, &[before])) = draft.op(id) {
        id = before;
    }
    id
}

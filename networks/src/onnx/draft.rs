//! [`Draft`]: a network while it is made: steps that become the nodes of a [`Spec`](crate::Spec), each with its parameters.

use std::rc::Rc;

use super::budget::elements;
use super::tensor::Tensor;
use crate::shapes::result;
use crate::spec::Op;

/// The most parameters of a network: a gigabyte of floats.
const PARAMETERS: usize = 1 << 28;

/// The most steps: far more than any network has, and few enough for the budget.
const STEPS: usize = 1 << 17;

/// Place of a value: 0 is the image, those that are computed follow.
pub(super) type Id = usize;

/// A value that is computed.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// What the file calls the node that it comes from.
    pub(super) label: Rc<str>,
    pub(super) op: Op,
    pub(super) operands: Vec<Id>,
    /// Weight, and the bias if the op has one: as many elements as theirs, in whatever shape the file has them.
    pub(super) parameters: Vec<Rc<Tensor>>,
}

/// Steps, each of earlier ones, and the shape of every value for one image.
#[derive(Debug)]
pub(super) struct Draft {
    shapes: Vec<Vec<usize>>,
    steps: Vec<Step>,
    /// The label of the steps to come.
    pub(super) label: Rc<str>,
    parameters: usize,
}

impl Draft {
    /// An image and no step yet.
    pub(super) fn new(image: [usize; 3]) -> Self {
        Self { shapes: vec![image.to_vec()], steps: Vec::new(), label: "image".into(), parameters: 0 }
    }

    /// The shape of a value.
    pub(super) fn shape(&self, id: Id) -> &[usize] {
        &self.shapes[id]
    }

    /// How a value is computed, none for the image.
    pub(super) fn step(&self, id: Id) -> Option<&Step> {
        id.checked_sub(1).map(|at| &self.steps[at])
    }

    /// Its op and operands.
    pub(super) fn op(&self, id: Id) -> Option<(&Op, &[Id])> {
        self.step(id).map(|step| (&step.op, &step.operands[..]))
    }

    /// The shapes of all values, that of the image first, and all steps.
    pub(super) fn into_steps(self) -> (Vec<Vec<usize>>, Vec<Step>) {
        (self.shapes, self.steps)
    }

    /// Appends a step.
    pub(super) fn push(&mut self, op: Op, operands: &[Id], parameters: Vec<Rc<Tensor>>) -> Result<Id, String> {
        let shapes: Vec<&[usize]> = operands.iter().map(|&id| self.shape(id)).collect();
        let shape = result(&op, &shapes)?;
        if elements(&shape)? == 0 {
            return Err(format!("a value of shape {shape:?}"));
        }
        if self.steps.len() >= STEPS {
            return Err(format!("more than {STEPS} steps"));
        }
        if let Some(tensor) = parameters.iter().find(|tensor| !tensor.is_float()) {
            return Err(format!("a parameter of integers, of shape {:?}", tensor.shape));
        }
        self.parameters += parameters.iter().map(|tensor| tensor.len()).sum::<usize>();
        if self.parameters > PARAMETERS {
            return Err(format!("more than {PARAMETERS} parameters"));
        }
        self.shapes.push(shape);
        self.steps.push(Step { label: self.label.clone(), op, operands: operands.to_vec(), parameters });
        Ok(self.shapes.len() - 1)
    }
}

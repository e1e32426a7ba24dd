//! [`Tensor`]: a value that does not depend on the image.

use super::budget::{Budget, elements};

/// Shape and elements, the last dimension fastest. A scalar has no dimension.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) data: Data,
}

/// Elements; of doubles and half floats the f32, of booleans 0 or 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Floats(Vec<f32>),
    Integers(Vec<i64>),
    /// The same float everywhere: a file of a few bytes may say so of a gigabyte.
    Same(f32),
}

impl Tensor {
    /// A vector.
    pub(super) fn integers(values: Vec<i64>) -> Self {
        Self { shape: vec![values.len()], data: Data::Integers(values) }
    }

    /// A vector.
    pub(super) fn floats(values: Vec<f32>) -> Self {
        Self { shape: vec![values.len()], data: Data::Floats(values) }
    }

    /// The same everywhere.
    pub(super) fn same(shape: &[usize], value: f32) -> Self {
        Self { shape: shape.to_vec(), data: Data::Same(value) }
    }

    /// How many elements; a tensor is never made with more than there may be.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// What a copy of its elements costs.
    pub(super) fn cost(&self) -> usize {
        match &self.data {
            Data::Floats(values) => values.len(),
            Data::Integers(values) => 2 * values.len(),
            Data::Same(_) => 0,
        }
    }

    /// The same elements in another shape of as many.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), data: self.data.clone() }
    }

    /// Whether its elements are floats.
    pub(super) fn is_float(&self) -> bool {
        !matches!(self.data, Data::Integers(_))
    }

    /// All elements as floats.
    pub(super) fn to_floats(&self, budget: &mut Budget) -> Result<Vec<f32>, String> {
        budget.take(self.len())?;
        Ok(self.each_float().collect())
    }

    /// Element by element.
    pub(super) fn each_float(&self) -> impl Iterator<Item = f32> + '_ {
        (0..self.len()).map(|at| self.float(at))
    }

    pub(super) fn float(&self, at: usize) -> f32 {
        match &self.data {
            Data::Floats(values) => values[at],
            Data::Integers(values) => values[at] as f32,
            Data::Same(value) => *value,
        }
    }

    /// All elements as integers, if they are.
    pub(super) fn to_integers(&self) -> Result<&[i64], String> {
        match &self.data {
            Data::Integers(values) => Ok(values),
            _ => Err(format!("floats of shape {:?}, where integers are expected", self.shape)),
        }
    }

    /// The float that all elements are.
    pub(super) fn uniform(&self) -> Option<f32> {
        match &self.data {
            Data::Same(value) => Some(*value),
            _ => {
                let first = (self.len() > 0).then(|| self.float(0))?;
                self.each_float().all(|value| value.to_bits() == first.to_bits()).then_some(first)
            }
        }
    }

    /// A tensor of this shape whose elements are those at these places.
    pub(super) fn gathered(
        &self,
        shape: Vec<usize>,
        places: impl Iterator<Item = usize>,
        budget: &mut Budget,
    ) -> Result<Self, String> {
        let count = elements(&shape)?;
        let data = match &self.data {
            Data::Same(value) => Data::Same(*value),
            Data::Floats(values) => {
                budget.take(count)?;
                Data::Floats(places.map(|place| values[place]).collect())
            }
            Data::Integers(values) => {
                budget.take(2 * count)?;
                Data::Integers(places.map(|place| values[place]).collect())
            }
        };
        Ok(Self { shape, data })
    }
}

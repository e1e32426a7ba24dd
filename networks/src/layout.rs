//! [`Layout`]: names, shapes and order of the parameters that [`Spec`]s ask for, and where each lies in one flat buffer.
//!
//! Shapes and order inside a tensor are PyTorch's; the names are those of a checkpoint.

use std::ops::Range;

use crate::spec::Spec;

/// A named tensor and its place in the flat buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Name in a checkpoint, such as `encoder.conv1.weight`.
    pub name: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// First element in the flat buffer.
    pub offset: usize,
    /// Inputs that one output sums over, as PyTorch counts them for the bound of initial weights.
    pub fan_in: usize,
}

impl Slot {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its elements in the flat buffer.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.len()
    }
}

/// The tensors of a network: weight, then bias, of each node that has them, in the order of the nodes. A constant has no bias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    tensors: Vec<Slot>,
}

impl Layout {
    /// The tensors of these networks, one network behind the other.
    #[must_use]
    pub fn of(specs: &[&Spec]) -> Self {
        let mut tensors = Vec::new();
        let mut offset = 0;
        for node in specs.iter().flat_map(|spec| &spec.nodes) {
            let Some(weight) = node.op.weight() else { continue };
            // PyTorch takes it from all dimensions but the first, also where the second is that of the outputs.
            let fan_in = weight.iter().skip(1).product();
            let bias = node.op.bias().map(|outputs| ("bias", vec![outputs]));
            for (suffix, shape) in [("weight", weight)].into_iter().chain(bias) {
                let slot = Slot { name: format!("{}.{suffix}", node.name), shape, offset, fan_in };
                offset += slot.len();
                tensors.push(slot);
            }
        }
        Self { tensors }
    }

    /// The tensors in order.
    #[must_use]
    pub fn tensors(&self) -> &[Slot] {
        &self.tensors
    }

    /// Weight and bias of the node of this name, if it has both.
    #[must_use]
    pub fn layer(&self, node: &str) -> Option<[&Slot; 2]> {
        let is_weight = |slot: &Slot| slot.name.strip_suffix(".weight") == Some(node);
        let at = self.tensors.iter().position(is_weight)?;
        let is_bias = |slot: &&Slot| slot.name.strip_suffix(".bias") == Some(node);
        Some([&self.tensors[at], self.tensors.get(at + 1).filter(is_bias)?])
    }

    /// Elements of the flat buffer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.iter().map(Slot::len).sum()
    }

    /// Whether there is no tensor.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }
}

//! The weights of a style-memory network ([`Parameters`]) in one flat buffer.
//!
//! One buffer makes the optimiser, gradient sums and the resumable state one loop each.

use candle_core::{Device, Result, Tensor};
use half::f16;
use rand::Rng;
use robust_attacks::random::stream;

use crate::layout::Layout;
use crate::style_memory_spec::StyleMemorySpec;

/// Values of a tensor from which on it counts as large.
const LARGE: usize = 1 << 18;

/// All weights of a network, f32.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    spec: StyleMemorySpec,
    layout: Layout,
    values: Vec<f32>,
}

impl Parameters {
    /// Every tensor zero.
    #[must_use]
    pub fn zeros(spec: StyleMemorySpec) -> Self {
        let layout = spec.layout();
        let values = vec![0.0; layout.len()];
        Self { spec, layout, values }
    }

    /// PyTorch's initial weights: uniform within `1 / sqrt(fan_in)`, weights and biases alike, drawn from the stream
    /// "init" of `seed`.
    #[must_use]
    pub fn random(spec: StyleMemorySpec, seed: u64) -> Self {
        let mut parameters = Self::zeros(spec);
        let mut rng = stream(seed, "init", &[]);
        for slot in parameters.layout.tensors() {
            let bound = 1.0 / (slot.fan_in as f32).sqrt();
            for value in &mut parameters.values[slot.range()] {
                *value = rng.random_range(-bound..bound);
            }
        }
        parameters
    }

    /// The network that they are the weights of.
    #[must_use]
    pub fn spec(&self) -> &StyleMemorySpec {
        &self.spec
    }

    /// Names, shapes and offsets.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The flat buffer.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The flat buffer, to be changed by an optimiser or a reader.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The weights with all tensors of 2^18 values and more rounded to the nearest f16: in the paper's network the two matrices between maps
    /// and vectors, nine tenths of all weights. A checkpoint stores such tensors in half of the place. A weight beyond f16's range, 65504,
    /// becomes infinite.
    #[must_use]
    pub fn with_half_matrices(mut self) -> Self {
        for slot in self.layout.tensors().iter().filter(|slot| slot.len() >= LARGE) {
            for value in &mut self.values[slot.range()] {
                *value = f16::from_f32(*value).to_f32();
            }
        }
        self
    }

    /// Each tensor as a slice, in the layout's order.
    pub fn slices(&self) -> impl Iterator<Item = &[f32]> {
        self.layout.tensors().iter().map(|slot| &self.values[slot.range()])
    }

    /// Each tensor on `device`, in the layout's order.
    ///
    /// # Errors
    /// If the device cannot hold them.
    pub fn tensors(&self, device: &Device) -> Result<Vec<Tensor>> {
        let slots = self.layout.tensors().iter().zip(self.slices());
        slots.map(|(slot, values)| Tensor::from_slice(values, slot.shape.as_slice(), device)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(classes: usize, seed: u64) -> Parameters {
        Parameters::random(StyleMemorySpec::paper(classes), seed)
    }

    #[test]
    fn large_matrices_keep_eleven_bits_and_the_others_all() {
        let mut parameters = random(3, 0);
        let in_fc1 =
            parameters.layout().tensors().iter().find(|slot| slot.name == "encoder.fc1.weight").unwrap().offset;
        for (value, rounded) in
            [(1.0 + 1.0 / 1024.0, 1.0 + 1.0 / 1024.0), (1.0 + 1.0 / 4096.0, 1.0), (-65504.0, -65504.0)]
        {
            parameters.values_mut()[in_fc1] = value;
            assert_eq!(parameters.clone().with_half_matrices().values()[in_fc1], rounded);
        }
        let half = parameters.clone().with_half_matrices();
        assert_eq!(half.clone().with_half_matrices(), half);
        let mut rounded = 0;
        for (slot, (before, after)) in half.layout().tensors().iter().zip(parameters.slices().zip(half.slices())) {
            let large = slot.len() > 100_000;
            assert_eq!(before != after, large, "{}", slot.name);
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= a.abs() / 2048.0 + 2_f32.powi(-25);
            assert!(before.iter().zip(after).all(near), "{}", slot.name);
            rounded += if large { slot.len() } else { 0 };
        }
        assert!(10 * rounded >= 9 * parameters.values().len() - 10_000, "nine tenths, {rounded}");
        parameters.values_mut()[in_fc1] = 65520.0;
        assert!(parameters.with_half_matrices().values()[in_fc1].is_infinite());
    }

    #[test]
    fn initial_weights_fill_their_bound_and_follow_the_seed() {
        let parameters = random(10, 3);
        assert_eq!(parameters, random(10, 3));
        assert_ne!(parameters, random(10, 4));
        for (slot, values) in parameters.layout().tensors().iter().zip(parameters.slices()) {
            let bound = 1.0 / (slot.fan_in as f32).sqrt();
            let largest = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert!(largest <= bound, "{}: {largest} > {bound}", slot.name);
            assert!(slot.len() < 100 || largest > 0.9 * bound, "{}: {largest} of {bound}", slot.name);
        }
    }
}

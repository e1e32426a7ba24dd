//! The network's weights: names and shapes ([`Layout`]) over one flat buffer ([`Parameters`]).
//!
//! One buffer makes the optimiser, gradient sums and the resumable state one loop each. Shapes and order inside a tensor
//! are PyTorch's; the names are those of the checkpoint.

use candle_core::{Device, Result, Tensor};
use half::f16;
use rand::Rng;
use robust_attacks::random::stream;

use super::STYLES;

/// The matrices between maps and code.
const LARGE: [&str; 2] = ["encoder.fc1.weight", "decoder.fc0.weight"];

/// One named tensor and where it lies in the flat buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// Checkpoint name, such as `encoder.conv1.weight`.
    pub name: String,
    /// PyTorch shape.
    pub shape: Vec<usize>,
    /// First element in the flat buffer.
    pub offset: usize,
    /// Inputs that one output sums over; PyTorch's bound for the initial weights.
    fan_in: usize,
}

impl TensorSpec {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Never true: every tensor of the network has elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The 22 tensors of a network with `K` classes, weight then bias for each layer, from the pixels to the code and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    classes: usize,
    tensors: Vec<TensorSpec>,
}

impl Layout {
    /// The layout for `classes` labels.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        // name, weight shape, outputs (= biases), fan-in. A transposed convolution stores (in, out, 5, 5) and PyTorch
        // takes its fan-in from the second dimension.
        let layers: [(&str, Vec<usize>, usize, usize); 11] = [
            ("encoder.conv1", vec![32, 1, 5, 5], 32, 25),
            ("encoder.conv2", vec![64, 32, 5, 5], 64, 32 * 25),
            ("encoder.fc1", vec![256, 3136], 256, 3136),
            ("encoder.fc2", vec![128, 256], 128, 256),
            ("encoder.classifier", vec![classes, 128], classes, 128),
            ("encoder.style", vec![STYLES, 128], STYLES, 128),
            ("decoder.fc2", vec![128, classes + STYLES], 128, classes + STYLES),
            ("decoder.fc1", vec![256, 128], 256, 128),
            ("decoder.fc0", vec![3136, 256], 3136, 256),
            ("decoder.deconv2", vec![64, 32, 5, 5], 32, 32 * 25),
            ("decoder.deconv1", vec![32, 1, 5, 5], 1, 25),
        ];
        let mut tensors = Vec::with_capacity(2 * layers.len());
        let mut offset = 0;
        for (layer, weight, outputs, fan_in) in layers {
            for (suffix, shape) in [("weight", weight), ("bias", vec![outputs])] {
                let spec = TensorSpec { name: format!("{layer}.{suffix}"), shape, offset, fan_in };
                offset += spec.len();
                tensors.push(spec);
            }
        }
        Self { classes, tensors }
    }

    /// Number of labels, `K`.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The tensors in order.
    #[must_use]
    pub fn tensors(&self) -> &[TensorSpec] {
        &self.tensors
    }

    /// Elements of the flat buffer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.iter().map(TensorSpec::len).sum()
    }

    /// Never true.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }
}

/// All weights of a network, f32.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    layout: Layout,
    values: Vec<f32>,
}

impl Parameters {
    /// Every tensor zero.
    #[must_use]
    pub fn zeros(classes: usize) -> Self {
        let layout = Layout::new(classes);
        let values = vec![0.0; layout.len()];
        Self { layout, values }
    }

    /// PyTorch's initial weights: uniform within `1 / sqrt(fan_in)`, weights and biases alike, drawn from the stream
    /// "init" of `seed`.
    #[must_use]
    pub fn random(classes: usize, seed: u64) -> Self {
        let mut parameters = Self::zeros(classes);
        let mut rng = stream(seed, "init", &[]);
        for spec in &parameters.layout.tensors {
            let bound = 1.0 / (spec.fan_in as f32).sqrt();
            for value in &mut parameters.values[spec.offset..spec.offset + spec.len()] {
                *value = rng.random_range(-bound..bound);
            }
        }
        parameters
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

    /// The weights with the two matrices between maps and code, nine tenths of all, rounded to the nearest f16. A checkpoint stores such
    /// tensors in half of the place. A weight beyond f16's range, 65504, becomes infinite.
    #[must_use]
    pub fn with_half_matrices(mut self) -> Self {
        for spec in self.layout.tensors.iter().filter(|spec| LARGE.contains(&spec.name.as_str())) {
            for value in &mut self.values[spec.offset..spec.offset + spec.len()] {
                *value = f16::from_f32(*value).to_f32();
            }
        }
        self
    }

    /// Each tensor as a slice, in the layout's order.
    pub fn slices(&self) -> impl Iterator<Item = &[f32]> {
        self.layout.tensors.iter().map(|spec| &self.values[spec.offset..spec.offset + spec.len()])
    }

    /// Each tensor on `device`, in the layout's order.
    ///
    /// # Errors
    /// If the device cannot hold them.
    pub fn tensors(&self, device: &Device) -> Result<Vec<Tensor>> {
        let specs = self.layout.tensors.iter().zip(self.slices());
        specs.map(|(spec, values)| Tensor::from_slice(values, spec.shape.as_slice(), device)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_has_the_papers_layers_without_gaps() {
        for classes in [10, 26] {
            let layout = Layout::new(classes);
            assert_eq!(layout.tensors().len(), 22);
            let mut offset = 0;
            for spec in layout.tensors() {
                assert_eq!(spec.offset, offset, "{}", spec.name);
                offset += spec.len();
            }
            assert_eq!(offset, layout.len());
        }
        assert_eq!(Layout::new(10).len(), 1_785_883);
    }

    #[test]
    fn large_matrices_keep_eleven_bits_and_the_others_all() {
        let mut parameters = Parameters::random(3, 0);
        let in_fc1 =
            parameters.layout().tensors().iter().find(|spec| spec.name == "encoder.fc1.weight").unwrap().offset;
        for (value, rounded) in
            [(1.0 + 1.0 / 1024.0, 1.0 + 1.0 / 1024.0), (1.0 + 1.0 / 4096.0, 1.0), (-65504.0, -65504.0)]
        {
            parameters.values_mut()[in_fc1] = value;
            assert_eq!(parameters.clone().with_half_matrices().values()[in_fc1], rounded);
        }
        let half = parameters.clone().with_half_matrices();
        assert_eq!(half.clone().with_half_matrices(), half);
        let mut rounded = 0;
        for (spec, (before, after)) in half.layout().tensors().iter().zip(parameters.slices().zip(half.slices())) {
            let large = spec.len() > 100_000;
            assert_eq!(before != after, large, "{}", spec.name);
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= a.abs() / 2048.0 + 2_f32.powi(-25);
            assert!(before.iter().zip(after).all(near), "{}", spec.name);
            rounded += if large { spec.len() } else { 0 };
        }
        assert!(10 * rounded >= 9 * parameters.values().len() - 10_000, "nine tenths, {rounded}");
        parameters.values_mut()[in_fc1] = 65520.0;
        assert!(parameters.with_half_matrices().values()[in_fc1].is_infinite());
    }

    #[test]
    fn initial_weights_fill_their_bound_and_follow_the_seed() {
        let parameters = Parameters::random(10, 3);
        assert_eq!(parameters, Parameters::random(10, 3));
        assert_ne!(parameters, Parameters::random(10, 4));
        for (spec, values) in parameters.layout().tensors().iter().zip(parameters.slices()) {
            let bound = 1.0 / (spec.fan_in as f32).sqrt();
            let largest = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert!(largest <= bound, "{}: {largest} > {bound}", spec.name);
            assert!(spec.len() < 100 || largest > 0.9 * bound, "{}: {largest} of {bound}", spec.name);
        }
    }
}

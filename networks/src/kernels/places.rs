//! The layers that the kernels know, and where the parameters of each lie in the flat buffer of a network.

use super::conv::SIDE;
use super::map::{IMAGE, INNER, MIDDLE, Map};
use crate::style_memory_spec::{NARROW, StyleMemorySpec, WIDE};

/// Where the weight and the bias behind it lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    weight: usize,
    bias: usize,
    end: usize,
}

impl Place {
    /// Weight and bias in a flat buffer.
    pub(super) fn of(self, flat: &[f32]) -> (&[f32], &[f32]) {
        flat[self.weight..self.end].split_at(self.bias - self.weight)
    }

    /// The same, to be written.
    pub(super) fn of_mut(self, flat: &mut [f32]) -> (&mut [f32], &mut [f32]) {
        flat[self.weight..self.end].split_at_mut(self.bias - self.weight)
    }
}

/// The place of every layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) conv1: Place,
    pub(super) conv2: Place,
    pub(super) fc1: Place,
    pub(super) fc2: Place,
    pub(super) classifier: Place,
    pub(super) style: Place,
    pub(super) decoder_fc2: Place,
    pub(super) decoder_fc1: Place,
    pub(super) decoder_fc0: Place,
    pub(super) deconv2: Place,
    pub(super) deconv1: Place,
}

impl Places {
    /// The places in a network; none if it is another than that which the kernels compute.
    pub(super) fn of(spec: StyleMemorySpec) -> Option<Self> {
        let StyleMemorySpec { input, classes, styles } = spec;
        let layout = spec.layout();
        let place = |layer: &str, weight: &[usize]| {
            let slots = layout.layer(layer).filter(|[found, _]| found.shape == weight);
            slots.map(|[weight, bias]| Place { weight: weight.offset, bias: bias.offset, end: bias.range().end })
        };
        let window = |large: Map, small: Map| [small.channels, large.channels, SIDE, SIDE];
        let places = Self {
            conv1: place("encoder.conv1", &window(IMAGE, MIDDLE))?,
            conv2: place("encoder.conv2", &window(MIDDLE, INNER))?,
            fc1: place("encoder.fc1", &[WIDE, INNER.content()])?,
            fc2: place("encoder.fc2", &[NARROW, WIDE])?,
            classifier: place("encoder.classifier", &[classes, NARROW])?,
            style: place("encoder.style", &[styles, NARROW])?,
            decoder_fc2: place("decoder.fc2", &[NARROW, classes + styles])?,
            decoder_fc1: place("decoder.fc1", &[WIDE, NARROW])?,
            decoder_fc0: place("decoder.fc0", &[INNER.content(), WIDE])?,
            deconv2: place("decoder.deconv2", &window(MIDDLE, INNER))?,
            deconv1: place("decoder.deconv1", &window(IMAGE, MIDDLE))?,
        };
        (input == [IMAGE.channels, IMAGE.size, IMAGE.size]).then_some(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_network_is_known_and_no_other() {
        for classes in [2, 10, 1000] {
            assert!(Places::of(StyleMemorySpec::paper(classes)).is_some(), "{classes} classes");
        }
        for input in [[1, 27, 28], [1, 28, 27], [3, 28, 28], [1, 32, 32], [1, 8, 8], [1, 64, 64]] {
            assert!(Places::of(StyleMemorySpec::new(input, 10)).is_none(), "{input:?}");
        }
    }
}

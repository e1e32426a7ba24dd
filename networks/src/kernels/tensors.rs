//! The network's 22 tensors, in the order and the shapes of [`Layout`](crate::Layout): their lengths, and their
//! places in one flat buffer.

use std::ops::Range;

use super::conv::TAPS;
use super::map::{INNER, MIDDLE};

/// Weight and bias of eleven layers, in the order of the network's layout.
pub const TENSORS: usize = 22;

/// Width of `encoder.fc1` and `decoder.fc1`.
pub(super) const WIDE: usize = 256;
/// Width of `encoder.fc2` and `decoder.fc2`.
pub(super) const NARROW: usize = 128;

/// Indices of the weights; each bias follows its weight.
pub(super) mod index {
    pub(in super::super) const CONV1: usize = 0;
    pub(in super::super) const CONV2: usize = 2;
    pub(in super::super) const FC1: usize = 4;
    pub(in super::super) const FC2: usize = 6;
    pub(in super::super) const CLASSIFIER: usize = 8;
    pub(in super::super) const STYLE: usize = 10;
    pub(in super::super) const DECODER_FC2: usize = 12;
    pub(in super::super) const DECODER_FC1: usize = 14;
    pub(in super::super) const DECODER_FC0: usize = 16;
    pub(in super::super) const DECONV2: usize = 18;
    pub(in super::super) const DECONV1: usize = 20;
}

/// Shapes for a number of classes and of style neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes {
    /// Classes, `K`.
    pub classes: usize,
    /// Style neurons, `S`.
    pub styles: usize,
}

impl Shapes {
    /// Floats of each tensor.
    pub fn lengths(self) -> [usize; TENSORS] {
        let Self { classes, styles } = self;
        let (first, second) = (MIDDLE.channels, INNER.channels);
        let code = classes + styles;
        let flat = INNER.content();
        [
            first * TAPS,
            first,
            second * first * TAPS,
            second,
            WIDE * flat,
            WIDE,
            NARROW * WIDE,
            NARROW,
            classes * NARROW,
            classes,
            styles * NARROW,
            styles,
            NARROW * code,
            NARROW,
            WIDE * NARROW,
            WIDE,
            flat * WIDE,
            flat,
            second * first * TAPS,
            first,
            first * TAPS,
            1,
        ]
    }

    /// Place of tensor `index` in a flat buffer.
    pub fn range(self, index: usize) -> Range<usize> {
        let lengths = self.lengths();
        let start = lengths[..index].iter().sum();
        start..start + lengths[index]
    }

    /// Floats of all tensors.
    pub fn total(self) -> usize {
        self.lengths().iter().sum()
    }

    /// A flat buffer's tensors.
    ///
    /// # Panics
    /// When `flat` does not hold [`Shapes::total`] floats.
    pub fn split(self, flat: &[f32]) -> [&[f32]; TENSORS] {
        assert_eq!(flat.len(), self.total(), "floats of a flat buffer of all tensors");
        std::array::from_fn(|index| &flat[self.range(index)])
    }

    /// A mutable weight and the bias behind it.
    pub(super) fn layer_mut(self, flat: &mut [f32], weight: usize) -> (&mut [f32], &mut [f32]) {
        let (weight, bias) = (self.range(weight), self.range(weight + 1));
        flat[weight.start..bias.end].split_at_mut(weight.len())
    }
}

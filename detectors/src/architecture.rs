//! [`Architecture`]: the layers of the two small convolutional autoencoders of MagNet on MNIST (Meng and Chen 2017).
//!
//! Three filters of 3x3 in each hidden layer, a logistic function after every layer.

use crate::convolution::Convolution;

/// Filters of a hidden layer.
const FILTERS: usize = 3;

/// The two that the paper uses on MNIST.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Architecture {
    /// With a map of half the size in the middle: "Detector I and Reformer".
    Pooled,
    /// At full size throughout: "Detector II".
    Plain,
}

/// What happens to the planes of an image.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layer {
    Convolve(Convolution),
    Halve,
    Double,
}

impl Architecture {
    pub(crate) fn layers(self, channels: usize) -> Vec<Layer> {
        let convolve = |inputs, outputs| Layer::Convolve(Convolution { inputs, outputs });
        let (first, hidden, last) =
            (convolve(channels, FILTERS), convolve(FILTERS, FILTERS), convolve(FILTERS, channels));
        match self {
            Self::Pooled => vec![first, Layer::Halve, hidden, hidden, Layer::Double, hidden, last],
            Self::Plain => vec![first, hidden, last],
        }
    }

    /// The convolutions, in order.
    pub(crate) fn convolutions(self, channels: usize) -> impl Iterator<Item = Convolution> {
        self.layers(channels).into_iter().filter_map(|layer| match layer {
            Layer::Convolve(convolution) => Some(convolution),
            _ => None,
        })
    }
}

//! [`Architecture`]: the layers of the two small convolutional autoencoders of MagNet on MNIST (Meng and Chen 2017).
//!
//! Three filters of 3x3 in each hidden layer, a logistic function after every layer.

use robust_networks::{Layout, Op, Spec, Window};

use crate::form::Form;

/// Filters of a hidden layer.
const FILTERS: usize = 3;
/// Rows and columns of the blocks that become one pixel.
const BLOCK: usize = 2;

/// The two that the paper uses on MNIST.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Architecture {
    /// With a map of half the size in the middle: "Detector I and Reformer".
    Pooled,
    /// At full size throughout: "Detector II".
    Plain,
}

impl Architecture {
    /// The network for images of a form. Its layers are called `conv1`, `conv2` and so on.
    pub(crate) fn spec(self, form: Form) -> Spec {
        let Form { channels, height, width } = form;
        let mut spec = Spec::new(&[("image", &[channels, height, width])]);
        let (mut last, mut layer) = ("image".to_owned(), 0);
        let mut convolve = |spec: &mut Spec, last: &str, in_channels, out_channels| {
            layer += 1;
            let op = Op::convolution([in_channels, out_channels], 3, 1, 1);
            let sums = spec.add(format!("conv{layer}"), op, &[last]);
            spec.add(format!("conv{layer}.sigmoid"), Op::Sigmoid, &[&sums])
        };
        last = convolve(&mut spec, &last, channels, FILTERS);
        if self == Self::Pooled {
            let halve = Op::AveragePool { window: Window::blocks(BLOCK, [height, width]), counted: [[0; 2]; 2] };
            last = spec.add("halved", halve, &[&last]);
            last = convolve(&mut spec, &last, FILTERS, FILTERS);
            last = convolve(&mut spec, &last, FILTERS, FILTERS);
            last = spec.add("doubled", Op::Upsample { size: BLOCK, to: [height, width] }, &[&last]);
        }
        last = convolve(&mut spec, &last, FILTERS, FILTERS);
        last = convolve(&mut spec, &last, FILTERS, channels);
        spec.outputs = vec![last];
        spec
    }

    /// Names, shapes and order of the parameters for images of so many channels.
    pub(crate) fn layout(self, channels: usize) -> Layout {
        Layout::of(&[&self.spec(Form { channels, height: 1, width: 1 })])
    }
}

//! Networks that were thought of, in a short notation.

use robust_networks::{Op, Spec};

/// What it is, an image, nodes with their operands, and the outputs.
pub(crate) type Case =
    (&'static str, &'static [usize], Vec<(&'static str, Op, &'static [&'static str])>, &'static [&'static str]);

pub(crate) fn spec((_, input, nodes, outputs): &Case) -> Spec {
    let mut spec = Spec::new(&[("x", input)]);
    for (name, op, operands) in nodes {
        spec.add(*name, op.clone(), operands);
    }
    spec.outputs = outputs.iter().map(|&output| output.to_owned()).collect();
    spec
}

pub(crate) fn convolution(in_channels: usize, out_channels: usize, kernel: usize, stride: usize, padding: usize) -> Op {
    Op::convolution([in_channels, out_channels], kernel, stride, padding)
}

pub(crate) fn linear(in_features: usize, out_features: usize) -> Op {
    Op::Linear { in_features, out_features }
}

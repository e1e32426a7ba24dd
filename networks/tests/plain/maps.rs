//! Convolutional networks that select, join, repeat and reorder.

use candle_core::Result;
use robust_networks::{Fill, Function, Op, Pairwise, Reduction, Window};

use super::net::Net;

#[test]
fn squeeze_and_excitation() -> Result<()> {
    let mut net = Net::of(&[3, 9, 10]);
    let x = net.op(Op::convolution([3, 18], 3, 1, 1), &["image"]);
    let mean = net.op(Op::global_average(), &[&x]);
    let narrow = net.linear(18, 5, &mean);
    let narrow = net.op(Op::Function(Function::Silu), &[&narrow]);
    let wide = net.linear(5, 18, &narrow);
    let gate = net.op(Op::Sigmoid, &[&wide]);
    let gate = net.reshape(&[18, 1, 1], &gate);
    let gated = net.pair(Pairwise::Multiply, &x, &gate);
    // A gate for every pixel: the largest and the mean of its channels.
    let largest = net.op(Op::Reduce { by: Reduction::Largest, axes: vec![0] }, &[&gated]);
    let mean = net.op(Op::Reduce { by: Reduction::Mean, axes: vec![0] }, &[&gated]);
    let [largest, mean] = [largest, mean].map(|map| net.reshape(&[1, 9, 10], &map));
    let both = net.op(Op::Concatenate { axis: 0 }, &[&largest, &mean]);
    let gate = net.op(Op::convolution([2, 1], 3, 1, 1), &[&both]);
    let gate = net.op(Op::Sigmoid, &[&gate]);
    let gated = net.pair(Pairwise::Multiply, &gate, &gated);
    let result = net.op(Op::convolution([18, 7], 3, 2, 1), &[&gated]);
    net.check("squeeze and excitation", &[&result])
}

#[test]
fn channels_that_are_joined_and_shuffled() -> Result<()> {
    let mut net = Net::of(&[3, 10, 9]);
    let mut x = net.op(Op::convolution([3, 16], 3, 1, 1), &["image"]);
    for _ in 0..2 {
        let kept = net.select(0, &(0..8).collect::<Vec<_>>(), &x);
        let other = net.select(0, &(8..16).collect::<Vec<_>>(), &x);
        let window = Window::square(3, 1, 1);
        let other = net.op(Op::Convolution { in_channels: 8, out_channels: 8, groups: 8, window }, &[&other]);
        let other = net.op(Op::ScaleShift { channels: 8 }, &[&other]);
        let both = net.op(Op::Concatenate { axis: 0 }, &[&kept, &other]);
        let groups = net.reshape(&[2, 8, 10, 9], &both);
        let groups = net.transpose(&[1, 0, 2, 3], &groups);
        x = net.reshape(&[16, 10, 9], &groups);
    }
    let mut all = vec![x.clone()];
    for channels in [16, 21, 26] {
        let joined = net.op(Op::Concatenate { axis: 0 }, &all.iter().map(String::as_str).collect::<Vec<_>>());
        let normal = net.op(Op::ScaleShift { channels }, &[&joined]);
        let normal = net.op(Op::Function(Function::Tanh), &[&normal]);
        all.push(net.op(Op::convolution([channels, 5], 3, 1, 1), &[&normal]));
    }
    let joined = net.op(Op::Concatenate { axis: 0 }, &all.iter().map(String::as_str).collect::<Vec<_>>());
    let response = net.op(Op::LocalResponse { size: 5, alpha: 0.5, beta: 0.75, bias: 1.0 }, &[&joined]);
    let padded = Op::Pad { before: vec![0, 1, 2], behind: vec![0, 0, 1], fill: Fill::Reflect };
    let padded = net.op(padded, &[&response]);
    let result = net.op(Op::convolution([31, 9], 3, 2, 0), &[&padded]);
    net.check("joined and shuffled", &[&result])
}

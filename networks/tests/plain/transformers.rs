//! Networks that see an image as rows of features.

use candle_core::Result;
use robust_networks::{Function, Op, Pairwise, Window};

use super::net::Net;

#[test]
fn a_vision_transformer() -> Result<()> {
    let mut net = Net::of(&[3, 12, 12]);
    let (tokens, features, heads, each) = (10, 20, 4, 5);
    let patches = net.op(Op::convolution([3, features], 4, 4, 0), &["image"]);
    let patches = net.reshape(&[features, 9], &patches);
    let patches = net.transpose(&[1, 0], &patches);
    let token = net.constant(&[1, features]);
    let all = net.op(Op::Concatenate { axis: 0 }, &[&token, &patches]);
    let position = net.constant(&[tokens, features]);
    let mut x = net.pair(Pairwise::Add, &all, &position);
    for _ in 0..2 {
        let normal = net.normalize(1, features, &x);
        let three = net.linear(features, 3 * features, &normal);
        let three = net.reshape(&[tokens, 3, heads, each], &three);
        let three = net.transpose(&[1, 2, 0, 3], &three);
        let [query, key, value] = [0, 1, 2].map(|which| {
            let one = net.select(0, &[which], &three);
            net.reshape(&[heads, tokens, each], &one)
        });
        let key = net.transpose(&[0, 2, 1], &key);
        let scores = net.op(Op::MatMul, &[&query, &key]);
        let scores = net.op(Op::Function(Function::Affine { scale: 0.45, shift: 0.0 }), &[&scores]);
        let shares = net.op(Op::Softmax { axis: 2 }, &[&scores]);
        let seen = net.op(Op::MatMul, &[&shares, &value]);
        let seen = net.transpose(&[1, 0, 2], &seen);
        let seen = net.reshape(&[tokens, features], &seen);
        let seen = net.linear(features, features, &seen);
        x = net.pair(Pairwise::Add, &x, &seen);
        let normal = net.normalize(1, features, &x);
        let wide = net.linear(features, 48, &normal);
        let wide = net.op(Op::Function(Function::Gelu), &[&wide]);
        let narrow = net.linear(48, features, &wide);
        x = net.pair(Pairwise::Add, &narrow, &x);
    }
    let token = net.select(0, &[0], &x);
    let token = net.normalize(1, features, &token);
    let token = net.reshape(&[features], &token);
    let logits = net.linear(features, 37, &token);
    net.check("a vision transformer", &[&logits])
}

#[test]
fn a_convnext() -> Result<()> {
    let mut net = Net::of(&[3, 18, 14]);
    let mut x = net.op(Op::convolution([3, 20], 2, 2, 0), &["image"]);
    for _ in 0..2 {
        let window = Window::square(3, 1, 1);
        let each = net.op(Op::Convolution { in_channels: 20, out_channels: 20, groups: 20, window }, &[&x]);
        let last = net.transpose(&[1, 2, 0], &each);
        let normal = net.normalize(2, 20, &last);
        let wide = net.linear(20, 48, &normal);
        let wide = net.op(Op::Function(Function::GeluTanh), &[&wide]);
        let narrow = net.linear(48, 20, &wide);
        let gain = net.constant(&[20]);
        let narrow = net.pair(Pairwise::Multiply, &gain, &narrow);
        let first = net.transpose(&[2, 0, 1], &narrow);
        x = net.pair(Pairwise::Add, &x, &first);
    }
    let down = net.op(Op::convolution([20, 32], 2, 2, 0), &[&x]);
    let mean = net.op(Op::global_average(), &[&down]);
    let logits = net.linear(32, 33, &mean);
    net.check("a ConvNeXt", &[&logits, &x])
}

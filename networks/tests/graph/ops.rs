//! The slopes of every op against differences.

use candle_core::Result;
use robust_networks::{Fill, Function, Op, Pairwise, Reduction, Spec, Window};

use super::differences;
use super::specs::{UNEVEN, average, convolution, pad, reduce, spec_of};

#[test]
fn slopes_of_every_op_are_those_of_differences() -> Result<()> {
    let image: &[usize] = &[4, 7, 8];
    let table: Vec<(Op, Vec<&[usize]>)> = vec![
        (convolution(1, Window::square(3, 2, 1)), vec![image]),
        (convolution(1, UNEVEN), vec![image]),
        (convolution(2, Window::square(3, 1, 1)), vec![image]),
        (convolution(2, UNEVEN), vec![image]),
        (Op::Convolution { in_channels: 4, out_channels: 4, groups: 4, window: Window::square(3, 2, 1) }, vec![image]),
        (Op::Convolution { in_channels: 4, out_channels: 8, groups: 4, window: UNEVEN }, vec![image]),
        (
            Op::TransposedConvolution {
                in_channels: 4,
                out_channels: 3,
                kernel: 3,
                stride: 2,
                padding: 1,
                output_padding: [1, 0],
            },
            vec![image],
        ),
        (Op::Linear { in_features: 5, out_features: 3 }, vec![&[5]]),
        (Op::Linear { in_features: 5, out_features: 3 }, vec![&[2, 3, 4, 5]]),
        (Op::ScaleShift { channels: 4 }, vec![&[4]]),
        (Op::ScaleShift { channels: 4 }, vec![image]),
        (Op::Relu, vec![image]),
        (Op::Sigmoid, vec![image]),
        (Op::MatMul, vec![&[3, 4], &[4, 5]]),
        (Op::MatMul, vec![&[6, 3, 4], &[4, 5]]),
        (Op::MatMul, vec![&[2, 1, 3, 4], &[3, 4, 5]]),
        (Op::Softmax { axis: 0 }, vec![&[5]]),
        (Op::Softmax { axis: 1 }, vec![&[2, 3, 4]]),
        (Op::Normalize { axis: 1, epsilon: 0.1 }, vec![&[3, 4, 5]]),
        (Op::Normalize { axis: 0, epsilon: 0.0 }, vec![&[3, 4]]),
        (Op::LocalResponse { size: 3, alpha: 0.5, beta: 0.75, bias: 1.0 }, vec![&[5, 2, 3]]),
        (Op::LocalResponse { size: 4, alpha: 0.5, beta: 0.75, bias: 2.0 }, vec![&[5, 2, 3]]),
        (reduce(Reduction::Mean, &[1, 2]), vec![image]),
        (reduce(Reduction::Mean, &[0, 2]), vec![image]),
        (reduce(Reduction::Sum, &[0, 1]), vec![&[3, 4]]),
        (reduce(Reduction::Largest, &[0, 2]), vec![image]),
        (average(UNEVEN, [[0; 2]; 2]), vec![image]),
        (average(Window::square(3, 2, 1), [[1, 0], [1, 1]]), vec![image]),
        (average(Window::blocks(3, [7, 8]), [[0; 2]; 2]), vec![image]),
        (Op::MaxPool { window: UNEVEN }, vec![image]),
        (Op::MaxPool { window: Window::square(3, 2, 1) }, vec![image]),
        (Op::Upsample { size: 3, to: [20, 24] }, vec![image]),
        (Op::Flatten, vec![image]),
        (Op::Reshape { shape: vec![8, 28] }, vec![image]),
        (Op::Transpose { order: vec![2, 0, 1] }, vec![image]),
        (Op::Concatenate { axis: 0 }, vec![&[3], &[2], &[4]]),
        (Op::Concatenate { axis: 1 }, vec![&[2, 3, 2], &[2, 1, 2]]),
        (Op::Select { axis: 1, indices: vec![3, 0, 3, 6] }, vec![image]),
        (Op::Broadcast { shape: vec![3, 2, 4] }, vec![&[2, 1]]),
        (pad(&[1, 0, 2], &[0, 3, 1], Fill::Value(0.5)), vec![image]),
        (pad(&[1, 0, 2], &[0, 3, 1], Fill::Reflect), vec![image]),
        (pad(&[1, 0, 9], &[0, 3, 1], Fill::Edge), vec![image]),
    ];
    for (op, shapes) in table {
        differences::check(&spec_of(&op, &shapes), &format!("{op:?} of {shapes:?}"))?;
    }
    Ok(())
}

#[test]
fn slopes_of_every_function_are_those_of_differences() -> Result<()> {
    // Each with what it is given: `scale x + shift` of `x` from -1 to 1.
    for (function, scale, shift) in [
        (Function::Affine { scale: 1.5, shift: -0.5 }, 1.0, 0.0),
        (Function::Clip { low: -0.25, high: 0.5 }, 1.0, 0.0),
        (Function::Clip { low: f32::NEG_INFINITY, high: 0.5 }, 1.0, 0.0),
        (Function::LeakyRelu { slope: 0.1 }, 1.0, 0.0),
        (Function::Elu { alpha: 1.5 }, 3.0, 0.0),
        (Function::HardSwish, 5.0, 0.0),
        (Function::Silu, 5.0, 0.0),
        (Function::Gelu, 4.0, 0.0),
        (Function::GeluTanh, 4.0, 0.0),
        (Function::Tanh, 2.0, 0.0),
        (Function::Softplus, 20.0, 0.0),
        (Function::Erf, 2.0, 0.0),
        (Function::Exponential, 2.0, 0.0),
        (Function::Logarithm, 1.0, 1.5),
        (Function::SquareRoot, 1.0, 1.5),
        (Function::Reciprocal, 1.0, -1.5),
        (Function::Absolute, 1.0, 0.0),
        (Function::Power { exponent: 2.0 }, 1.0, 0.0),
        (Function::Power { exponent: 3.0 }, 1.0, 0.0),
        (Function::Power { exponent: -0.75 }, 1.0, 1.5),
        (Function::Power { exponent: 1.0 }, 1.0, 0.0),
    ] {
        let mut spec = spec_of(&Op::Function(Function::Affine { scale, shift }), &[&[3, 5]]);
        spec.outputs = vec![spec.add("result", Op::Function(function), &["node"])];
        differences::check(&spec, &format!("{function:?}"))?;
    }
    use Pairwise::{Add, Divide, Larger, Multiply, Smaller, Subtract};
    for pairwise in [Add, Subtract, Multiply, Larger, Smaller, Divide] {
        for shapes in [[&[3, 4][..], &[3, 4]], [&[2, 3, 4], &[3, 1]], [&[1, 4], &[2, 3, 1]]] {
            let mut spec = Spec::new(&[("a", shapes[0]), ("b", shapes[1])]);
            let above = if pairwise == Divide { Function::Exponential } else { Function::Tanh };
            let b = spec.add("above", Op::Function(above), &["b"]);
            spec.outputs = vec![spec.add("node", Op::Pairwise(pairwise), &["a", &b])];
            differences::check(&spec, &format!("{pairwise:?} of {shapes:?}"))?;
        }
    }
    Ok(())
}

#[test]
fn a_constant_is_the_same_for_every_image_and_learns_from_all() -> Result<()> {
    let mut spec = Spec::new(&[("x", &[3, 4])]);
    let constant = spec.add("constant", Op::Constant { shape: vec![2, 1, 4] }, &[]);
    spec.outputs = vec![spec.add("product", Op::Pairwise(Pairwise::Multiply), &["x", &constant])];
    differences::check(&spec, "a constant")
}

//! Shapes against PyTorch's and NumPy's, worked out by hand; and what does not fit.

use super::result::result;
use crate::spec::{Fill, Function, Op, Pairwise, Reduction, Spec, Window};

const SQUARE: Window = Window::square(3, 2, 1);
const UNEVEN: Window = Window { size: [3, 2], stride: [2, 1], dilation: [1, 3], padding: [[1, 0], [0, 2]] };

fn convolution(groups: usize, window: Window) -> Op {
    Op::Convolution { in_channels: 6, out_channels: 8, groups, window }
}

fn transposed(output_padding: [usize; 2]) -> Op {
    Op::TransposedConvolution { in_channels: 3, out_channels: 2, kernel: 5, stride: 2, padding: 2, output_padding }
}

fn reduce(axes: &[usize]) -> Op {
    Op::Reduce { by: Reduction::Sum, axes: axes.to_vec() }
}

fn select(axis: usize, indices: &[usize]) -> Op {
    Op::Select { axis, indices: indices.to_vec() }
}

fn pad(before: &[usize], behind: &[usize], fill: Fill) -> Op {
    Op::Pad { before: before.to_vec(), behind: behind.to_vec(), fill }
}

const fn average(window: Window, counted: [[usize; 2]; 2]) -> Op {
    Op::AveragePool { window, counted }
}

const MULTIPLY: Op = Op::Pairwise(Pairwise::Multiply);

#[test]
fn results_have_the_shapes_of_pytorch() {
    let shape = |shape: &[usize]| shape.to_vec();
    type Row = (Op, Vec<&'static [usize]>, &'static [usize]);
    let table: Vec<Row> = vec![
        (convolution(1, SQUARE), vec![&[6, 9, 6]], &[8, 5, 3]),
        (convolution(2, UNEVEN), vec![&[6, 9, 6]], &[8, 4, 5]),
        (convolution(1, Window { dilation: [2; 2], ..Window::square(3, 1, 1) }), vec![&[6, 9, 6]], &[8, 7, 4]),
        (transposed([0, 1]), vec![&[3, 5, 3]], &[2, 9, 6]),
        (Op::Linear { in_features: 4, out_features: 7 }, vec![&[4]], &[7]),
        (Op::Linear { in_features: 4, out_features: 7 }, vec![&[5, 2, 4]], &[5, 2, 7]),
        (Op::ScaleShift { channels: 3 }, vec![&[3, 9, 6]], &[3, 9, 6]),
        (Op::Constant { shape: shape(&[1, 5]) }, vec![], &[1, 5]),
        (Op::Relu, vec![&[3, 9, 6]], &[3, 9, 6]),
        (Op::Function(Function::Gelu), vec![&[3, 9]], &[3, 9]),
        (MULTIPLY, vec![&[2, 5], &[2, 5]], &[2, 5]),
        (MULTIPLY, vec![&[2, 1, 4], &[5, 1]], &[2, 5, 4]),
        (Op::MatMul, vec![&[3, 5, 2], &[2, 7]], &[3, 5, 7]),
        (Op::MatMul, vec![&[4, 1, 5, 2], &[3, 2, 7]], &[4, 3, 5, 7]),
        (Op::Softmax { axis: 1 }, vec![&[3, 9]], &[3, 9]),
        (Op::Normalize { axis: 1, epsilon: 0.1 }, vec![&[3, 9]], &[3, 9]),
        (Op::LocalResponse { size: 5, alpha: 1.0, beta: 1.0, bias: 1.0 }, vec![&[3, 9, 6]], &[3, 9, 6]),
        (reduce(&[0, 2]), vec![&[3, 9, 6]], &[9]),
        (reduce(&[0, 1]), vec![&[3, 9]], &[1]),
        (Op::global_average(), vec![&[3, 9, 6]], &[3]),
        (average(Window::blocks(2, [9, 6]), [[0; 2]; 2]), vec![&[3, 9, 6]], &[3, 5, 3]),
        (average(SQUARE, [[1, 0], [1, 1]]), vec![&[3, 9, 6]], &[3, 5, 3]),
        (Op::MaxPool { window: UNEVEN }, vec![&[3, 9, 6]], &[3, 4, 5]),
        (Op::Upsample { size: 2, to: [9, 6] }, vec![&[3, 5, 3]], &[3, 9, 6]),
        (Op::Flatten, vec![&[3, 9, 6]], &[162]),
        (Op::Reshape { shape: shape(&[2, 3]) }, vec![&[6]], &[2, 3]),
        (Op::Transpose { order: shape(&[2, 0, 1]) }, vec![&[3, 9, 6]], &[6, 3, 9]),
        (Op::Concatenate { axis: 0 }, vec![&[2, 5], &[1, 5], &[4, 5]], &[7, 5]),
        (Op::Concatenate { axis: 1 }, vec![&[2, 5], &[2, 1]], &[2, 6]),
        (select(1, &[4, 4, 0]), vec![&[2, 5]], &[2, 3]),
        (Op::Broadcast { shape: shape(&[4, 2, 5]) }, vec![&[1, 5]], &[4, 2, 5]),
        (pad(&[1, 0], &[2, 3], Fill::Value(0.5)), vec![&[2, 5]], &[5, 8]),
        (pad(&[1, 4], &[0, 0], Fill::Reflect), vec![&[2, 5]], &[3, 9]),
    ];
    for (op, operands, expected) in table {
        assert_eq!(result(&op, &operands).as_deref(), Ok(expected), "{op:?} of {operands:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_name() {
    let window = |size: usize, stride: usize, padding: usize| convolution(1, Window::square(size, stride, padding));
    let dilated = |dilation: usize| convolution(1, Window { dilation: [dilation; 2], ..Window::square(3, 1, 0) });
    let linear = |in_features: usize, out_features: usize| Op::Linear { in_features, out_features };
    let huge = usize::MAX;
    for (op, operands) in [
        (convolution(1, SQUARE), vec!["image", "image"]),
        (convolution(1, SQUARE), vec!["vector"]),
        (convolution(1, SQUARE), vec!["later"]),
        (convolution(1, SQUARE), vec![]),
        (convolution(0, SQUARE), vec!["image"]),
        (convolution(4, SQUARE), vec!["image"]),
        (convolution(3, SQUARE), vec!["image"]),
        (window(9, 1, 1), vec!["image"]),
        (window(1, 0, 0), vec!["image"]),
        (window(0, 1, 0), vec!["image"]),
        (window(1, 1, huge / 2), vec!["image"]),
        (dilated(3), vec!["image"]),
        (dilated(0), vec!["image"]),
        (transposed([0, 1]), vec!["image"]),
        (linear(5, 2), vec!["vector"]),
        (linear(4, huge), vec!["vector"]),
        (Op::ScaleShift { channels: 3 }, vec!["image"]),
        (Op::Constant { shape: vec![1 << 20, 1 << 20] }, vec![]),
        (Op::Constant { shape: vec![2] }, vec!["vector"]),
        (Op::Relu, vec![]),
        (MULTIPLY, vec!["vector", "image"]),
        (MULTIPLY, vec!["vector"]),
        (Op::MatMul, vec!["vector", "image"]),
        (Op::MatMul, vec!["image", "oblong"]),
        (Op::Softmax { axis: 1 }, vec!["vector"]),
        (Op::LocalResponse { size: 0, alpha: 1.0, beta: 1.0, bias: 1.0 }, vec!["image"]),
        (reduce(&[]), vec!["image"]),
        (reduce(&[1, 1]), vec!["image"]),
        (reduce(&[3]), vec!["image"]),
        (average(Window::square(2, 2, 0), [[0; 2]; 2]), vec!["vector"]),
        (average(Window::square(0, 0, 0), [[0; 2]; 2]), vec!["image"]),
        (average(Window::square(2, 2, 0), [[1, 0], [0, 0]]), vec!["image"]),
        (Op::MaxPool { window: Window::square(2, 2, 2) }, vec!["image"]),
        (Op::Upsample { size: 2, to: [10, 12] }, vec!["image"]),
        (Op::Upsample { size: 0, to: [6, 6] }, vec!["image"]),
        (Op::Reshape { shape: vec![5] }, vec!["vector"]),
        (Op::Reshape { shape: vec![huge, 2, 2] }, vec!["vector"]),
        (Op::Transpose { order: vec![0, 0, 1] }, vec!["image"]),
        (Op::Transpose { order: vec![0, 1] }, vec!["image"]),
        (Op::Concatenate { axis: 0 }, vec![]),
        (Op::Concatenate { axis: 0 }, vec!["vector", "image"]),
        (Op::Concatenate { axis: 1 }, vec!["vector", "vector"]),
        (select(0, &[4]), vec!["vector"]),
        (select(0, &[]), vec!["vector"]),
        (select(1, &[0]), vec!["vector"]),
        (Op::Broadcast { shape: vec![5] }, vec!["vector"]),
        (pad(&[4], &[0], Fill::Reflect), vec!["vector"]),
        (pad(&[4, 1], &[0, 1], Fill::Edge), vec!["vector"]),
    ] {
        let mut spec = Spec::new(&[("image", &[6, 6, 6]), ("vector", &[4]), ("oblong", &[5, 6])]);
        spec.add("node", op.clone(), &operands);
        assert_eq!(spec.shapes().unwrap_err().value, "node", "{op:?} of {operands:?}");
    }
    let mut spec = Spec::new(&[("image", &[3, 6, 6])]);
    spec.add("image", Op::Relu, &["image"]);
    assert_eq!(spec.shapes().unwrap_err().to_string(), "image: two values have this name");
    spec.nodes.clear();
    spec.outputs.push("logits".to_owned());
    assert_eq!(spec.shapes().unwrap_err().to_string(), "logits: there is no such value");
}

//! Nodes, inputs, outputs and tensors that make no network: one line each, which says what is wrong.

use robust_networks::onnx::{Options, read};
use rten_onnx::onnx::{DataType, GraphProto, ModelProto, NodeProto, TensorProto, TypeProto, TypeProtoSequence};

use crate::model::{bytes, declared, floats, integers, lowered, model, stored};

pub(crate) const INPUT: [i64; 4] = [-1, 4, 6, 5];
/// What makes logits of the image, or of whatever it is put behind.
pub(crate) const HEAD: &str = "f = Flatten(x); y = MatMul(f, w:120x3)";

/// A network, changed.
pub(crate) fn changed(change: impl FnOnce(&mut GraphProto)) -> ModelProto {
    let mut model = model(13, HEAD, &INPUT);
    change(model.graph.as_mut().unwrap());
    model
}

/// Two nodes, of which the weight is another tensor.
pub(crate) fn weighed(tensor: TensorProto) -> ModelProto {
    changed(|graph| graph.initializer = vec![TensorProto { name: Some("w:120x3".to_owned()), ..tensor }])
}

pub(crate) fn refused(what: &str, model: &ModelProto, expected: &str) {
    let error = lowered(model).map(|lowered| lowered.spec).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains(expected), "{what}: {error}");
    assert!(!error.contains('\n') && error.len() < 700, "{what}: {error}");
}

#[test]
fn nodes_that_cannot_be_are_refused_with_their_name() {
    // Opset, nodes before `y`, and what is said. Operators that are not known are refused before any shape is.
    let table = [
        (13, "y = If(x)", "node node0 (If): its condition depends on the image"),
        (13, "a = Shape(x); b = If(a); y = Add(x, b)", "node node1 (If): its condition is not one value"),
        (13, "a = Size(x); b = If(a); y = Add(x, b)", "node node1 (If): it has no then_branch"),
        (13, "a = Loop(x); b = Scan(a); y = Loop(b)", "Loop (2, first node0), Scan (1, first node1)"),
        (13, "y = QLinearConv(x, w:4)", "QLinearConv (1"),
        (13, "a = QuantizeLinear(x); y = DequantizeLinear(a)", "QuantizeLinear (1, first node0), DequantizeLinear (1"),
        (13, "y = SequenceConstruct(x)", "SequenceConstruct (1"),
        (13, "y = Einsum(x) equation=aacd->cd", "the equation \"aacd->cd\": letters, each once in a term"),
        (13, "y = Einsum(x) equation=abcd->abc", "a sum over a dimension of one value"),
        (13, "y = Einsum(x, w:5x7) equation=abcd,de->abc", "a sum over a dimension of one value"),
        (13, "y = Einsum(x, w:5x7) equation=...d,de->...e", "letters, each once in a term"),
        (13, "y = Einsum(x, w:5x7) equation=abcd,ce->abe", "sizes 6 and 5 of c"),
        (13, "y = Einsum(x, w:5x7) equation=abc,de->abe", "values of shapes"),
        (13, "y = Einsum(x, w:5, w:5) equation=abcd,d,d->abc", "one value or two"),
        (13, "y = Einsum(x) equation=abcd->abcz", "letters, each once in a term"),
        (13, "y = LSTM(x)", "LSTM (1"),
        (13, "a = TopK(x); y = NonMaxSuppression(a)", "TopK (1, first node0), NonMaxSuppression (1, first node1)"),
        (13, "y = Relu(z)", "node node0 reads the value z, which is neither computed nor stored"),
        (13, "a = Add(x, b); b = Relu(a); y = Relu(b)", "goes in a circle"),
        (13, "y = Add(x, y)", "goes in a circle"),
        (13, "a = Relu(x); a = Tanh(x); y = Relu(a)", "the value a is made twice"),
        (13, "x = Relu(x); y = Relu(x)", "the value x is made twice"),
        (13, "a = Relu(x)", "no node makes its output y"),
        (13, "y = Identity(w:3)", "depends on none"),
        (13, "y = Relu(x)", "its output: y: its shape is [1, 4, 6, 5]"),
        (13, "a = Reshape(x, [-1,5]); y = Relu(a)", "its shape is [24, 5]"),
        (13, "y = Relu()", "depends on none"),
        (13, "a = Relu(x, x); y = Add(a)", "node node1 (Add): it has no input 1"),
        (13, "y = Conv(x, w:6x3x3x3)", "node node0 (Conv): 4 channels in 1 groups, and a weight of shape [6, 3, 3, 3]"),
        (13, "y = Conv(x, w:6x4x9x3)", "(Conv)"),
        (13, "y = Conv(x, x)", "its input 1 depends on the image"),
        (13, "y = Conv(x, w:6x4x3x3, b:5)", "a bias of shape [5]"),
        (13, "y = Conv(x, w:6x4x3x3) group=0", "in 0 groups"),
        (13, "y = Conv(x, w:6x4x3x3) group=-1", "group of -1"),
        (13, "y = Conv(x, w:6x4x3x3) strides=0,1", "strides [0, 1]"),
        (13, "y = Conv(x, w:6x4x3x3) strides=1,", "strides [1] for 2 spatial dimensions"),
        (13, "y = Conv(x, w:6x4x3x3) pads=1,1,1,-1", "pads of -1"),
        (13, "y = Conv(x, w:6x4x3x3) pads=1099511627776,0,0,0", "absurd"),
        (13, "y = Conv(x, w:6x4x3x3) dilations=9223372036854775807,1", "absurd"),
        (13, "y = Conv(x, w:6x4x3x3) kernel_shape=5,5", "kernel_shape [5, 5]"),
        (13, "y = Conv(x, w:6x4x3x3) auto_pad=SAME", "auto_pad \"SAME\""),
        (13, "y = Conv(x, w:6x4x1x3x3)", "(Conv)"),
        (13, "y = ConvTranspose(x, w:4x3x3x2)", "square kernel"),
        (13, "y = ConvTranspose(x, w:4x3x3x3) pads=0,0,1,1", "cut off more at the end"),
        (13, "y = MaxPool(x) kernel_shape=1099511627776,1", "MaxPool"),
        (13, "y = MaxPool(x) kernel_shape=0,1", "windows of [0, 1]"),
        (13, "y = MaxPool(x) kernel_shape=2,2,2", "kernel_shape [2, 2, 2]"),
        (13, "y = AveragePool(x)", "kernel_shape []"),
        (13, "m, i = MaxPool(x) kernel_shape=2,2; y = Relu(i)", "node node1 (Relu): it has no input 0"),
        (13, "y = Gemm(x, w:5x3)", "a factor of shape [1, 4, 6, 5]"),
        (13, "y = MatMul(x, w:4x3)", "(MatMul)"),
        (13, "y = Add(x, w:7)", "(Add)"),
        (13, "y = Reshape(x, [7,-1])", "a value of shape [1, 4, 6, 5] in the shape [7, -1]"),
        (13, "y = Reshape(x, [-1,-1])", "in the shape [-1, -1]"),
        (13, "y = Reshape(x, [-7])", "a size of -7"),
        (13, "y = Reshape(x, [4611686018427387904,4])", "more than"),
        (13, "a = Shape(x); b = Cast(a) to=1; y = Reshape(x, b)", "floats of shape [4]"),
        (13, "y = Transpose(x) perm=0,1,1,2", "(Transpose)"),
        (13, "y = Transpose(x) perm=0,1,2,9", "axis 9 of a value with 4 dimensions"),
        (13, "y = Concat(x, w:2x3) axis=1", "(Concat)"),
        (13, "y = Softmax(x) axis=7", "axis 7"),
        (13, "y = Softmax(x) axis=0", "along the batch"),
        (13, "a, b = Split(x, [2,3]) axis=1; y = Add(a, b)", "an axis of 4 in parts of [2, 3]"),
        (13, "y = Slice(x, [0], [4], [1], [0])", "a step of 0"),
        (13, "y = Slice(x, [4], [4], [1])", "(Slice)"),
        (13, "y = Gather(x, [4]) axis=1", "index 4 along an axis of 4"),
        (13, "y = Gather(x, {1,2}) axis=1", "where integers are expected"),
        (13, "y = Expand(x, [1,4,6,1099511627776])", "(Expand)"),
        (13, "y = Tile(x, [1,1,1,1099511627776])", "more than"),
        (13, "a = ConstantOfShape([1099511627776]); y = Add(x, a)", "more than"),
        (
            13,
            "a = ConstantOfShape([268435456]); b = Slice(a, [0], [268435456]); y = Add(x, b)",
            "more elements of constants",
        ),
        (13, "a = ConstantOfShape([0,1099511627776]); y = Add(x, a)", "more than"),
        (13, "a = Range(#0, #1099511627776, #1); b = Cast(a) to=1; y = Add(x, b)", "more than"),
        (
            13,
            "a = ConstantOfShape([1,4,6000,5000]); b = Exp(a); c = Add(a, w:5000); y = Add(x, c)",
            "more elements of constants",
        ),
        (13, "y = Pad(x, [0,0,0,0,0,0,0,1099511627776])", "(Pad)"),
        (13, "y = Pad(x, [0,0,9,0,0,0,0,0]) mode=reflect", "(Pad)"),
        (13, "y = Pad(x, [0,0,1,0,0,0,0,0]) mode=wrap", "mode \"wrap\""),
        (13, "y = Resize(x, _, {1,1,2,2}) mode=cubic", "mode \"cubic\""),
        (13, "y = Resize(x, _, {1,2,2,2}) mode=linear", "mode \"linear\" along axis 1 of 4"),
        (
            13,
            "a = ConstantOfShape([1,4,0,5]); b = Resize(a, _, _, [1,4,6,5]) mode=linear; y = Add(x, b)",
            "along axis 2, which has no elements",
        ),
        (18, "y = Resize(x, _, {1,1,0.5,0.5}) mode=linear antialias=1", "with antialias"),
        (13, "y = Resize(x, _, {1,1,2,2}) mode=linear coordinate_transformation_mode=tf_crop_and_resize", "tf_crop"),
        (13, "y = Resize(x, _, {1,1,1000000,2}) mode=nearest", "scales"),
        (13, "y = DepthToSpace(x) blocksize=3", "(DepthToSpace)"),
        (13, "y = BatchNormalization(x, s:4, b:4, m:4, v:5)", "parameters of shapes"),
        (14, "y = BatchNormalization(x, s:4, b:4, m:4, v:4) training_mode=1", "as in training"),
        (13, "y = LRN(x) size=2", "an odd number"),
        (13, "y = Pow(x, w:5)", "exponents of shape [5]"),
        (13, "y = Cast(x) to=10", "as FLOAT16"),
        (13, "a = Cast(x) to=7; y = Cast(a) to=1", "as INT64"),
        (13, "a = Greater(x, {0}); y = Where(a, x, w:5)", "a choice by values that depend on the image"),
        (13, "a = Greater(x, {0}); y = Relu(a)", "a comparison"),
        (13, "y = Sin(x)", "its input 0 depends on the image"),
        (13, "y = PRelu(x, s:6x1)", "slopes of shape [6, 1]"),
    ];
    for (opset, nodes, expected) in table {
        refused(nodes, &model(opset, nodes, &INPUT), expected);
    }
}

#[test]
fn inputs_and_outputs_that_cannot_be_are_refused() {
    let input = |shape: &[i64]| model(13, HEAD, shape);
    let kind = |kind: DataType| {
        changed(|graph| {
            let r#type = graph.input[0].r#type.as_mut().unwrap();
            r#type.tensor_type.as_mut().unwrap().elem_type = Some(kind);
        })
    };
    refused("everything open", &input(&[-1, -1, -1, -1]), "leaves the image's size open");
    refused("no dimension", &input(&[]), "no batch of images");
    refused("five dimensions", &input(&[1, 4, 6, 5, 2]), "no batch of images");
    refused("a batch of three dimensions", &input(&[3, 6, 5]), "no batch of images");
    refused("a huge image", &input(&[1, 3, 1 << 40, 1 << 40]), "absurd");
    refused("a dimension below nothing", &input(&[1, 3, -5, 5]), "a dimension of -5");
    refused("half floats", &kind(DataType::FLOAT16), "is of FLOAT16, and images are FLOAT");
    refused("bytes", &kind(DataType::UINT8), "is of UINT8");
    refused("an unknown type", &kind(DataType(77)), "type 77");
    refused("no type", &changed(|graph| graph.input[0].r#type = None), "without a shape");
    refused("no input", &changed(|graph| graph.input.clear()), "reads the value x");
    refused("no output", &changed(|graph| graph.output.clear()), "its output: there is none");
    refused("two outputs", &changed(|graph| graph.output.push(declared("f", &[-1, 120]))), "several, y, f; say which");
    let sequence = TypeProto { sequence: Some(Box::new(TypeProtoSequence::default())), ..TypeProto::default() };
    refused("a sequence out", &changed(|graph| graph.output[0].r#type = Some(sequence.clone())), "y is a sequence");
    refused("a sequence in", &changed(|graph| graph.input[0].r#type = Some(sequence)), "x is a sequence");
    let two = changed(|graph| {
        graph.input.push(declared("z", &INPUT));
        graph.node[0].input = vec!["s".to_owned()];
        let node = NodeProto {
            op_type: Some("Add".to_owned()),
            input: vec!["x".into(), "z".into()],
            output: vec!["s".into()],
            ..NodeProto::default()
        };
        graph.node.push(node);
    });
    refused("two inputs", &two, "several, x, z");
    let options = Options { output: Some("z".to_owned()), ..Options::default() };
    let error = read(&bytes(&model(13, HEAD, &INPUT)), &(), &options).unwrap_err().to_string();
    assert!(error.contains("none called z; there is y"), "{error}");
    let options = Options { shape: Some([3, 6, 5]), ..Options::default() };
    let error = read(&bytes(&model(13, HEAD, &INPUT)), &(), &options).unwrap_err().to_string();
    assert!(error.contains("is no image of [3, 6, 5]"), "{error}");
}

#[test]
fn tensors_that_cannot_be_are_refused_with_their_name() {
    let weight = |dims: &[usize], kind: DataType, bytes: usize| weighed(stored("", dims, kind, vec![0; bytes]));
    refused(
        "too few bytes",
        &weight(&[120, 3], DataType::FLOAT, 8),
        "tensor w:120x3: 8 bytes, and its shape [120, 3] takes 1440",
    );
    refused("too many", &weight(&[120, 3], DataType::FLOAT, 1444), "1444 bytes");
    refused("2^40 rows", &weight(&[1 << 40, 3], DataType::FLOAT, 8), "more than");
    refused("2^40 squared", &weight(&[1 << 40, 1 << 40], DataType::FLOAT, 8), "more than");
    refused("a hundred dimensions", &weight(&[1; 100], DataType::FLOAT, 4), "dimensions");
    refused(
        "negative",
        &weighed(TensorProto { dims: vec![-3], data_type: Some(DataType::FLOAT), ..TensorProto::default() }),
        "a dimension of -3",
    );
    refused("strings", &weight(&[120, 3], DataType::STRING, 1440), "its type is STRING");
    refused("complex", &weight(&[120, 3], DataType::COMPLEX64, 2880), "its type is COMPLEX64");
    refused("four bits", &weight(&[120, 3], DataType::INT4, 180), "its type is INT4");
    refused("no type", &weight(&[120, 3], DataType(0), 1440), "its type is type 0");
    refused("integers", &weight(&[120, 3], DataType::INT64, 2880), "a parameter of integers, of shape [3, 120]");
    refused(
        "missing data",
        &weighed(TensorProto { dims: vec![120, 3], data_type: Some(DataType::FLOAT), ..TensorProto::default() }),
        "0 elements",
    );
    let short = TensorProto {
        dims: vec![120, 3],
        data_type: Some(DataType::FLOAT),
        float_data: vec![1.0; 5],
        ..TensorProto::default()
    };
    refused("too few elements", &weighed(short), "5 elements, and its shape [120, 3] takes 360");
    refused("not a number", &weighed(floats("", &[120, 3], &[f32::NAN; 360])), "NaN");
    refused(
        "twice",
        &changed(|graph| graph.initializer.push(integers("w:120x3", &[1], &[1]))),
        "two initializers are called w:120x3",
    );
    refused(
        "missing",
        &changed(|graph| graph.initializer.clear()),
        "reads the value w:120x3, which is neither computed nor stored",
    );
}

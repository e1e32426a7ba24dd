//! What common graphs become: few steps, and notes of what was done.

use robust_networks::onnx::{Channels, Lowered, Options, read};
use rten_onnx::onnx::ModelProto;

use crate::model::{bytes, declared, logits, lowered, model, ops, wave};

const INPUT: [i64; 4] = [-1, 4, 6, 5];

/// Names of the ops, without what they say of sizes.
fn kinds(lowered: &Lowered) -> Vec<String> {
    let bare = |op: &String| op.split([' ', '{']).next().unwrap().to_owned();
    ops(lowered)
        .iter()
        .map(|op| bare(op) + if op.starts_with("Function") { ")" } else { "" })
        .map(|op| op.replace("))", ")"))
        .collect()
}

fn with(model: &ModelProto, options: &Options) -> Lowered {
    read(&bytes(model), &(), options).unwrap()
}

#[test]
fn common_graphs_become_few_steps() {
    let head = "f = Flatten(z); y = MatMul(f, w:120x3)";
    for (nodes, expected) in [
        (
            "a = Conv(x, k:4x4x1x1); b = BatchNormalization(a, s:4, b:4, m:4, v:4+); z = Relu(b)",
            vec!["Convolution", "Relu"],
        ),
        ("a = Identity(x); b = Dropout(a); c = Sigmoid(b); d = Exp(b); z = Mul(b, c)", vec!["Function(Silu)"]),
        ("a = HardSigmoid(x) alpha=0.16666667 beta=0.5; z = Mul(a, x)", vec!["Function(HardSwish)"]),
        ("a = Add(x, {3}); b = Clip(a, {0}, {6}); c = Mul(x, b); z = Div(c, {6})", vec!["Function(HardSwish)"]),
        (
            "a = Div(x, {1.4142135}); b = Erf(a); c = Add(b, {1}); d = Mul(x, c); z = Mul(d, {0.5})",
            vec!["Function(Gelu)"],
        ),
        (
            "a = Pow(x, {3}); b = Mul(a, {0.044715}); c = Add(x, b); d = Mul(c, {0.7978846}); e = Tanh(d); g = Add(e, {1}); h = Mul(x, g); z = Mul(h, {0.5})",
            vec!["Function(GeluTanh)"],
        ),
        (
            "m = ReduceMean(x) axes=-1,; a = Sub(x, m); b = Pow(a, {2}); c = ReduceMean(b) axes=-1,; d = Add(c, {0.01}); e = Sqrt(d); z = Div(a, e)",
            vec!["Normalize"],
        ),
        ("a = Transpose(x) perm=0,2,3,1; b = Transpose(a) perm=0,3,1,2; z = Relu(b)", vec!["Relu"]),
        ("a = Reshape(x, [0,2,2,-1]); b = Reshape(a, [0,4,6,5]); z = Relu(b)", vec!["Relu"]),
        ("a = Sub(x, m:1x4x1x1); b = Div(a, d:1x4x1x1+); z = Mul(b, {2})", vec!["ScaleShift"]),
        ("a = Mul(x, {2}); b = Add(a, {1}); z = BatchNormalization(b, s:4, b:4, m:4, v:4+)", vec!["ScaleShift"]),
        ("a = Clip(x, {0}); z = Relu(a)", vec!["Relu"]),
        ("a = Pad(x, [0,0,1,1,0,0,1,1]); z = Conv(a, k:4x4x3x3)", vec!["Convolution"]),
        ("a = MatMul(x, k:5x5); b = Add(c:5, a); z = Relu(b)", vec!["Linear", "Relu"]),
        ("n = LayerNormalization(x, s:5, b:5); z = MatMul(n, k:5x5)", vec!["Normalize", "Linear"]),
    ] {
        let lowered = lowered(&model(20, &format!("{nodes}; {head}"), &INPUT)).unwrap();
        let expected: Vec<&str> = expected.into_iter().chain(["Flatten", "Linear"]).collect();
        assert_eq!(kinds(&lowered), expected, "{nodes}");
    }
}

#[test]
fn a_head_of_two_layers_is_theirs_alone() {
    // Both readers of the convolution see it as it is.
    let nodes = "a = Conv(x, k:4x4x1x1); b = BatchNormalization(a, s:4, b:4, m:4, v:4+); c = Add(a, b); f = Flatten(c); y = MatMul(f, w:120x3)";
    let lowered = lowered(&model(13, nodes, &INPUT)).unwrap();
    assert_eq!(kinds(&lowered), ["Convolution", "ScaleShift", "Pairwise(Add)", "Flatten", "Linear"]);
}

#[test]
fn probabilities_become_logits_and_say_so() {
    let image = wave(120, 0.2, 0.53);
    let lower = |nodes: &str| lowered(&model(13, &format!("f = Flatten(x); {nodes}"), &INPUT)).unwrap();
    let bare = logits(&lower("y = MatMul(f, w:120x3)"), &image);
    for (nodes, note) in [
        ("a = MatMul(f, w:120x3); y = Softmax(a)", "A final Softmax was cut off"),
        ("a = MatMul(f, w:120x3); y = LogSoftmax(a)", "A final LogSoftmax was cut off"),
        ("a = MatMul(f, w:120x3); b = Softmax(a); y = Log(b)", "A final LogSoftmax was cut off"),
        ("a = MatMul(f, w:120x3); b = Softmax(a); y = Identity(b)", "A final Softmax was cut off"),
        (
            "a = MatMul(f, w:120x3); b = Reshape(a, [0,3,1,1]); y = Softmax(b) axis=1",
            "The output of shape [1, 3, 1, 1] is taken as 3 logits",
        ),
        ("a = MatMul(f, w:120x3); y = Sigmoid(a)", "3 final sigmoids were cut off"),
    ] {
        let lowered = lower(nodes);
        assert_eq!(logits(&lowered, &image), bare, "{nodes}");
        assert!(lowered.notes.iter().any(|has| has.starts_with(note)), "{nodes}: {:?}", lowered.notes);
    }
    let z = logits(&lower("y = MatMul(f, w:120x2)"), &image)[0];
    let column = "g = MatMul(f, w:120x2); a = Slice(g, [0], [1], [1])";
    for (nodes, note) in [
        (format!("{column}; y = Sigmoid(a)"), "One sigmoid at the end became two classes"),
        (format!("{column}; b = Sigmoid(a); y = Reshape(b, [-1])"), "One sigmoid at the end became two classes"),
        (format!("{column}; y = Identity(a)"), "The single output is taken as z"),
        (
            format!("{column}; s = Sigmoid(a); n = Sub({{1}}, s); y = Concat(n, s) axis=1"),
            "A probability and its complement",
        ),
    ] {
        let lowered = lower(&nodes);
        assert_eq!(logits(&lowered, &image), [0.0, z], "{nodes}");
        assert!(lowered.notes.iter().any(|has| has.starts_with(note)), "{nodes}: {:?}", lowered.notes);
    }
}

#[test]
fn channels_that_come_last_are_images_all_the_same() {
    // As tf2onnx writes Keras: a transpose in front, and one before the features are flattened.
    let nodes = "a = Transpose(x) perm=0,3,1,2; b = Conv(a, k:4x3x3x3) strides=2,2 auto_pad=SAME_UPPER; c = Relu(b); d = Transpose(c) perm=0,2,3,1; f = Reshape(d, [-1,36]); y = MatMul(f, w:36x3)";
    let model = model(13, nodes, &[-1, 6, 5, 3]);
    let lowered = lowered(&model).unwrap();
    assert_eq!((lowered.channels, &lowered.spec.inputs[0].shape[..]), (Channels::Last, &[3, 6, 5][..]));
    assert_eq!(kinds(&lowered), ["Convolution", "Relu", "Transpose", "Flatten", "Linear"]);
    assert!(lowered.notes[0].contains("The channels are taken to be the last dimension of the input [?, 6, 5, 3]"));
    let first = Options { channels: Some(Channels::First), ..Options::default() };
    assert_eq!(with(&model, &first).spec.inputs[0].shape, [6, 5, 3]);
    let last = Options { channels: Some(Channels::Last), ..Options::default() };
    assert_eq!(with(&model, &last).spec, lowered.spec);
}

#[test]
fn what_the_file_leaves_open_is_said() {
    let model = model(13, "a = GlobalAveragePool(x); f = Flatten(a); y = MatMul(f, w:4x3)", &[-1, 4, -1, -1]);
    let options = Options { shape: Some([4, 7, 9]), ..Options::default() };
    let lowered = with(&model, &options);
    assert_eq!(lowered.spec.inputs[0].shape, [4, 7, 9]);
    assert_eq!(lowered.declared, [None, Some(4), None, None]);
}

#[test]
fn features_are_images_of_one_row() {
    let model = model(13, "y = MatMul(x, w:12x3)", &[-1, 12]);
    let lowered = with(&model, &Options::default());
    assert_eq!(lowered.spec.inputs[0].shape, [1, 1, 12]);
    let said = with(&model, &Options { shape: Some([1, 3, 4]), ..Options::default() });
    assert_eq!(said.spec.inputs[0].shape, [1, 3, 4]);
    let image = wave(12, 0.0, 1.0);
    assert_eq!(logits(&lowered, &image), logits(&said, &image));
}

#[test]
fn a_batch_that_the_file_fixes_becomes_one_image() {
    let nodes = |batch: usize| {
        let heads = 2 * batch;
        format!(
            "a = Reshape(x, [{batch},4,30]); c = Expand(t:1x1x30, [{batch},1,30]); b = Concat(c, a) axis=1; \
             d = Transpose(b) perm=1,0,2; e = Reshape(d, [5,{heads},15]); g = Softmax(e); h = Reshape(g, [5,{batch},30]); \
             i = Gather(h, #2) axis=0; j = Reshape(i, [{batch},-1]); k = Reshape(j, [-1,30]); y = MatMul(k, w:30x3)"
        )
    };
    let one = lowered(&model(13, &nodes(1), &[1, 4, 6, 5])).unwrap();
    let eight = lowered(&model(13, &nodes(8), &[8, 4, 6, 5])).unwrap();
    assert_eq!((&one.spec, &one.weights), (&eight.spec, &eight.weights));
    assert!(one.notes.is_empty());
    assert!(eight.notes[0].starts_with("The file fixes a batch of 8 images"));
    let ambiguous =
        lowered(&model(13, "a = Reshape(x, [5,16,-1]); f = Flatten(a); y = MatMul(f, w:120x3)", &[8, 4, 6, 5]));
    let error = ambiguous.unwrap_err().to_string();
    assert!(error.contains("for a batch of 8; export the network for a batch of 1"), "{error}");
}

#[test]
fn one_output_of_several_is_chosen() {
    let mut two = model(13, "f = Flatten(x); y = MatMul(f, w:120x3); z = MatMul(f, v:120x2); e = Exp(f)", &INPUT);
    two.graph.as_mut().unwrap().output.push(declared("z", &[-1, 2]));
    let options = Options { output: Some("z".to_owned()), ..Options::default() };
    let lowered = with(&two, &options);
    assert_eq!((lowered.output.as_str(), lowered.weights.len(), lowered.spec.nodes.len()), ("z", 242, 2));
    assert_eq!(lowered.notes, ["Of 2 outputs z is taken as the logits."]);
    assert_eq!(
        lowered.operators.into_iter().collect::<Vec<_>>(),
        [("Exp".to_owned(), 1), ("Flatten".to_owned(), 1), ("MatMul".to_owned(), 2)]
    );
    assert_eq!((lowered.producer.as_str(), lowered.opset, lowered.input.as_str()), ("tests", 13, "x"));
}

#[test]
fn values_are_called_what_the_file_calls_them() {
    let mut model = model(13, "a = Relu(x); b = Tanh(a); f = Flatten(b); y = MatMul(f, w:120x3)", &INPUT);
    let nodes = &mut model.graph.as_mut().unwrap().node;
    for (node, name) in nodes.iter_mut().zip(["/layer 1/é", "/layer 1/é", "image", ""]) {
        node.name = Some(name.to_owned());
    }
    let lowered = lowered(&model).unwrap();
    let names: Vec<&str> = lowered.spec.names().collect();
    assert_eq!(names, ["image", "/layer_1/_", "/layer_1/_~2", "image~2", "y"]);
}

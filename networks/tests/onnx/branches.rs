//! `If` with a condition that does not depend on the image: the network is that of the branch which it chooses.

use rten_onnx::onnx::{AttributeProto, GraphProto, ModelProto, NodeProto};

use crate::model::{declared, lowered, model, nodes, ops};

/// What makes logits of `z`.
const HEAD: &str = "f = Flatten(z); y = MatMul(f, w:120x3)";

/// A graph of these nodes, whose output is `name`.
fn branch(text: &str, name: &str) -> GraphProto {
    let (node, initializer) = nodes(text);
    GraphProto { node, initializer, output: vec![declared(name, &[])], ..GraphProto::default() }
}

fn attribute(name: &str, graph: GraphProto) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), g: Some(graph), ..AttributeProto::default() }
}

/// A node that gives `output`.
fn choice(condition: &str, output: &str, [then, other]: [GraphProto; 2]) -> NodeProto {
    NodeProto {
        op_type: Some("If".to_owned()),
        input: vec![condition.to_owned()],
        output: vec![output.to_owned()],
        attribute: vec![attribute("then_branch", then), attribute("else_branch", other)],
        ..NodeProto::default()
    }
}

/// A network whose `z` is chosen by whether the image has so many channels; `a` is computed before.
fn chosen(channels: usize, branches: [GraphProto; 2]) -> ModelProto {
    let condition = format!(
        "s = Shape(x); c = Gather(s, #1) axis=0; e = Equal(c, #{channels}); a = Conv(x, k:4x4x1x1); b = Tanh(x); "
    );
    let mut model = model(13, &(condition + HEAD), &[-1, 4, 6, 5]);
    // Ahead of what it reads, which is no matter.
    model.graph.as_mut().unwrap().node.insert(0, choice("e", "z", branches));
    model
}

#[test]
fn the_branch_that_a_condition_chooses_is_the_network() {
    let relu = || branch("t = Mul(a, {0.5}); u = Relu(t)", "u");
    // Of the other branch nothing is asked, not even that it is known.
    let unknown = || branch("u = LSTM(b, q)", "u");
    let plain = model(13, &format!("a = Conv(x, k:4x4x1x1); t = Mul(a, {{0.5}}); z = Relu(t); {HEAD}"), &[-1, 4, 6, 5]);
    let plain = lowered(&plain).unwrap();
    let nested = |condition: &str| GraphProto {
        node: vec![choice(condition, "u", [relu(), branch("t = Elu(a); u = Selu(t)", "u")])],
        output: vec![declared("u", &[])],
        ..GraphProto::default()
    };
    for (what, channels, branches) in [
        ("then", 4, [relu(), branch("u = Relu(b)", "u")]),
        ("else", 3, [branch("u = Relu(b)", "u"), relu()]),
        ("a branch in a branch", 4, [nested("e"), relu()]),
        ("an unknown operator in the other branch", 4, [relu(), branch("u = LSTM(b)", "u")]),
    ] {
        let found = lowered(&chosen(channels, branches)).unwrap();
        assert_eq!((found.spec.nodes.len(), &found.weights), (plain.spec.nodes.len(), &plain.weights), "{what}");
        assert_eq!(ops(&found), ops(&plain), "{what}");
    }
    // A value from around the branch, as it is.
    let passed = lowered(&chosen(4, [branch("", "a"), branch("", "b")])).unwrap();
    assert_eq!(ops(&passed).len(), plain.spec.nodes.len() - 1);
    for (branches, expected) in [
        ([branch("u = LSTM(b)", "u"), relu()], "operators that are not supported: LSTM (1, first node0)"),
        ([branch("u = Relu(q)", "u"), relu()], "reads the value q, which is neither computed nor stored"),
        ([branch("u = Relu(b)", "v"), relu()], "node z reads the value v, which is neither computed nor stored"),
        ([branch("u = Relu(z)", "u"), relu()], "goes in a circle"),
        ([relu(), unknown()], "reads the value q, which is neither computed nor stored"),
    ] {
        let error = lowered(&chosen(4, branches)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

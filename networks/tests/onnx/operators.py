"""Writes `operators.txt` anew: for each line what onnxruntime says of its network.

    venv/bin/python networks/tests/onnx/operators.py

A line is `opset | nodes | features | three logits`; this keeps the first two and fills in the others. Nodes are separated by
`;`, and `y` is the last value, of which three sums with fixed weights are the logits. Written out:

    x                the image, (1, 4, 6, 5)
    w:4x3            floats 0.6 sin(0.37 i + seed of the name); w:4x3+ their squares plus 0.3
    [1,2] #3         integers, a single integer
    {1.5} {1,2}      a single float, floats
    a=1 a=1, a=1.5 a=SAME    attributes: an integer, integers, a float, a string
"""

import math
import re
from pathlib import Path

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

PATH = Path(__file__).with_name("operators.txt")


def wave(count, seed, step=0.37):
    return numpy.array([0.6 * math.sin(step * i + seed) for i in range(count)], numpy.float32)


def constant(text):
    """The tensor that a name says, None for the name of a value."""
    if text.startswith("["):
        return numpy.array([int(number) for number in text[1:-1].split(",") if number], numpy.int64)
    if text.startswith("#"):
        return numpy.array(int(text[1:]), numpy.int64)
    if text.startswith("{"):
        numbers = [float(number) for number in text[1:-1].split(",") if number]
        return numpy.array(numbers if "," in text else numbers[0], numpy.float32)
    if ":" in text:
        name, shape = text.rstrip("+").split(":")
        shape = [int(size) for size in shape.split("x")]
        values = wave(math.prod(shape), sum(map(ord, name)) % 7)
        return (values * values + numpy.float32(0.3) if text.endswith("+") else values).reshape(shape)
    return None


def attribute(text):
    if re.fullmatch(r"[-\d,]*,[-\d,]*", text):
        return [int(number) for number in text.split(",") if number]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[\d.]+", text) else text


def model(opset, nodes, features):
    made, stored = [], {}
    for at, node in enumerate(nodes.split(";")):
        outputs, operator, inputs, attributes = re.fullmatch(r"\s*(.*?) = (\w+)\((.*?)\)\s*(.*?)\s*", node).groups()
        inputs = [text.strip() for text in re.split(r",(?![^\[{]*[\]}])", inputs) if text.strip()]
        stored |= {text: constant(text) for text in inputs if constant(text) is not None}
        keys = {pair.split("=")[0]: attribute(pair.split("=")[1]) for pair in attributes.split()}
        inputs = ["" if text == "_" else text for text in inputs]
        made.append(helper.make_node(operator, inputs, [text.strip() for text in outputs.split(",")], name=f"node{at}", **keys))
    if features:
        stored |= {"ends": numpy.array([1, -1], numpy.int64), "sums": wave(3 * features, 1.0, 0.71).reshape(features, 3)}
        made += [helper.make_node("Reshape", ["y", "ends"], ["flat"]), helper.make_node("MatMul", ["flat", "sums"], ["logits"])]
    last = "logits" if features else "y"
    graph = helper.make_graph(
        made, "graph", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4, 6, 5])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in stored.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def run(opset, nodes, features):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model(opset, nodes, features).SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": wave(120, 0.2, 0.53).reshape(1, 4, 6, 5)})[0]


lines = []
for line in PATH.read_text().splitlines():
    if not line or line.startswith("#"):
        lines.append(line)
        continue
    opset, nodes = [part.strip() for part in line.split("|")[:2]]
    try:
        features = run(int(opset), nodes, 0).size
        logits = run(int(opset), nodes, features).ravel()
        lines.append(f"{opset} | {nodes} | {features} | " + " ".join(f"{value:.7g}" for value in logits))
    except Exception as error:
        print(f"{nodes}: {error}")
        lines.append(f"{opset} | {nodes}")
PATH.write_text("\n".join(lines) + "\n")

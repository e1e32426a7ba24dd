"""The nine light classifiers of the Python package `onnx`, whose weights are one constant, filled with seeded values.

    python benches/peers/light_networks.py OUT [ROBUST]

Writes OUT/NAME.onnx (weights beside it in NAME.onnx.data) and OUT/NAME.npz with `x`, two images, and `logits`, what onnxruntime says before
the final softmax. With ROBUST, the built binary, compares: the largest difference of two logits over the largest logit. Needs onnx and onnxruntime.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def filled(model, rng):
    """The model with an initializer in place of each constant: He-normal weights, variances around 1."""
    graph = model.graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    variances = {node.input[4] for node in graph.node if node.op_type == "BatchNormalization"}
    scales = {node.input[1] for node in graph.node if node.op_type == "BatchNormalization"}
    kept = []
    for node in graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape, name = stored[node.input[0]], node.output[0]
        if len(shape) == 1:
            values = 0.1 * rng.standard_normal(shape)
            values = 1 + values if name in scales else np.exp(values) if name in variances else values
        else:
            values = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
    del graph.node[:]
    graph.node.extend(kept)
    return model


onnxruntime.set_default_logger_severity(3)


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted(LIGHT.glob("*.onnx"))):
        rng = np.random.default_rng(number)
        model = filled(onnx.load(path), rng)
        [softmax] = [node for node in model.graph.node if node.op_type == "Softmax"][-1:] or [None]
        target, name = out / path.name, path.stem
        target.with_suffix(".onnx.data").unlink(missing_ok=True)
        onnx.save(model, target, save_as_external_data=True, location=f"{path.name}.data")
        initial = {tensor.name for tensor in model.graph.initializer}
        [image] = [value for value in model.graph.input if value.name not in initial]
        shape = [dimension.dim_value for dimension in image.type.tensor_type.shape.dim]
        # The logits are an output too, for onnxruntime alone.
        logits = softmax.input[0] if softmax else model.graph.output[0].name
        if logits != model.graph.output[0].name:
            model.graph.output.append(onnx.helper.make_tensor_value_info(logits, onnx.TensorProto.FLOAT, None))
        asked = out / "asked.onnx"
        onnx.save(model, asked, save_as_external_data=True, location="asked.data")
        session = onnxruntime.InferenceSession(str(asked))
        x = rng.random([2, *shape[1:]], np.float32)
        found = np.concatenate([session.run([logits], {image.name: one[None]})[0].reshape(1, -1) for one in x])
        np.savez(out / f"{name}.npz", x=x, logits=found)
        for rest in ("asked.onnx", "asked.data"):
            (out / rest).unlink(missing_ok=True)
        line = f"{name}: {found.shape[1]} classes"
        if len(sys.argv) > 2:
            told = subprocess.run(
                [sys.argv[2], "inspect", "--model", target, "--reference", out / f"{name}.npz", "--json"],
                check=True, capture_output=True, text=True,
            )
            reference = json.loads(told.stdout)["reference"]
            line += f", {reference['largest'] / reference['largest_logit']:.1e} of the largest logit {reference['largest_logit']:.3g}"
        print(line, flush=True)


main()

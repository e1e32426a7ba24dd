"""The nine light classifiers of the Python package `onnx`, whose weights are one constant, filled with seeded values.

    python benches/peers/light_networks.py OUT [ROBUST]

Writes OUT/NAME.onnx (weights beside it in NAME.onnx.data) and OUT/NAME.npz with `x`, two images, and `logits`, what onnxruntime says before
the final softmax. For the first image it adds `class`, the second most likely one, and at `places`, the 20 pixels where the gradient of its
logit is largest and 20 others, `gradient` and `loss_gradient`: difference quotients in f64 of that logit and of its cross-entropy, by PyTorch from the
same weights; and `change`, by how much PyTorch's gradient in f64 changes when all weights do by two millionths of themselves. networks/tests/exported.rs
reads the folder. With ROBUST, the built binary, compares logits: the largest difference over the largest logit. Needs onnx, onnxruntime and torch.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from exact import Exact
from onnx import numpy_helper

# Far above the rounding of f64, and so small that hardly a kink of a Relu lies between.
STEP = 1e-6
# Images tried at most; how much weights are changed to see whether a kink is near, and by how much a gradient may then.
TRIED, NOISE, STEADY = 10, 2e-6, 3e-4
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def filled(model, rng):
    """The model with an initializer in place of each constant: He-normal weights, variances around 1."""
    graph = model.graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    variances = {node.input[4] for node in graph.node if node.op_type == "BatchNormalization"}
    scales = {node.input[1] for node in graph.node if node.op_type == "BatchNormalization"}
    # One file multiplies behind its normalizations.
    factors = {name for node in graph.node if node.op_type == "Mul" for name in node.input}
    scales |= {node.input[0] for node in graph.node if node.op_type == "Unsqueeze" and node.output[0] in factors}
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


def gradient(network, x):
    """The second most likely class of an image, and the gradient of its logit."""
    x = x.clone().requires_grad_()
    logits = network(x)[0]
    label = int(logits.topk(2).indices[1])
    return label, torch.autograd.grad(logits[label], x)[0].flatten()


def steady(network, shape, rng):
    """An image, its class and the gradient of that logit. At a kink, of which these networks have millions, two right gradients may differ; of some images it
    is the one whose gradient changes least when all weights change a little."""
    other, best = network.shaken(NOISE), None
    for _ in range(TRIED):
        image = rng.random([1, *shape], np.float32)
        x = torch.from_numpy(image).double()
        (label, found), (_, shaken) = gradient(network, x), gradient(other, x)
        change = float((found - shaken).abs().max() / found.abs().max())
        if best is None or change < best[0]:
            best = change, image, label, found
        if change < STEADY:
            break
    return best


def slopes(network, image, label, expected, rng):
    """`class`, `places`, `gradient` and `loss_gradient` for one image, of which PyTorch expects this gradient."""
    image = torch.from_numpy(image).double()

    def both(x):
        """The logit of the class, and its cross-entropy."""
        logits = network(x)[0]
        return torch.stack([logits[label], torch.logsumexp(logits, 0) - logits[label]])

    order = expected.abs().argsort(descending=True)
    places = torch.cat([order[:20], order[20:][torch.from_numpy(rng.choice(len(order) - 20, 20, replace=False))]])
    found = []
    with torch.no_grad():
        before = both(image)
        for place in places:
            step = torch.zeros_like(image).flatten()
            step[place] = STEP
            found.append((both(image + step.reshape(image.shape)) - before) / STEP)
    found = torch.stack(found).T
    apart = float((found[0] - expected[places]).abs().max() / found[0].abs().max())
    values = {name: row.float().numpy()[None] for name, row in zip(("gradient", "loss_gradient"), found)}
    zero = int((found == 0).any(0).sum())
    return {"class": np.array([label]), "places": places.numpy()[None], **values}, zero, apart


onnxruntime.set_default_logger_severity(3)


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted(LIGHT.glob("*.onnx"))):
        rng = np.random.default_rng(number)
        model = filled(onnx.load(path), rng)
        [softmax] = [node for node in model.graph.node if node.op_type == "Softmax"][-1:] or [None]
        logits = softmax.input[0] if softmax else model.graph.output[0].name
        initial = {tensor.name for tensor in model.graph.initializer}
        [given] = [value for value in model.graph.input if value.name not in initial]
        shape = [dimension.dim_value for dimension in given.type.tensor_type.shape.dim]
        exact = Exact(model, given.name, logits)
        target, name = out / path.name, path.stem
        target.with_suffix(".onnx.data").unlink(missing_ok=True)
        onnx.save(model, target, save_as_external_data=True, location=f"{path.name}.data")
        # The logits are an output too, for onnxruntime alone.
        if logits != model.graph.output[0].name:
            model.graph.output.append(onnx.helper.make_tensor_value_info(logits, onnx.TensorProto.FLOAT, None))
        asked = out / "asked.onnx"
        onnx.save(model, asked, save_as_external_data=True, location="asked.data")
        session = onnxruntime.InferenceSession(str(asked))
        change, image, label, expected = steady(exact, shape[1:], rng)
        x = np.concatenate([image, rng.random([1, *shape[1:]], np.float32)])
        found = np.concatenate([session.run([logits], {given.name: one[None]})[0].reshape(1, -1) for one in x])
        more, zero, apart = slopes(exact, image, label, expected, rng)
        np.savez(out / f"{name}.npz", x=x, logits=found, change=np.array([change], np.float32), **more)
        for rest in ("asked.onnx", "asked.data"):
            (out / rest).unlink(missing_ok=True)
        line = f"{name}: {zero} of 40 slopes are zero, {apart:.0e} from PyTorch's own, which change by {change:.0e} with the weights"
        if len(sys.argv) > 2:
            told = subprocess.run(
                [sys.argv[2], "inspect", "--model", target, "--reference", out / f"{name}.npz", "--json"],
                check=True, capture_output=True, text=True,
            )
            reference = json.loads(told.stdout)["reference"]
            line += f", {reference['largest'] / reference['largest_logit']:.1e} of the largest logit {reference['largest_logit']:.3g}"
        print(line, flush=True)


main()

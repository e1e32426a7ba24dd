"""An ONNX graph in f64 by PyTorch: the operators of the light networks, nothing of `robust` and nothing of onnxruntime."""

import copy

import torch
from onnx import helper, numpy_helper
from torch.nn import functional as F


class Exact:
    """Calling it with an image in f64 gives the value called `output`."""

    def __init__(self, model, image, output):
        self.nodes, self.image, self.output = model.graph.node, image, output
        self.stored = {}
        for tensor in model.graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            self.stored[tensor.name] = value.double() if value.is_floating_point() else value

    def shaken(self, noise):
        """The same with every weight changed by about this share of itself."""
        other, drawn = copy.copy(self), torch.Generator().manual_seed(0)
        change = lambda value: value * (1 + noise * torch.randn(value.shape, generator=drawn, dtype=value.dtype))
        other.stored = {name: change(value) if value.is_floating_point() else value for name, value in self.stored.items()}
        return other

    def __call__(self, x):
        values = {**self.stored, self.image: x}
        for node in self.nodes:
            operands = [values[name] for name in node.input if name]
            said = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
            values[node.output[0]] = OPERATORS[node.op_type](operands, said)
            if node.output[0] == self.output:
                return values[self.output].flatten(1)


def padded(x, said, fill):
    top, left, bottom, right = said.get("pads", [0, 0, 0, 0])
    return F.pad(x, (left, right, top, bottom), value=fill)


def convolution(operands, said):
    x, *weights = operands
    return F.conv2d(padded(x, said, 0.0), *weights, stride=said.get("strides", 1), groups=said.get("group", 1))


def largest(operands, said):
    return F.max_pool2d(padded(operands[0], said, -torch.inf), said["kernel_shape"], said["strides"])


def average(operands, said):
    """What is padded counts nothing."""
    x = operands[0]
    parts = [F.avg_pool2d(padded(part, said, 0.0), said["kernel_shape"], said["strides"]) for part in (x, torch.ones_like(x))]
    return parts[0] / parts[1]


def normalization(operands, said):
    x, scale, shift, mean, variance = operands
    return F.batch_norm(x, mean, variance, scale, shift, eps=said.get("epsilon", 1e-5))


def reshape(operands, said):
    """As the file says, which is for a batch of one."""
    x, shape = operands
    return x.reshape([x.shape[at] if size == 0 else size for at, size in enumerate(shape.tolist())])


def unsqueeze(operands, said):
    x = operands[0]
    for axis in said["axes"]:
        x = x.unsqueeze(axis)
    return x


OPERATORS = {
    "Conv": convolution,
    "MaxPool": largest,
    "AveragePool": average,
    "BatchNormalization": normalization,
    "Reshape": reshape,
    "Unsqueeze": unsqueeze,
    "GlobalAveragePool": lambda operands, said: operands[0].mean((2, 3), keepdim=True),
    "LRN": lambda operands, said: F.local_response_norm(operands[0], said["size"], said["alpha"], said["beta"], said["bias"]),
    "Relu": lambda operands, said: operands[0].relu(),
    "Dropout": lambda operands, said: operands[0],
    "Gemm": lambda operands, said: F.linear(operands[0], operands[1] if said.get("transB") else operands[1].T, operands[2]),
    "Mul": lambda operands, said: operands[0] * operands[1],
    "Add": lambda operands, said: operands[0] + operands[1],
    "Sum": lambda operands, said: sum(operands),
    "Concat": lambda operands, said: torch.cat(operands, said["axis"]),
    "Transpose": lambda operands, said: operands[0].permute(said["perm"]),
    "Softmax": lambda operands, said: operands[0].softmax(1),
}

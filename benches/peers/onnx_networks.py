"""Exports the networks that people bring as ONNX files, each with what onnxruntime and PyTorch say of it.

    venv/bin/python benches/peers/onnx_networks.py FOLDER [--only NAME]

writes `network-exporter-opset.onnx` (with `.onnx.data` beside it where the exporter writes two files) and, with the
extension `.npz`, `x` (4 images in [0, 1]), the `logits` of onnxruntime in f32, and `gradient`, PyTorch's of the first class's
logit. Weights are random and seeded; statistics of batch normalizations are those of a batch. `cargo test -p
robust-networks --release --test exported -- --ignored` reads the folder.

Needs torch, torchvision, onnx, onnxscript, onnxruntime; scikit-learn and skl2onnx for its network.
"""

import argparse
from pathlib import Path

import numpy
import onnxruntime
import torch
import torchvision
from torch import nn

# Name and opset of each exporter. From 2.9 on PyTorch writes two files by default with the second.
EXPORTERS = [("legacy", False, 11), ("legacy", False, 17), ("dynamo", True, 18), ("dynamo", True, 20)]

# Networks that are also exported for a batch of a fixed size.
FIXED = ("resnet18", "small-vit", "odd")


class Odd(nn.Module):
    """What the others lack: uneven windows, gaps, groups, other activations, transposed convolutions, norms of groups."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 12, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 1)), nn.GroupNorm(3, 12), nn.ELU(),
            nn.Conv2d(12, 12, 3, padding=2, dilation=2, groups=4, bias=False), nn.InstanceNorm2d(12, affine=True), nn.PReLU(12),
            nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.SELU(), nn.ConvTranspose2d(12, 6, 3, stride=2, padding=1, output_padding=1),
            nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2), nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.Softplus(),
            nn.AvgPool2d(2, 2, count_include_pad=False), nn.ReflectionPad2d((1, 2, 0, 1)), nn.Conv2d(6, 8, 3), nn.Mish(),
            nn.PixelUnshuffle(2), nn.Hardswish(), nn.PixelShuffle(2), nn.CELU(0.7), nn.ReplicationPad2d(1), nn.Hardsigmoid(),
            nn.Softsign(), nn.AvgPool2d((5, 12)), nn.Flatten(), nn.Linear(32, 24), nn.LayerNorm(24),
            nn.GELU(approximate="tanh"), nn.Linear(24, 10))

    def forward(self, x):
        return self.layers(x)


class Binary(nn.Module):
    """One sigmoid at the end: two classes."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.SiLU(), nn.Flatten(), nn.Linear(8 * 14 * 14, 1))

    def forward(self, x):
        return torch.sigmoid(self.layers(x))


class Normalized(nn.Module):
    """Preprocessing inside, features of one dimension, and a head of (N, K, 1, 1)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.first = nn.Conv2d(3, 16, 3, padding=1)
        self.rows = nn.Conv1d(16, 16, 5, padding=2)
        self.norm = nn.BatchNorm1d(16)
        self.head = nn.Conv2d(16, 10, 1)

    def forward(self, x):
        x = torch.relu(self.first((x - self.mean) / self.std))
        x = torch.tanh(self.norm(self.rows(x.flatten(2))))
        return self.head(x.mean(2)[:, :, None, None])


def networks():
    """For each name a maker and the shape of an image."""
    models = torchvision.models
    return {
        "resnet18": (lambda: models.resnet18(num_classes=10), (3, 64, 64)),
        "vgg11-bn": (lambda: models.vgg11_bn(num_classes=10), (3, 224, 224)),
        "densenet121": (lambda: models.densenet121(num_classes=10), (3, 64, 64)),
        "mobilenet-v2": (lambda: models.mobilenet_v2(num_classes=10), (3, 64, 64)),
        "mobilenet-v3-small": (lambda: models.mobilenet_v3_small(num_classes=10), (3, 64, 64)),
        "efficientnet-b0": (lambda: models.efficientnet_b0(num_classes=10), (3, 64, 64)),
        "convnext-tiny": (lambda: models.convnext_tiny(num_classes=10), (3, 64, 64)),
        "vit-b-16": (lambda: models.vit_b_16(num_classes=10, image_size=48), (3, 48, 48)),
        "squeezenet": (lambda: models.squeezenet1_1(num_classes=10), (3, 64, 64)),
        "shufflenet-v2": (lambda: models.shufflenet_v2_x1_0(num_classes=10), (3, 64, 64)),
        "regnet-y": (lambda: models.regnet_y_400mf(num_classes=10), (3, 64, 64)),
        "googlenet": (lambda: models.googlenet(num_classes=10, aux_logits=False, init_weights=False), (3, 64, 64)),
        "swin-t": (lambda: models.swin_t(num_classes=10), (3, 64, 64)),
        "small-vit": (lambda: models.VisionTransformer(image_size=48, patch_size=16, num_layers=2, num_heads=4, hidden_dim=48,
                                                       mlp_dim=64, num_classes=10), (3, 48, 48)),
        "odd": (Odd, (3, 33, 40)),
        "binary": (Binary, (1, 28, 28)),
        "normalized": (Normalized, (3, 12, 12)),
    }


def seeded(make, shape):
    """The network with statistics of a batch, in inference."""
    torch.manual_seed(0)
    network = make()
    # As they are made, biases are zero and scales are one, which would hide them; a whole head may be zero.
    for parameter in network.parameters():
        if parameter.dim() == 1 or parameter.min() == parameter.max():
            parameter.data.add_(0.1 * torch.randn_like(parameter))
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.rand(8, *shape))
    return network.eval()


def save(folder, name, network, shape, exporter):
    kind, dynamo, opset = exporter
    stem = f"{name}-{kind}-{opset}"
    path = folder / f"{stem}.onnx"
    x = torch.rand(4, *shape, generator=torch.Generator().manual_seed(1), requires_grad=True)
    if dynamo:
        options = dict(dynamic_shapes=({0: torch.export.Dim("batch")},), dynamo=True)
    else:
        options = dict(input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False)
    torch.onnx.export(network, (x.detach()[:2],), str(path), opset_version=opset, **options)
    keep(path, x, network)


def save_fixed(folder, name, network, shape):
    """For a batch of two and no other: exporters fold its size into shapes."""
    for kind, dynamo in [("legacy", False), ("dynamo", True)]:
        path = folder / f"{name}-{kind}-fixed.onnx"
        torch.onnx.export(network, (torch.rand(2, *shape),), str(path), opset_version=18 if dynamo else 17, dynamo=dynamo)
        keep(path, torch.rand(4, *shape, generator=torch.Generator().manual_seed(1), requires_grad=True), network)


def save_perceptrons(folder):
    """scikit-learn's, of two and of ten classes; its outputs are a label and probabilities, here compared as logits."""
    from skl2onnx import to_onnx
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    x, label = load_digits(return_X_y=True)
    x = (x / 16).astype(numpy.float32)
    for classes in (2, 10):
        kept = label < classes
        network = MLPClassifier((32, 16), max_iter=20, random_state=0).fit(x[kept], label[kept])
        path = folder / f"perceptron-{classes}.onnx"
        path.write_bytes(to_onnx(network, x[:1], options={"zipmap": False}).SerializeToString())
        z = x[kept][:4].astype(numpy.float64)
        for layer, (weight, bias) in enumerate(zip(network.coefs_, network.intercepts_)):
            z = (numpy.maximum(z, 0) if layer else z) @ weight + bias
        logits = numpy.hstack([numpy.zeros_like(z), z]) if classes == 2 else z
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        probabilities = session.run(["probabilities"], {session.get_inputs()[0].name: x[kept][:4]})[0]
        odds = numpy.exp(logits - logits.max(1, keepdims=True))
        assert abs(odds / odds.sum(1, keepdims=True) - probabilities).max() < 1e-5
        numpy.savez(path.with_suffix(".npz"), x=x[kept][:4], logits=logits.astype(numpy.float32))
        print(f"{path.name}: written", flush=True)


def keep(path, x, network):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    batches = x.detach().split(session.get_inputs()[0].shape[0] if isinstance(session.get_inputs()[0].shape[0], int) else len(x))
    logits = numpy.concatenate([session.run(None, {session.get_inputs()[0].name: batch.numpy()})[0] for batch in batches])
    found = network(x)
    found = found.flatten(1)
    if found.shape[1] == 1:
        # Of one sigmoid: the logits 0 and z.
        z = torch.logit(found.double()).float()
        found = torch.cat([torch.zeros_like(z), z], 1)
        probability = logits.reshape(-1, 1).astype(numpy.float64)
        logits = numpy.concatenate([numpy.zeros_like(probability), numpy.log(probability / (1 - probability))], 1).astype(numpy.float32)
    # The first class of two by one sigmoid is 0.
    gradient, = torch.autograd.grad(found[:, -1 if found.shape[1] == 2 else 0].sum(), x)
    numpy.savez(path.with_suffix(".npz"), x=x.detach().numpy(), logits=logits, gradient=gradient.numpy())
    print(f"{path.name}: {abs(logits.reshape(found.shape) - found.detach().numpy()).max() / abs(logits).max():.1e} between onnxruntime and PyTorch", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, (make, shape) in networks().items():
        if arguments.only not in name:
            continue
        network = seeded(make, shape)
        for exporter in EXPORTERS:
            try:
                save(arguments.folder, name, network, shape, exporter)
            except Exception as error:
                print(f"{name} by {exporter[0]} at opset {exporter[2]}: {str(error).strip().splitlines()[0]}", flush=True)
        if name in FIXED:
            save_fixed(arguments.folder, name, network, shape)
    if arguments.only in "perceptron":
        save_perceptrons(arguments.folder)


if __name__ == "__main__":
    main()

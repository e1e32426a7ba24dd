"""Exports the networks that people bring as ONNX files, each with what onnxruntime and PyTorch say of it.

    venv/bin/python benches/peers/onnx_networks.py FOLDER [--only NAME]

writes `network-exporter-opset.onnx` (with `.onnx.data` beside it where the exporter writes two files) and, with the
extension `.npz`, `x` (6 images in [0, 1]), the `logits` of onnxruntime in f32, and what PyTorch says of the same weights in f64:
`gradient`, that of the logit of each image's `class` (the second most likely), `loss_gradient`, that of its cross-entropy, and `change`, by how much
the first changes when all weights do by two millionths of themselves.
Weights are random and seeded; statistics of batch normalizations are those of a batch. networks/tests/exported.rs reads the folder.

Needs torch, torchvision, onnx, onnxscript, onnxruntime; scikit-learn and skl2onnx for its network.
"""

import argparse
import copy
from pathlib import Path

import numpy
import onnxruntime
import torch
import torchvision
from torch import nn

# Name and opset of each exporter. From 2.9 on PyTorch writes two files by default with the second.
EXPORTERS = [("legacy", False, 11), ("legacy", False, 17), ("dynamo", True, 18), ("dynamo", True, 20)]

# One network is exported at every opset that an exporter has.
EVERY_OPSET = ("resnet18", [("legacy", False, opset) for opset in range(7, 21)] + [("dynamo", True, opset) for opset in range(18, 24)])

# Images of each network, and how many are tried at most to find them.
IMAGES, TRIED = 6, 40
# How much weights are changed to see whether a kink is near, and by how much gradients may then, as a share of their largest.
NOISE, STEADY = 2e-6, 3e-4

# Networks that are also exported for a batch of a fixed size.
FIXED = ("resnet18", "small-vit", "odd")

# Networks that are exported for images of any size, too.
OPEN = ("resized",)


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


class Resized(nn.Module):
    """Maps resized between pixels, Einstein's sums, and a dimension of one that is one only when sizes are known."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 8, 3)
        self.query, self.key, self.head = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(16, 10)

    def forward(self, x):
        x = nn.functional.interpolate(torch.relu(self.first(x)), scale_factor=2, mode="bilinear")
        x = nn.functional.interpolate(torch.tanh(self.second(x)), size=(9, 7), mode="bilinear", align_corners=True)
        tokens = x.flatten(2).transpose(1, 2)
        likeness = torch.einsum("bic,bjc->bij", self.query(tokens), self.key(tokens)).softmax(2)
        row = x[:, :, 2:3].squeeze(2).mean(2)
        return self.head(torch.cat([torch.einsum("bij,bjc->bic", likeness, tokens).mean(1), row], 1))


def small_vgg():
    """For images of 32 pixels: without the pool that would make 49 pixels of one."""
    network = torchvision.models.vgg11_bn(num_classes=10)
    network.avgpool, network.classifier[0] = nn.Identity(), nn.Linear(512, 4096)
    return network


def networks():
    """For each name a maker and the shape of an image."""
    models = torchvision.models
    return {
        "resnet18": (lambda: models.resnet18(num_classes=10), (3, 64, 64)),
        "vgg11-bn": (small_vgg, (3, 32, 32)),
        "densenet121": (lambda: models.densenet121(num_classes=10), (3, 32, 32)),
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
        "resized": (Resized, (3, 20, 24)),
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


def save(folder, name, network, shape, exporter, known):
    """A file that is there already is not exported again."""
    kind, dynamo, opset = exporter
    path = folder / f"{name}-{kind}-{opset}.onnx"
    if not path.exists():
        if dynamo:
            options = dict(dynamic_shapes=({0: torch.export.Dim("batch")},), dynamo=True)
        else:
            options = dict(input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False)
        torch.onnx.export(network, (torch.rand(2, *shape),), str(path), opset_version=opset, **options)
    keep(path, known)


def save_open(folder, name, network, shape, known):
    """Rows and columns have names, too: exporters choose between branches by what they turn out to be."""
    path = folder / f"{name}-legacy-open.onnx"
    axes = {0: "batch", 2: "rows", 3: "columns"}
    if not path.exists():
        torch.onnx.export(
            network, (torch.rand(2, *shape),), str(path), input_names=["image"], dynamic_axes={"image": axes}, opset_version=17, dynamo=False
        )
    keep(path, known)


def save_fixed(folder, name, network, shape, known):
    """For a batch of two and no other: exporters fold its size into shapes."""
    for kind, dynamo in [("legacy", False), ("dynamo", True)]:
        path = folder / f"{name}-{kind}-fixed.onnx"
        if not path.exists():
            torch.onnx.export(network, (torch.rand(2, *shape),), str(path), opset_version=18 if dynamo else 17, dynamo=dynamo)
        keep(path, known)


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


def slopes(network, x):
    """Logits in f64, the second most likely class, and the gradients of its logit and of its cross-entropy, image by image."""
    x = x.double().requires_grad_()
    logits = network(x).flatten(1)
    if logits.shape[1] == 1:
        # Of one sigmoid: the logits 0 and z.
        z = torch.logit(logits)
        logits = torch.cat([torch.zeros_like(z), z], 1)
    # The first class of two by one sigmoid is 0, without a slope.
    label = torch.ones(len(x), dtype=int) if logits.shape[1] == 2 else logits.topk(2).indices[:, 1]
    scalars = (logits.gather(1, label[:, None]).sum(), nn.functional.cross_entropy(logits, label, reduction="sum"))
    return logits.detach(), label, [torch.autograd.grad(scalar, x, retain_graph=True)[0].detach() for scalar in scalars]


def known(network, shape):
    """Images, and what PyTorch says of them in f64. At a kink, of which a network of Relus has a million, two right gradients may differ:
    the images are those whose gradients change least when all weights change by two millionths of themselves."""
    network = copy.deepcopy(network).double()
    others = [copy.deepcopy(network) for _ in range(2)]
    noise = torch.Generator().manual_seed(2)
    for other in others:
        for parameter in other.parameters():
            parameter.data.mul_(1 + NOISE * torch.randn(parameter.shape, generator=noise, dtype=parameter.dtype))
    drawn, rows = torch.Generator().manual_seed(1), []
    for seen in range(1, TRIED + 1):
        x = torch.rand(1, *shape, generator=drawn)
        logits, label, gradients = slopes(network, x)
        change = max(float((slopes(other, x)[2][0] - gradients[0]).abs().max() / gradients[0].abs().max()) for other in others)
        rows.append((change, x, logits, label, *gradients))
        rows.sort(key=lambda row: row[0])
        del rows[IMAGES:]
        if len(rows) == IMAGES and rows[-1][0] < STEADY:
            break
    print(f"of {seen} images {sum(row[0] < STEADY for row in rows)} are far from kinks", flush=True)
    change, x, logits, label, *gradients = zip(*rows)
    x, logits, label, *gradients = (torch.cat(column) for column in (x, logits, label, *gradients))
    names = ("gradient", "loss_gradient")
    changes = numpy.array(change, numpy.float32)
    return {"x": x.numpy(), "class": label.numpy(), "change": changes, **{name: values.float().numpy() for name, values in zip(names, gradients)}}, logits.numpy()


def keep(path, known):
    arrays, exact = known
    x = arrays["x"]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    size = session.get_inputs()[0].shape[0]
    batches = numpy.split(x, len(x) // size) if isinstance(size, int) else [x]
    logits = numpy.concatenate([session.run(None, {session.get_inputs()[0].name: batch})[0] for batch in batches])
    if logits.size == len(x):
        probability = logits.reshape(-1, 1).astype(numpy.float64)
        logits = numpy.concatenate([numpy.zeros_like(probability), numpy.log(probability / (1 - probability))], 1).astype(numpy.float32)
    numpy.savez(path.with_suffix(".npz"), logits=logits, **arrays)
    print(f"{path.name}: {abs(logits.reshape(exact.shape) - exact).max() / abs(exact).max():.1e} between onnxruntime and PyTorch", flush=True)


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
        facts = known(network, shape)
        for exporter in EVERY_OPSET[1] if name == EVERY_OPSET[0] else EXPORTERS:
            try:
                save(arguments.folder, name, network, shape, exporter, facts)
            except Exception as error:
                print(f"{name} by {exporter[0]} at opset {exporter[2]}: {str(error).strip().splitlines()[0]}", flush=True)
        if name in FIXED:
            save_fixed(arguments.folder, name, network, shape, facts)
        if name in OPEN:
            save_open(arguments.folder, name, network, shape, facts)
    if arguments.only in "perceptron":
        save_perceptrons(arguments.folder)


if __name__ == "__main__":
    main()

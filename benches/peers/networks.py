"""Networks that people bring, forward and with the gradient to the images: our kernels on the ONNX file beside PyTorch at its best and the rate of
`gemm`, side by side in one run.

    venv/bin/python benches/peers/networks.py [--only NAME,..] [--markdown FILE]

Weights are random and seeded, statistics of batch normalizations those of a batch. PyTorch gets the network with its batch normalizations folded into
convolutions, as ours has it, in both memory layouts, several batches, and with --compile `torch.compile`; the fastest is measured. The line of
`gemm` is how many images a second its rate would do, at the multiplications of direct convolutions and products, twice: there and back; its ratio
is our share of that rate, and passes 1 where fewer multiplications do (Winograd).

Needs torch, torchvision, onnx, numpy.
"""

import copy
import itertools
import sys
import tempfile
import time
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.fx.experimental.optimization import fuse

import speed
from configuration import fastest
from contest import Result, Work
from onnx_networks import seeded, small_vgg
from resnet import ResNet, value

MODELS = torchvision.models
CLASSES = 10


def narrow_resnet18():
    """For images of 32 pixels: a first convolution of 3x3 without stride, and no pool behind it."""
    network = MODELS.resnet18(num_classes=CLASSES)
    network.conv1, network.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    return network


def vit(width, heads):
    return MODELS.VisionTransformer(image_size=224, patch_size=16, num_layers=12, num_heads=heads, hidden_dim=width, mlp_dim=4 * width, num_classes=CLASSES)


# Name: maker, side of an image, images in a call.
NETWORKS = {
    "ResNet-20": (ResNet, 32, 256),
    "ResNet-18": (narrow_resnet18, 32, 64),
    "VGG-11-bn": (small_vgg, 32, 128),
    "MobileNet v2": (lambda: MODELS.mobilenet_v2(num_classes=CLASSES), 96, 64),
    "EfficientNet-B0": (lambda: MODELS.efficientnet_b0(num_classes=CLASSES), 96, 64),
    "ResNet-50": (lambda: MODELS.resnet50(num_classes=CLASSES), 224, 16),
    "ViT-Ti/16": (lambda: vit(192, 3), 224, 16),
    "ViT-B/16": (lambda: vit(768, 12), 224, 8),
}


def multiplications(network, x):
    """Of convolutions, fully connected layers and attention, for one image."""
    found = 0

    def count(layer, inputs, output):
        nonlocal found
        if isinstance(layer, nn.Conv2d):
            found += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.MultiheadAttention):
            tokens, width = output[0].shape[-2:]
            found += tokens * width * (4 * width + 2 * tokens)
        elif isinstance(layer, nn.Linear):
            found += output.numel() * layer.in_features

    hooks = [layer.register_forward_hook(count) for layer in network.modules()]
    with torch.no_grad():
        network(x[:1])
    [hook.remove() for hook in hooks]
    return found


class Run:
    """The network in one of the ways that PyTorch offers."""

    def __init__(self, network, side, images, channels_last, batch, threads, compiled):
        parts = ["channels-last" if channels_last else "channels-first", f"batch {batch}"]
        self.name = ", ".join(parts + ["torch.compile"] * compiled)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        network = copy.deepcopy(network).to(memory_format=layout)
        x = torch.from_numpy((value(images * 3 * side * side, 0).astype("float32") / 2 + 0.5).reshape(images, 3, side, side))
        slopes = torch.from_numpy(value(images * CLASSES, 1).astype("float32").reshape(images, CLASSES))
        self.batches = [(x.contiguous(memory_format=layout), d) for x, d in zip(x.split(batch), slopes.split(batch))]
        self.images, self.threads = images, threads
        self.logits = torch.compile(network) if compiled else network

    def run(self):
        """The mean over images of the slopes' magnitudes."""
        torch.set_num_threads(self.threads)
        total = 0.0
        for x, d in self.batches:
            x = x.detach().requires_grad_()
            total += torch.autograd.grad(self.logits(x), x, d)[0].abs().sum(dtype=torch.float64).item()
        return total / self.images


def folded(network):
    """With batch normalizations in the convolutions before them, where PyTorch can see them."""
    try:
        return fuse(network)
    except Exception:  # of a network that it cannot trace
        return network


def work(name):
    def prepare(robust, settings):
        make, side, images = NETWORKS[name]
        network = seeded(make, (3, side, side)).requires_grad_(False)
        folder = tempfile.mkdtemp()
        path = Path(folder) / "network.onnx"
        x = torch.rand(2, 3, side, side)
        torch.onnx.export(network, (x,), str(path), input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, opset_version=17, dynamo=False)
        flops = 2 * 2 * multiplications(network, x)
        batches = [batch for batch in (8, 16, 32, 64, 128, 256) if images >= batch >= images // 8]
        compiled = (False, True) if settings.compile else (False,)
        ways = itertools.product((False, True), batches[-1:] if settings.quick else batches, (settings.threads,), compiled)
        best = fastest([Run(folded(network), side, images, *way) for way in ways], Run.run)

        def pytorch():
            check = best.run()
            start, runs = time.perf_counter(), 0
            while runs < 2 or time.perf_counter() - start < (1 if settings.quick else 3):
                best.run()
                runs += 1
            return Result(runs * images / (time.perf_counter() - start), check, best.name)

        def gemm():
            found = robust.measure("gemm")
            return Result(found.figure * 1e9 / flops, remark=f"{found.figure:.0f} GFLOP/s, {flops / 1e6:,.0f} MFLOP an image")

        contestants = {"robust": lambda: robust.measure("onnx", str(path), str(images)), "PyTorch": pytorch, "gemm": gemm}
        return Work(f"{name}, 3x{side}x{side}", "images/s", contestants, tolerance=0.01 * best.run())

    return prepare


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    # The exporter knows no fused attention; PyTorch takes its slower path for gradients all the same.
    torch.backends.mha.set_fastpath_enabled(False)
    speed.main({name: (work(name), 1) for name in NETWORKS}, __doc__, ("torch", "torchvision", "numpy"))

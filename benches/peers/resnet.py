"""A ResNet-20 (16, 32, 64 channels) on 3x32x32 images, forward and with the gradient to the images: PyTorch at its best against our
kernels. Both sides work out the same weights, so that sums of logits and slopes can be compared."""

import itertools
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from configuration import fastest
from contest import Result, Work

IMAGES, CLASSES = 256, 10


def value(count, stream):
    at = np.arange(count, dtype=np.uint64)
    return 2 * ((at * 2_654_435_761 + stream * 40_503) % 1_000_003) / 1_000_003 - 1


class Block(nn.Module):
    def __init__(self, channels, to):
        super().__init__()
        stride = 1 if channels == to else 2
        self.conv1 = nn.Conv2d(channels, to, 3, stride, 1)
        self.shortcut = nn.Conv2d(channels, to, 1, stride) if stride == 2 else nn.Identity()
        self.conv2 = nn.Conv2d(to, to, 3, 1, 1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1)
        widths = [16] * 3 + [32] * 3 + [64] * 3
        self.blocks = nn.Sequential(*(Block(*pair) for pair in zip([16] + widths, widths)))
        self.logits = nn.Linear(64, CLASSES)
        for number, (name, tensor) in enumerate(self.named_parameters()):
            if name.endswith("weight"):
                fan_in = tensor[0].numel()
            bound = (3 / fan_in) ** 0.5 * (0.1 if name.endswith("bias") else 1)
            values = (bound * value(tensor.numel(), number + 2)).astype(np.float32)
            tensor.data = torch.from_numpy(values).reshape(tensor.shape)
        self.requires_grad_(False).eval()

    def forward(self, x):
        return self.logits(self.blocks(F.relu(self.conv(x))).mean((2, 3)))


class Run:
    """The network in one of the ways that PyTorch offers."""

    def __init__(self, channels_last, batch, threads, compiled, with_gradient):
        parts = ["channels-last" if channels_last else "channels-first", f"batch {batch}", f"{threads} threads"]
        self.name = ", ".join(parts + ["torch.compile"] * compiled)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.net = ResNet().to(memory_format=layout)
        x = torch.from_numpy((value(IMAGES * 3 * 32 * 32, 0).astype(np.float32) / 2 + 0.5).reshape(IMAGES, 3, 32, 32))
        slopes = torch.from_numpy(value(IMAGES * CLASSES, 1).astype(np.float32).reshape(IMAGES, CLASSES))
        self.batches = [(x.contiguous(memory_format=layout), d) for x, d in zip(x.split(batch), slopes.split(batch))]
        self.threads, self.with_gradient = threads, with_gradient
        self.logits = torch.compile(self.net) if compiled else self.net

    def run(self):
        """The mean over images of the sum of logits, or of the slopes' magnitudes."""
        torch.set_num_threads(self.threads)
        total = 0.0
        for x, d in self.batches:
            if self.with_gradient:
                x = x.detach().requires_grad_()
                total += torch.autograd.grad(self.logits(x), x, d)[0].abs().sum(dtype=torch.float64).item()
            else:
                with torch.inference_mode():
                    total += self.logits(x).sum(dtype=torch.float64).item()
        return total / IMAGES


def work(with_gradient):
    def prepare(robust, settings):
        compiled = (False, True) if settings.compile else (False,)
        batches = (64,) if settings.quick else (32, 64, 128, 256)
        ways = itertools.product((False, True), batches, (settings.threads,), compiled)
        runs = [Run(*way, with_gradient) for way in ways]
        best = fastest(runs, Run.run)

        def pytorch():
            best.run()
            start, images = time.perf_counter(), 0
            while time.perf_counter() - start < (1 if settings.quick else 3):
                control = best.run()
                images += IMAGES
            return Result(images / (time.perf_counter() - start), control, best.name)

        title = "ResNet-20, 3x32x32, " + ("forward and input gradient" if with_gradient else "forward")
        return Work(title, "images/s", {
            "robust": lambda: robust.measure("resnet-gradient" if with_gradient else "resnet"),
            "PyTorch": pytorch,
        }, tolerance=0.001)

    return prepare


forward, gradient = work(False), work(True)

"""Training steps at batch 128 on the paper's two losses (noise, forward, backward, Adam): PyTorch and
candle's graph against ours. All start from the same network at a tiny rate, so that losses can be compared: the
embedded one, or random weights of networks for 3x32x32."""

import itertools
import json
import tempfile
import time
from pathlib import Path

import numpy as np

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import network
from configuration import fastest
from contest import Result, Work

BATCH, ALPHA, SIGMA, ONE_HOT_SHARE, RATE = 128, 0.05, 0.1, 0.5, 1e-7
ADAMS = {"Adam": {}, "foreach Adam": {"foreach": True}, "fused Adam": {"fused": True}}


class Run:
    """A network in training, in one of the ways that PyTorch offers."""

    def __init__(self, channels_last, adam, compiled, data, load):
        parts = ["channels-last" if channels_last else "channels-first", adam] + ["torch.compile"] * compiled
        self.name = ", ".join(parts)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        self.net = load().to(memory_format=self.layout).train().requires_grad_()
        self.optimiser = torch.optim.Adam(self.net.parameters(), lr=RATE, **ADAMS[adam])
        self.loss = torch.compile(self.batch_loss) if compiled else self.batch_loss
        self.x, self.label = data

    def batch_loss(self, clean, label):
        noisy = clean + SIGMA * torch.randn_like(clean)
        logits, style = self.net.encode(noisy)
        truth = F.one_hot(label, logits.shape[1]).float()
        one_hot = torch.rand(len(clean), 1) < ONE_HOT_SHARE
        drawn = self.net.decode(torch.where(one_hot, truth, logits.softmax(1)), style)
        return F.cross_entropy(logits, label) + ALPHA * (drawn - clean).square().sum() / len(clean)

    def steps(self, count):
        """Mean loss over `count` batches of shuffled images."""
        total = 0.0
        for chosen in torch.randperm(len(self.x))[:count * BATCH].split(BATCH):
            clean = self.x[chosen].contiguous(memory_format=self.layout)
            loss = self.loss(clean, self.label[chosen])
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            total += loss.item()
        return total / count


def work(robust, settings):
    candle = {"candle's graph": lambda: robust.measure("training-graph")}
    data = network.images("train", limit=55_000)
    return contest("training, batch 128", data, network.load, lambda: robust.measure("training"), candle, settings)


def colour(*channels):
    """The same of a network for colour images, with so many channels behind its convolutions."""

    def work(robust, settings):
        torch.manual_seed(0)
        shape = dict(image=(3, 32, 32), channels=channels)
        start = network.StyleMemory(10, 64, **shape).state_dict()
        about = dict(input=[3, 32, 32], classes=10, styles=64, channels=channels, hidden=[256, 128])
        about = dict(format_version=1, dataset="random", class_names=[str(k) for k in range(10)], classes=10, styles=64, training=None,
                     seed=0, data_hashes={}, test_accuracy=None, test_reconstruction=None, network=about)
        scratch = tempfile.TemporaryDirectory()
        folder = Path(scratch.name)
        save_file(start, folder / "start.safetensors", metadata={"robust": json.dumps(about)})
        pixels, label = torch.randint(256, (9_000, 32, 32, 3), dtype=torch.uint8), torch.arange(9_000) % 10
        np.savez(folder / "train.npz", x=pixels.numpy(), y=label.numpy())

        def load():
            net = network.StyleMemory(10, 64, **shape)
            net.load_state_dict(start)
            return net

        def ours():
            return robust.measure("training", str(folder / "start.safetensors"), scratch.name)

        data = pixels.permute(0, 3, 1, 2).contiguous().float() / 255, label
        return contest(f"training, 3x32x32, {'-'.join(map(str, channels))} channels", data, load, ours, {}, settings)

    return work


rule, wide = colour(32, 64), colour(48, 96, 192)


def contest(title, data, load, ours, others, settings):
    torch.set_num_threads(settings.threads)
    compiled = (False, True) if settings.compile else (False,)
    runs = [Run(*choice, data, load) for choice in itertools.product((False, True), ADAMS, compiled)]
    best = fastest(runs, lambda run: run.steps(5 if settings.quick else 15))
    count = 30 if settings.quick else 60

    def pytorch():
        torch.set_num_threads(settings.threads)
        best.steps(2)
        start = time.perf_counter()
        loss = best.steps(count)
        return Result(count * BATCH / (time.perf_counter() - start), loss, best.name)

    return Work(title, "images/s", {"robust": ours, "PyTorch": pytorch, **others}, tolerance=0.01)

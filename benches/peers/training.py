"""Training steps at batch 128 on the paper's two losses (noise, forward, backward, Adam): PyTorch and
candle's graph against ours. All start from the embedded network at a tiny rate, so that losses can be compared."""

import itertools
import time

import torch
import torch.nn.functional as F

import network
from configuration import fastest
from contest import Result, Work

BATCH, ALPHA, SIGMA, ONE_HOT_SHARE, RATE = 128, 0.05, 0.1, 0.5, 1e-7
ADAMS = {"Adam": {}, "foreach Adam": {"foreach": True}, "fused Adam": {"fused": True}}


class Run:
    """A network in training, in one of the ways that PyTorch offers."""

    def __init__(self, channels_last, adam, compiled, data):
        parts = ["channels-last" if channels_last else "channels-first", adam] + ["torch.compile"] * compiled
        self.name = ", ".join(parts)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        self.net = network.load().to(memory_format=self.layout).train().requires_grad_()
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
    data = network.images("train", limit=55_000)
    torch.set_num_threads(settings.threads)
    compiled = (False, True) if settings.compile else (False,)
    runs = [Run(*choice, data) for choice in itertools.product((False, True), ADAMS, compiled)]
    best = fastest(runs, lambda run: run.steps(5 if settings.quick else 15))
    count = 30 if settings.quick else 60

    def pytorch():
        torch.set_num_threads(settings.threads)
        best.steps(2)
        start = time.perf_counter()
        loss = best.steps(count)
        return Result(count * BATCH / (time.perf_counter() - start), loss, best.name)

    return Work("training, batch 128", "images/s", {
        "robust": lambda: robust.measure("training"),
        "PyTorch": pytorch,
        "candle's graph": lambda: robust.measure("training-graph"),
    }, tolerance=0.01)

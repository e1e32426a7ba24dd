"""Attacks on ONNX files beside torchattacks on the same networks in PyTorch: success on 500 test images.

    python benches/peers/own_success.py ROBUST FASHION CIFAR OUT [METHODS]

ROBUST   the built binary
FASHION  folder of Fashion-MNIST's IDX files
CIFAR    folder with train/CLASS/*.jpg and test/CLASS/*.jpg
OUT      folder for networks, images and runs
METHODS  of bim, pgd, apgd, apgd-t and auto (AutoAttack's standard version, hours long), separated by commas [default: all but auto]

Trains a small network on each data set, writes it as an ONNX file, attacks it from the binary and in PyTorch (torchattacks), and prints a
table. Both attack the same images, those that are classified correctly. Needs torch, torchattacks, Pillow.
"""

import gzip
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
import torchattacks
from PIL import Image
from torch import nn
from torch.nn import functional as F

IMAGES = 500
STEPS = 40
# Enough to be right on most images; how attacks compare does not hang on the rest.
TRAINED_ON = 15_000


def idx(folder, name):
    [path] = [path for path in Path(folder).iterdir() if path.name.startswith(name)]
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def pictures(folder):
    x, y = [], []
    for label, name in enumerate(sorted(path.name for path in Path(folder).iterdir() if path.is_dir())):
        for path in sorted((Path(folder) / name).iterdir()):
            x.append(np.asarray(Image.open(path).convert("RGB")).transpose(2, 0, 1))
            y.append(label)
    return np.stack(x), np.array(y)


class Residual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(after), nn.BatchNorm2d(after)])
        self.shortcut = nn.Conv2d(before, after, 1, stride) if stride > 1 or before != after else nn.Identity()

    def forward(self, x):
        inner = F.relu(self.norms[0](self.first(x)))
        return F.relu(self.norms[1](self.second(inner)) + self.shortcut(x))


class Small(nn.Module):
    """Takes pixels from 0 to 1."""

    def __init__(self, channels, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).reshape(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).reshape(1, -1, 1, 1))
        self.blocks = nn.Sequential(
            nn.Conv2d(channels, 16, 3, 1, 1), Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2)
        )
        self.classify = nn.Linear(64, 10)

    def forward(self, x):
        return self.classify(self.blocks((x - self.mean) / self.std).mean((2, 3)))


def trained(x, y, mean, std):
    torch.manual_seed(0)
    some = torch.randperm(len(x))[:TRAINED_ON].numpy()
    x, y = x[some], y[some]
    network = Small(x.shape[1], mean, std)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(2):
        for batch in torch.randperm(len(x)).split(128):
            loss = F.cross_entropy(network(torch.tensor(x[batch]).float() / 255), torch.tensor(y[batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


def success(network, x, y, attack):
    with torch.no_grad():
        right = network(x).argmax(1) == y
    fooled = []
    for start in range(0, int(right.sum()), 100):
        own = right.nonzero().flatten()[start : start + 100]
        made = attack(x[own], y[own])
        with torch.no_grad():
            fooled.append(network(made).argmax(1) != y[own])
    return torch.cat(fooled).float().mean().item()


def main():
    robust, fashion, cifar, out = sys.argv[1:5]
    methods = (sys.argv[5] if len(sys.argv) > 5 else "bim,pgd,apgd,apgd-t").split(",")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    sets = {
        "Fashion-MNIST": (
            (idx(fashion, "train-images")[:, None], idx(fashion, "train-labels").astype(np.int64)),
            (idx(fashion, "t10k-images")[:, None], idx(fashion, "t10k-labels").astype(np.int64)),
            ([0.286], [0.353]), [0.02, 0.05],
        ),
        "CIFAR-10, a JPEG copy": (
            pictures(Path(cifar) / "train"), pictures(Path(cifar) / "test"),
            ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]), [1 / 255, 2 / 255],
        ),
    }
    print("| network for | clean | epsilon | attack | `robust` | torchattacks |")
    print("|---|---:|---:|---|---:|---:|")
    for name, (train, test, (mean, std), epsilons) in sets.items():
        network = trained(*train, mean, std)
        order = np.random.default_rng(0).permutation(len(test[0]))[:IMAGES]
        x, y = torch.tensor(test[0][order]).float() / 255, torch.tensor(test[1][order])
        model, images = out / f"{name.split(',')[0].lower()}.onnx", out / f"{name.split(',')[0].lower()}.npz"
        torch.onnx.export(network, (x[:1],), str(model), dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "n"}})
        np.savez(images, x=x.numpy(), y=y.numpy())
        # All of them are attacked; whether the network is better than chance is looked up on others.
        others, some = out / f"{name.split(',')[0].lower()}-others.npz", np.random.default_rng(0).permutation(len(train[0]))[:200]
        np.savez(others, x=train[0][some].astype(np.float32) / 255, y=train[1][some])
        for epsilon in epsilons:
            step = epsilon / 10
            peers = {
                "bim": torchattacks.BIM(network, eps=epsilon, alpha=step, steps=STEPS),
                "pgd": torchattacks.PGD(network, eps=epsilon, alpha=step, steps=STEPS),
                "apgd": torchattacks.APGD(network, eps=epsilon, steps=STEPS),
                "apgd-t": torchattacks.APGDT(network, eps=epsilon, steps=STEPS, n_classes=10),
                "auto": torchattacks.AutoAttack(network, eps=epsilon, n_classes=10, seed=0),
            }
            for method in methods:
                peer = peers[method]
                flags = ["--step-size", str(step)] if method in ("bim", "pgd") else []
                flags += ["--steps", str(STEPS)] if method != "auto" else []
                run = subprocess.run(
                    [robust, "attack", "--model", model, "--dataset", images, "--validation", others, "--method", method,
                     "--epsilon", str(epsilon), *flags, "--out", out / "run", "--json", "--quiet"],
                    check=True, capture_output=True, text=True,
                )
                told = json.loads(run.stdout)
                own, other = told["success_rate"], success(network, x, y, peer)
                print(f"| {name} | {told['accuracy_clean']:.1%} | {epsilon:.4f} | {method} | {own:.2%} | {other:.2%} |", flush=True)


main()

"""From an ONNX file to the report, beside the same attacks in Python from start to a CSV: time and peak memory.

    python benches/peers/own_evaluate.py ROBUST CIFAR OUT [--limit 200] [--width 64] [--steps 300] [--runs 3]

ROBUST    the built binary
CIFAR     folder with train/CLASS/*.jpg and test/CLASS/*.jpg, the JPEG copy of CIFAR-10
OUT       folder for the network, the images and the runs; a network that is there is not trained again

The network is a ResNet-18 for 32x32 pixels, of WIDTH to 8 WIDTH channels, trained for so many STEPS of 128 images: enough to be attacked. `robust evaluate`
also calibrates and scores its detectors; Python attacks alone (torchattacks, batches of 100). Both are new processes, and take turns. Needs torch,
torchattacks, Pillow.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

EPSILONS = {"2/255": 2 / 255, "8/255": 8 / 255}
BIM_STEPS, APGD_STEPS = 40, 100
# Images of each class that a network is trained on and detectors are calibrated with.
TRAINED_ON = 500
BATCH = 100


def pictures(folder):
    import numpy as np
    import torch
    from PIL import Image

    paths = [(path, label) for label, name in enumerate(sorted(os.listdir(folder))) for path in sorted((folder / name).iterdir())]
    x = np.stack([np.asarray(Image.open(path).convert("RGB")) for path, _ in paths])
    return torch.tensor(x).permute(0, 3, 1, 2).float() / 255, torch.tensor([label for _, label in paths])


def resnet(width):
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, before, after, stride):
            super().__init__()
            self.inner = nn.Sequential(
                nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
                nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
            is_same = before == after and stride == 1
            self.shortcut = nn.Identity() if is_same else nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

        def forward(self, x):
            return torch.relu(self.inner(x) + self.shortcut(x))

    layers, before = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()], width
    for level in range(4):
        after = width << level
        layers += [Block(before, after, 1 if level == 0 else 2), Block(after, after, 1)]
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))


def prepare(cifar, out, limit, width, steps):
    """Writes the network, unless it is there, and the images."""
    import torch
    from torch.nn import functional as F

    for part, each in (("train", TRAINED_ON), ("test", limit // 10)):
        shutil.rmtree(out / "images" / part, ignore_errors=True)
        for folder in sorted((cifar / part).iterdir()):
            (out / "images" / part / folder.name).mkdir(parents=True)
            for path in sorted(folder.iterdir())[:each]:
                shutil.copy(path, out / "images" / part / folder.name)
    model = out / f"resnet18-{width}.onnx"
    if model.exists():
        return
    torch.manual_seed(0)
    network, (x, y) = resnet(width), pictures(out / "images" / "train")
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    for step in range(steps):
        some = torch.randint(len(x), (128,))
        loss = F.cross_entropy(network(x[some]), y[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    torch.save(network.state_dict(), model.with_suffix(".pt"))
    torch.onnx.export(network, (x[:1],), str(model), dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "n"}})


def attack(out, width):
    """The other side: from a new process to a CSV."""
    import torch
    import torchattacks

    network = resnet(width)
    network.load_state_dict(torch.load(out / f"resnet18-{width}.pt"))
    network.eval()
    x, y = pictures(out / "images" / "test")
    with torch.no_grad():
        right = torch.cat([network(part).argmax(1) for part in x.split(BATCH)]) == y
    rows = []
    for name, epsilon in EPSILONS.items():
        for attack in (
            torchattacks.FGSM(network, eps=epsilon),
            torchattacks.BIM(network, eps=epsilon, alpha=epsilon / 10, steps=BIM_STEPS),
            torchattacks.PGD(network, eps=epsilon, alpha=epsilon / 10, steps=BIM_STEPS),
            torchattacks.APGD(network, eps=epsilon, steps=APGD_STEPS),
        ):
            for own in right.nonzero().flatten().split(BATCH):
                made = attack(x[own], y[own])
                with torch.no_grad():
                    found = network(made).argmax(1)
                rows += [(type(attack).__name__, name, int(at), int(y[at]), int(said)) for at, said in zip(own, found)]
    with open(out / "python.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["attack", "epsilon", "index", "label", "predicted"])
        writer.writerows(rows)


def measured(commands):
    """Seconds from the start of the first to the end of the last, and the largest peak of memory in MB."""
    started, peak = time.perf_counter(), 0
    for command in commands:
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, f"{command} failed"
        peak = max(peak, usage.ru_maxrss / 1024)
    return time.perf_counter() - started, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("robust", type=Path)
    parser.add_argument("cifar", type=Path)
    parser.add_argument("out", type=Path)
    for name, default in (("limit", 200), ("width", 64), ("steps", 300), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--part", choices=("prepare", "attack"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part == "attack":
        return attack(given.out, given.width)
    if given.part == "prepare":
        return prepare(given.cifar, given.out, given.limit, given.width, given.steps)
    given.out.mkdir(parents=True, exist_ok=True)
    # Whatever takes memory is a process of its own: a new process counts that of the one which starts it as its own.
    part = lambda name: [sys.executable, *sys.argv, "--part", name]
    subprocess.run(part("prepare"), check=True)
    run, model = given.out / "run", given.out / f"resnet18-{given.width}.onnx"
    evaluate = [
        given.robust, "evaluate", "--model", model, "--dataset", given.out / "images", "--limit", given.limit,
        "--method", "fgsm,bim,pgd,apgd", "--epsilon", ",".join(EPSILONS), "--out", run, "--quiet",
    ]
    print("| run | `robust`, s | MB | Python, s | MB |\n|---:|---:|---:|---:|---:|")
    for number in range(1, given.runs + 1):
        # It goes on where it stopped, and would have nothing to do.
        shutil.rmtree(run, ignore_errors=True)
        model.with_suffix(".onnx.calibration.safetensors").unlink(missing_ok=True)
        (own, memory), (other, other_memory) = measured([evaluate, [given.robust, "report", run]]), measured([part("attack")])
        print(f"| {number} | {own:.1f} | {memory:.0f} | {other:.1f} | {other_memory:.0f} |", flush=True)


main()

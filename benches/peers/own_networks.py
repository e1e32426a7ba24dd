"""Trains the small classifiers of tests/own/ on the MNIST of data/mnist/ and writes them as ONNX files.

    python benches/peers/own_networks.py OUT

plain.onnx    grey, pixels from 0 to 1, logits
colour.onnx   red, green, blue behind ImageNet's mean and std, logits, 11 classes of which the first is never right
bytes.onnx    blue, green, red as bytes less Caffe's means, channels last, a softmax at its end
flat.onnx     red, green, blue, pixels from 0 to 1 as 2,352 features by rows, columns, channels, logits

A digit is coloured like this: red is its level, green half of it, blue what is left of 255. Needs torch and onnx.
"""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DATA = Path(__file__).parents[2] / "data" / "mnist"
IMAGENET = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).reshape(2, 1, 3, 1, 1)
CAFFE = torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)


def idx(name):
    [path] = [path for path in DATA.iterdir() if path.name.startswith(name)]
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


class Small(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.SiLU(), nn.MaxPool2d(2),
        )
        self.classify = nn.Linear(16 * 7 * 7, classes)

    def forward(self, x):
        return self.classify(self.features(x).flatten(1))


class AsBytes(nn.Module):
    """Channels last, and a distribution at the end."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return F.softmax(self.network(x.permute(0, 3, 1, 2)), 1)


class Flat(nn.Module):
    """Of features: nothing shows where the channels lie."""

    def __init__(self, features, classes):
        super().__init__()
        self.classify = nn.Linear(features // 16, classes)

    def forward(self, x):
        return self.classify(F.avg_pool2d(x.reshape(-1, 28, 28, 3).permute(0, 3, 1, 2), 4).flatten(1))


def trained(x, y, classes, make=Small):
    torch.manual_seed(0)
    network = make(x.shape[1], classes)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for start in range(0, len(x) - 5000, 100):
        loss = F.cross_entropy(network(x[start : start + 100]), y[start : start + 100])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        share = (network(x[-5000:]).argmax(1) == y[-5000:]).float().mean()
    print(f"{classes} classes, {x.shape[1]} channels or features: {share:.4f} on validation")
    return network


def export(network, x, path):
    torch.onnx.export(
        network, (x,), str(path), dynamo=False, input_names=["image"], output_names=["scores"], dynamic_axes={"image": {0: "n"}}
    )


def main():
    torch.set_num_threads(1)
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    levels = torch.tensor(idx("train-images").astype(np.int64)).unsqueeze(1)
    labels = torch.tensor(idx("train-labels").astype(np.int64))
    colours = torch.cat([levels, levels // 2, 255 - levels], 1).float()

    plain = levels.float() / 255
    export(trained(plain, labels, 10), plain[:1], out / "plain.onnx")
    normal = (colours / 255 - IMAGENET[0]) / IMAGENET[1]
    export(trained(normal, labels + 1, 11), normal[:1], out / "colour.onnx")
    bgr = colours.flip(1) - CAFFE
    network = trained(bgr, labels, 10)
    export(AsBytes(network), bgr[:1].permute(0, 2, 3, 1), out / "bytes.onnx")
    flat = (colours / 255).permute(0, 2, 3, 1).flatten(1)
    export(trained(flat, labels, 10, Flat), flat[:1], out / "flat.onnx")


main()

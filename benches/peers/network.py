"""The style-memory network, its embedded weights and MNIST in PyTorch, as a user would write them."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

ROOT = Path(__file__).resolve().parents[2]


class StyleMemory(nn.Module):
    """For images (B, C, H, W) whose sides can be halved once for each of `channels`."""

    def __init__(self, classes, styles, image=(1, 28, 28), channels=(32, 64), hidden=(256, 128)):
        super().__init__()

        def down(i, o):
            return nn.Conv2d(i, o, 5, stride=2, padding=2)

        def up(i, o):
            return nn.ConvTranspose2d(i, o, 5, stride=2, padding=2, output_padding=1)

        self.depth = len(channels)
        self.map = (channels[-1], image[1] >> self.depth, image[2] >> self.depth)
        planes, values = (image[0], *channels), math.prod(self.map)
        pairs = list(enumerate(zip(planes, channels), 1))
        self.encoder = nn.ModuleDict({f"conv{i}": down(*pair) for i, pair in pairs} | dict(
            fc1=nn.Linear(values, hidden[0]), fc2=nn.Linear(*hidden),
            classifier=nn.Linear(hidden[1], classes), style=nn.Linear(hidden[1], styles)))
        self.decoder = nn.ModuleDict(dict(
            fc2=nn.Linear(classes + styles, hidden[1]), fc1=nn.Linear(hidden[1], hidden[0]), fc0=nn.Linear(hidden[0], values),
        ) | {f"deconv{i}": up(o, i_) for i, (i_, o) in reversed(pairs)})

    @property
    def device(self):
        return self.encoder["conv1"].weight.device

    def features(self, x):
        e = self.encoder
        for i in range(1, self.depth + 1):
            x = e[f"conv{i}"](x).relu()
        return e["fc2"](e["fc1"](x.flatten(1)).relu()).relu()

    def encode(self, x):
        """Images (B, C, H, W) to logits (B, K) and style (B, S)."""
        h = self.features(x)
        return self.encoder["classifier"](h), self.encoder["style"](h).sigmoid()

    def decode(self, label, style):
        """Label distributions (B, K) and styles (B, S) to images."""
        d = self.decoder
        h = d["fc1"](d["fc2"](torch.cat([label, style], 1)).relu()).relu()
        h = d["fc0"](h).relu().view(-1, *self.map)
        for i in range(self.depth, 1, -1):
            h = d[f"deconv{i}"](h).relu()
        return d["deconv1"](h).sigmoid()

    def forward(self, x):
        return self.encoder["classifier"](self.features(x))


def load():
    """The embedded network, weights frozen: an attack needs the gradient to the pixels alone."""
    with safe_open(ROOT / "data/pretrained/mnist.safetensors", "pt") as file:
        about = json.loads(file.metadata()["robust"])
        net = StyleMemory(about["classes"], about["styles"])
        # What else the file holds belongs to the detectors.
        weights = (name for name in file.keys() if name.startswith(("encoder.", "decoder.")))
        net.load_state_dict({name: file.get_tensor(name) for name in weights})
    return net.eval().requires_grad_(False)


def images(name, limit=None):
    """Images (N, 1, 28, 28) in [0, 1] and labels (N) of `train` or `t10k`."""
    folder = ROOT / "data/mnist"
    pixels = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{name}-labels-idx1-ubyte.gz").read_bytes())
    pixels = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 1, 28, 28)[:limit]
    labels = np.frombuffer(labels, np.uint8, offset=8)[:limit]
    return torch.from_numpy(pixels.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))

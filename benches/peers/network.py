"""The style-memory network, its embedded weights and MNIST in PyTorch, as a user would write them."""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

ROOT = Path(__file__).resolve().parents[2]


class StyleMemory(nn.Module):
    def __init__(self, classes, styles):
        super().__init__()

        def down(i, o):
            return nn.Conv2d(i, o, 5, stride=2, padding=2)

        def up(i, o):
            return nn.ConvTranspose2d(i, o, 5, stride=2, padding=2, output_padding=1)

        self.encoder = nn.ModuleDict(dict(
            conv1=down(1, 32), conv2=down(32, 64), fc1=nn.Linear(3136, 256), fc2=nn.Linear(256, 128),
            classifier=nn.Linear(128, classes), style=nn.Linear(128, styles)))
        self.decoder = nn.ModuleDict(dict(
            fc2=nn.Linear(classes + styles, 128), fc1=nn.Linear(128, 256), fc0=nn.Linear(256, 3136),
            deconv2=up(64, 32), deconv1=up(32, 1)))

    @property
    def device(self):
        return self.encoder["conv1"].weight.device

    def features(self, x):
        e = self.encoder
        h = e["conv2"](e["conv1"](x).relu()).relu().flatten(1)
        return e["fc2"](e["fc1"](h).relu()).relu()

    def encode(self, x):
        """Images (B, 1, 28, 28) to logits (B, K) and style (B, S)."""
        h = self.features(x)
        return self.encoder["classifier"](h), self.encoder["style"](h).sigmoid()

    def decode(self, label, style):
        """Label distributions (B, K) and styles (B, S) to images."""
        d = self.decoder
        h = d["fc1"](d["fc2"](torch.cat([label, style], 1)).relu()).relu()
        h = d["fc0"](h).relu().view(-1, 64, 7, 7)
        return d["deconv1"](d["deconv2"](h).relu()).sigmoid()

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

"""Verdicts on peers, kept in `cache/`: they change only with their versions, parameters, images and weights, and the
slowest take half an hour on a CPU. Each says where it was found: on which device, with which PyTorch."""

import functools
import hashlib
import importlib.metadata
import json
from pathlib import Path

import torch

import network
from judge import Verdict

FOLDER = Path(__file__).with_name("cache")
PACKAGES = {"Foolbox": "foolbox", "torchattacks": "torchattacks", "ART": "adversarial-robustness-toolbox",
            "AutoAttack": "pyautoattack"}


def version(peer):
    return importlib.metadata.version(PACKAGES[peer])


@functools.cache
def _weights():
    """A hash of the encoder, which is all that an attack sees."""
    tensors = network.load().encoder.state_dict().items()
    return hashlib.sha256(b"".join(name.encode() + tensor.numpy().tobytes() for name, tensor in tensors)).hexdigest()


class Entry:
    """Of a peer's attack on the first `images` test images."""

    def __init__(self, peer, attack, parameters, images):
        self.key = {"peer": peer, "version": version(peer), "attack": attack, "parameters": parameters,
                    "images": images, "encoder": _weights()}
        digest = hashlib.sha256(json.dumps(self.key, sort_keys=True).encode()).hexdigest()[:12]
        self.path = FOLDER / f"{peer}-{attack}-{digest}.json".lower()

    def exists(self):
        return self.path.exists()

    def write(self, verdict, device, seconds):
        """Infinite distances, those of failures, are left out."""
        found = {"device": device, "torch": torch.__version__, "seconds": round(seconds, 1),
                 "succeeded": verdict.succeeded.int().tolist(), "linf": verdict.linf[verdict.succeeded].tolist(),
                 "l2": verdict.l2[verdict.succeeded].tolist()}
        FOLDER.mkdir(exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self.key | found))
        unfinished.replace(self.path)

    def read(self):
        """The verdict, and where it was found."""
        found = json.loads(self.path.read_text())
        succeeded = torch.tensor(found["succeeded"], dtype=torch.bool)
        distances = [torch.full((len(succeeded),), torch.inf, dtype=torch.double) for _ in range(2)]
        for distance, name in zip(distances, ("linf", "l2")):
            distance[succeeded] = torch.tensor(found[name], dtype=torch.double)
        return Verdict(found["images"], succeeded, *distances), f"{found['device']} with torch {found['torch']}"

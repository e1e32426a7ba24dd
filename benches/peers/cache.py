"""Verdicts on peers, kept in `cache/`: they change only with their versions, parameters, images and weights, and the
slowest take half an hour."""

import hashlib
import importlib.metadata
import json
import time
from pathlib import Path

import torch

from judge import Verdict
from network import ROOT

FOLDER = Path(__file__).with_name("cache")
PACKAGES = {"Foolbox": "foolbox", "torchattacks": "torchattacks", "ART": "adversarial-robustness-toolbox",
            "AutoAttack": "pyautoattack"}


def version(peer):
    return importlib.metadata.version(PACKAGES[peer])


def verdict(peer, attack, parameters, count, compute, fresh=False):
    """From the cache, else of `compute()` on `count` images."""
    weights = hashlib.sha256((ROOT / "data/pretrained/mnist.safetensors").read_bytes()).hexdigest()
    key = {"peer": peer, "version": version(peer), "attack": attack, "parameters": parameters, "images": count,
           "weights": weights}
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:12]
    path = FOLDER / f"{peer}-{attack}-{digest}.json".lower()
    if path.exists() and not fresh:
        return _from_json(json.loads(path.read_text()))
    start = time.perf_counter()
    found = compute()
    key["seconds"] = round(time.perf_counter() - start, 1)
    FOLDER.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(key | _to_json(found)))
    unfinished.replace(path)
    return found


def _to_json(verdict):
    """Infinite distances, those of failures, are left out."""
    return {"succeeded": verdict.succeeded.int().tolist(), "linf": verdict.linf[verdict.succeeded].tolist(),
            "l2": verdict.l2[verdict.succeeded].tolist()}


def _from_json(found):
    succeeded = torch.tensor(found["succeeded"], dtype=torch.bool)
    distances = [torch.full((len(succeeded),), torch.inf, dtype=torch.double) for _ in range(2)]
    for distance, name in zip(distances, ("linf", "l2")):
        distance[succeeded] = torch.tensor(found[name], dtype=torch.double)
    return Verdict(found["images"], succeeded, *distances)

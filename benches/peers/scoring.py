"""The score of `alternative` on every test image: encode, decode under all ten labels, compare. Error of the predicted
label over the smallest error of another."""

import time

import torch

from configuration import configurations, fastest
from contest import Result, Work
from network import images


def scorer(net):
    @torch.inference_mode()
    def scores(x):
        logits, style = net.encode(x)
        count, classes = logits.shape
        label = torch.eye(classes).repeat(count, 1)
        drawn = net.decode(label, style.repeat_interleave(classes, 0))
        errors = (drawn.view(count, classes, -1) - x.reshape(count, 1, -1)).square_().sum(2)
        predicted = logits.argmax(1, keepdim=True)
        of_predicted = errors.gather(1, predicted)
        return of_predicted.squeeze(1) / errors.scatter(1, predicted, torch.inf).amin(1)
    return scores


def work(robust, settings):
    x, _ = images("t10k")

    def run(configuration, x):
        return torch.cat(configuration.spread(scorer(configuration.net), settings.threads, x))

    few = x[:1000 if settings.quick else 2000]
    best = fastest(configurations(settings), lambda configuration: run(configuration, few))

    def pytorch():
        run(best, x[:1000])
        start = time.perf_counter()
        scores = run(best, x)
        return Result(len(x) / (time.perf_counter() - start), scores.double().mean().item(), str(best))

    contestants = {"robust": lambda: robust.measure("scoring"), "PyTorch": pytorch}
    return Work("scores under all 10 labels", "images/s", contestants, tolerance=1e-4)

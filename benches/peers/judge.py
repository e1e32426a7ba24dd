"""The one judge of all adversarial images, ours and the peers': the network in PyTorch says whether an image succeeded,
and its distance is measured in double precision."""

from dataclasses import dataclass

import torch

import network

BATCH = 250


@dataclass(frozen=True)
class Verdict:
    """On the images that are classified correctly: whether the attack succeeded, and how far its image is (infinitely
    far if it did not). `count` is the number of all images."""
    count: int
    succeeded: torch.Tensor
    linf: torch.Tensor
    l2: torch.Tensor

    def first(self, count, attacked):
        """The same of the first `count` images, `attacked` of which are classified correctly."""
        kept = slice(attacked)
        return Verdict(count, self.succeeded[kept], self.linf[kept], self.l2[kept])


class Subject:
    """The first `count` test images; `x` and `label` are those of them that the network gets right, at `positions`."""

    def __init__(self, count):
        self.net = network.load()
        x, label = network.images("t10k", limit=count)
        self.count = len(x)
        self.positions = (self.predictions(x) == label).nonzero().squeeze(1)
        self.x, self.label = x[self.positions], label[self.positions]

    @torch.no_grad()
    def predictions(self, x):
        return torch.cat([self.net(batch).argmax(1) for batch in x.split(BATCH)])

    def judge(self, x_adv, norm=None, epsilon=None):
        """Outside [0, 1], or beyond `epsilon` by more than rounding, an image has failed whatever it is taken for."""
        change = (x_adv.double() - self.x.double()).flatten(1)
        linf, l2 = change.abs().amax(1), change.norm(dim=1)
        pixels = x_adv.flatten(1)
        valid = (pixels.amin(1) >= 0) & (pixels.amax(1) <= 1)
        if epsilon is not None:
            valid &= {"linf": linf, "l2": l2}[norm] <= epsilon * (1 + 1e-6) + 1e-6
        succeeded = valid & (self.predictions(x_adv) != self.label)
        return Verdict(self.count, succeeded, *(distance.where(succeeded, torch.inf) for distance in (linf, l2)))

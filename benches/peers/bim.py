"""BIM, L-inf 0.3, 40 steps of 0.01: plain PyTorch, torchattacks and Foolbox against `robust attack --method bim`.

Everyone classifies the clean images, attacks those that are right, and classifies the result. Images per second count
all images, attack steps per second those attacked.
"""

import time

import foolbox
import torch
import torch.nn.functional as F
import torchattacks

from configuration import configurations, fastest
from contest import Result, Work
from network import images

EPSILON, STEPS, STEP = 0.3, 40, 0.01


def plain(net, steps):
    def perturb(x0, label):
        low, high = (x0 - EPSILON).clamp_(min=0), (x0 + EPSILON).clamp_(max=1)
        x = x0.clone()
        for _ in range(steps):
            x.requires_grad_()
            gradient, = torch.autograd.grad(F.cross_entropy(net(x), label, reduction="sum"), x)
            x = torch.clamp(x.detach().add_(gradient.sign_(), alpha=STEP), low, high)
        return x
    return perturb


def by_torchattacks(net, steps):
    return torchattacks.BIM(net, eps=EPSILON, alpha=STEP, steps=steps)


def by_foolbox(net, steps):
    model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.LinfBasicIterativeAttack(abs_stepsize=STEP, steps=steps, random_start=False)

    def perturb(x, label):
        # Not the public call: that would classify the result once more.
        return attack.run(model, x, foolbox.criteria.Misclassification(label), epsilon=EPSILON)
    return perturb


def campaign(configuration, threads, attacker, x, label, steps):
    """Images that are right, and how many of them are misclassified after the attack."""
    net = configuration.net

    @torch.no_grad()
    def right(x, label):
        return net(x).argmax(1) == label

    def spread(work, *tensors):
        return torch.cat(configuration.spread(work, threads, *tensors))

    kept = spread(right, x, label)
    x, label = x[kept], label[kept]
    x_adv = spread(attacker(net, steps), x, label)
    return len(x), len(x) - spread(right, x_adv, label).sum().item()


def contestant(attacker, settings, x, label):
    """The attacker in its fastest configuration."""
    def trial(configuration):
        few = 1000 if settings.quick else 2000
        campaign(configuration, settings.threads, attacker, x[:few], label[:few], steps=2)

    best = fastest(configurations(settings), trial)

    def measure():
        campaign(best, settings.threads, attacker, x, label, steps=1)
        start = time.perf_counter()
        attacked, fooled = campaign(best, settings.threads, attacker, x, label, STEPS)
        seconds = time.perf_counter() - start
        remark = f"{STEPS * attacked / seconds:,.0f} steps/s; {len(x):,} images, {best}"
        return Result(len(x) / seconds, fooled / attacked, remark)
    return measure


def work(robust, settings):
    x, label = images("t10k", limit=500 if settings.quick else None)
    some = slice(2000)  # of the 10,000, for the peers that are slower than the plain loop

    def ours():
        found = robust.attack("--method", "bim", "--limit", str(len(x)))
        steps = STEPS * (found["n"] - found["skipped"]) / found["seconds"]
        return Result(found["images_per_second"], found["success_rate"], f"{steps:,.0f} steps/s; {len(x):,} images")

    return Work("BIM, L-inf 0.3, 40 steps", "images/s", {
        "robust": ours,
        "PyTorch": contestant(plain, settings, x, label),
        "torchattacks": contestant(by_torchattacks, settings, x[some], label[some]),
        "Foolbox": contestant(by_foolbox, settings, x[some], label[some]),
    }, tolerance=0.002)

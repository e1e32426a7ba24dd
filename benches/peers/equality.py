"""FGSM and single steps of BIM, pixel by pixel beside torchattacks in double precision.

In single precision PyTorch's cross-entropy loses `1 - p` where the network is sure, and with it the label's part of the
gradient; how often torchattacks then agrees with itself in double precision is shown as the peer's figure."""

import torch
import torchattacks

import network
from goals import SAME_SUCCESS, percent, success_rate
from lines import LINF
from table import Row

STEPS = 10
TOLERANCE, SHARE = 1e-5, 0.999
GOAL = f"at least {percent(SHARE)} of pixels within {TOLERANCE:.0e} of torchattacks in float64"


def equal(x, reference):
    """Share of pixels that are equal up to the tolerance."""
    return ((x.double() - reference.double()).abs() <= TOLERANCE).double().mean().item()


def pixels(name, parameters, ours, single):
    """`ours` is None where it could not run."""
    holds = None if ours is None else ours >= SHARE
    return Row(f"{name}: equal pixels", parameters, None if ours is None else percent(ours),
               {"torchattacks": f"{percent(single)} in float32"}, GOAL, holds)


def fgsm(robust, subject):
    double = network.load().double()
    for epsilon in LINF:
        reference = torchattacks.FGSM(double, eps=epsilon)(subject.x.double(), subject.label)
        single = torchattacks.FGSM(subject.net, eps=epsilon)(subject.x, subject.label)
        found = robust.adversarials(subject, "--method", "fgsm", "--epsilon", str(epsilon))
        yield pixels("FGSM", f"L-inf {epsilon}", found and equal(found.x_adv, reference), equal(single, reference))


def iterates(net, x, label, epsilon):
    """Those of torchattacks' BIM, `x` and the result among them: what it asks the network about."""
    seen = []
    hook = net.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    result = torchattacks.BIM(net, eps=epsilon, alpha=epsilon / STEPS, steps=STEPS)(x, label)
    hook.remove()
    return [*seen, result]


def bim(robust, subject):
    double = network.load().double()
    x, label = subject.x, subject.label
    for epsilon in LINF[1:]:
        step, parameters = epsilon / STEPS, f"L-inf {epsilon}, {STEPS} steps of {epsilon / STEPS:g}"
        path = iterates(double, x.double(), label, epsilon)
        ours, single = [], []
        for before, after in zip(path, path[1:]):
            ours.append(equal(robust.step(x, before.float(), label, epsilon, step), after))
            single.append(equal(one_step(subject.net, x, before.float(), label, epsilon, step), after))
        yield pixels("BIM, each step from torchattacks' iterate", parameters, sum(ours) / STEPS, sum(single) / STEPS)

        flags = ("--method", "bim", "--epsilon", str(epsilon), "--steps", str(STEPS), "--step-size", str(step))
        found = robust.adversarials(subject, *flags)
        peer = success_rate(subject.judge(path[-1].float(), "linf", epsilon))
        rate = found and success_rate(subject.judge(found.x_adv, "linf", epsilon))
        yield Row("BIM: success", parameters, found and percent(rate), {"torchattacks": f"{percent(peer)} in float64"},
                  SAME_SUCCESS.text, found and SAME_SUCCESS.holds(rate, peer))


def one_step(net, x0, x, label, epsilon, step):
    """torchattacks in single precision from an iterate: one step, held to the ball around the original."""
    x = torchattacks.BIM(net, eps=step, alpha=step, steps=1)(x, label)
    return x.clamp(x0 - epsilon, x0 + epsilon).clamp(0, 1)

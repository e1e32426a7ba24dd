"""Foolbox's attacks. Each takes the network and the parameters of a line and returns what perturbs a batch."""

import foolbox
from foolbox import attacks


def _run(net, attack, **budget):
    model = foolbox.PyTorchModel(net, bounds=(0, 1), device=net.device)
    # Not the public call, which would only judge the result once more.
    return lambda x, label: attack.run(model, x, foolbox.criteria.Misclassification(label), **budget)


def pgd(net, norm, epsilon, steps, step):
    attack = {"linf": attacks.LinfProjectedGradientDescentAttack, "l2": attacks.L2ProjectedGradientDescentAttack}[norm]
    return _run(net, attack(steps=steps, abs_stepsize=step, random_start=True), epsilon=epsilon)


def mi_fgsm(net, norm, epsilon, steps, step, decay):
    """Foolbox adds up gradients as they are, not divided by their L1 norm; its L2 form steps by their sum's length."""
    attack = {
        "linf": attacks.LinfMomentumIterativeFastGradientMethod,
        "l2": attacks.L2MomentumIterativeFastGradientMethod,
    }[norm]
    return _run(net, attack(momentum=decay, steps=steps, abs_stepsize=step), epsilon=epsilon)


def deepfool(net, norm, steps, overshoot):
    attack = {"linf": attacks.LinfDeepFoolAttack, "l2": attacks.L2DeepFoolAttack}[norm]
    return _run(net, attack(steps=steps, candidates=10, overshoot=overshoot))


def cw(net, norm, searches, steps, rate, constant, confidence):
    return _run(net, attacks.L2CarliniWagnerAttack(
        binary_search_steps=searches, steps=steps, stepsize=rate, initial_const=constant, confidence=confidence))

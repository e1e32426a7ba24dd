"""ART's attacks. Each takes the network and the parameters of a line and returns what perturbs a batch."""

import numpy as np
import torch
from art.attacks import evasion
from art.estimators.classification import PyTorchClassifier

NORMS = {"linf": np.inf, "l2": 2}


def _run(net, attack, **parameters):
    classifier = PyTorchClassifier(net, loss=torch.nn.CrossEntropyLoss(), input_shape=(1, 28, 28), nb_classes=10,
                                   clip_values=(0, 1), device_type="cpu" if net.device.type == "cpu" else "gpu")
    attack = attack(classifier, batch_size=1000, verbose=False, **parameters)
    return lambda x, label: torch.from_numpy(attack.generate(x.cpu().numpy(), label.cpu().numpy()))


def pgd(net, norm, epsilon, steps, step):
    return _run(net, evasion.ProjectedGradientDescentPyTorch, norm=NORMS[norm], eps=epsilon, eps_step=step,
                max_iter=steps, num_random_init=1)


def mi_fgsm(net, norm, epsilon, steps, step, decay):
    return _run(net, evasion.MomentumIterativeMethod, norm=NORMS[norm], eps=epsilon, eps_step=step, decay=decay,
                max_iter=steps)


def apgd(net, norm, epsilon, steps, loss="cross_entropy"):
    return _run(net, evasion.AutoProjectedGradientDescent, norm=NORMS[norm], eps=epsilon, eps_step=2 * epsilon,
                max_iter=steps, nb_random_init=1, loss_type=loss)


def apgd_dlr(net, norm, epsilon, steps):
    return apgd(net, norm, epsilon, steps, loss="difference_logits_ratio")


def deepfool(net, norm, steps, overshoot):
    assert norm == "l2"
    return _run(net, evasion.DeepFool, max_iter=steps, epsilon=overshoot, nb_grads=10)


def cw(net, norm, searches, steps, rate, constant, confidence):
    """With a line search of step lengths in place of Adam."""
    return _run(net, evasion.CarliniL2Method, binary_search_steps=searches, max_iter=steps, learning_rate=rate,
                initial_const=constant, confidence=confidence)

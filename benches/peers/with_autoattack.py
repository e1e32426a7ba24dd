"""The AutoAttack package's attacks (pyautoattack is its release on PyPI). Each takes the network and the parameters of
a line and returns what perturbs a batch."""

from pyautoattack import AutoAttack
from pyautoattack.autopgd_base import APGDAttack
from pyautoattack.square import SquareAttack

SEED = 0


def apgd(net, norm, epsilon, steps, loss="ce"):
    return APGDAttack(net, norm=norm.capitalize(), eps=epsilon, n_iter=steps, loss=loss, seed=SEED).perturb


def apgd_dlr(net, norm, epsilon, steps):
    return apgd(net, norm, epsilon, steps, loss="dlr")


def square(net, norm, epsilon, queries):
    return SquareAttack(net, norm=norm.capitalize(), eps=epsilon, n_queries=queries, p_init=0.8, seed=SEED,
                        resc_schedule=False).perturb


def auto(net, norm, epsilon):
    attack = AutoAttack(net, norm=norm.capitalize(), eps=epsilon, version="standard", seed=SEED,
                        device=net.device)
    return lambda x, label: attack.run_standard_evaluation(x, label, batch_size=len(x))[0]

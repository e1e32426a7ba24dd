"""The lines of the comparison: an attack, its parameters, the peers that have it, and what must hold."""

from dataclasses import dataclass, field

import with_art
import with_autoattack
import with_foolbox
import with_torchattacks
from cache import Entry
from goals import MEDIAN_L2, MEDIAN_LINF, ROBUST_ACCURACY, SUCCESS, SUCCESS_OF_SQUARE, Goal

PEERS = {"Foolbox": with_foolbox, "torchattacks": with_torchattacks, "ART": with_art, "AutoAttack": with_autoattack}
FLAGS = {"epsilon": "--epsilon", "steps": "--steps", "step": "--step-size", "decay": "--decay",
         "searches": "--searches", "confidence": "--confidence", "queries": "--queries"}
NORMS = {"linf": "L-inf", "l2": "L2"}
LINF, L2 = (0.05, 0.1, 0.3), (1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Line:
    """`parameters` go to the peers' attack and, as far as they have a flag, to ours; what has none is our default.
    `peer_limits` are numbers of images for what is too slow for all."""
    name: str
    attack: str
    parameters: dict
    peers: tuple[str, ...]
    goal: Goal
    peer_limits: dict[str, int] = field(default_factory=dict)

    @property
    def method(self):
        """Our name of it."""
        return self.attack.replace("_", "-") + ("-l2" if self.parameters["norm"] == "l2" else "")

    @property
    def flags(self):
        given = [(flag, self.parameters[name]) for name, flag in FLAGS.items() if name in self.parameters]
        return ["--method", self.method, *(str(word) for pair in given for word in pair)]

    @property
    def title(self):
        return f"{self.name}: {self.goal.name}"

    @property
    def description(self):
        others = {name: value for name, value in self.parameters.items() if name not in ("norm", "epsilon")}
        budget = f"{NORMS[self.parameters['norm']]} {self.parameters.get('epsilon', '')}".strip()
        return ", ".join([budget, *(f"{name} {value:.4g}" for name, value in others.items())])

    def attack_of(self, peer, net):
        return getattr(PEERS[peer], self.attack)(net, **self.parameters)

    def images(self, peer, wanted):
        """How many a peer gets."""
        return min(wanted, self.peer_limits.get(peer, wanted))

    def entry(self, peer, images):
        """Where its verdict is kept."""
        return Entry(peer, self.attack, self.parameters, images)


def budgets():
    return [{"norm": norm, "epsilon": epsilon} for norm, all in (("linf", LINF), ("l2", L2)) for epsilon in all]


def lines():
    for budget in budgets():
        step = budget["epsilon"] / 30 if budget["norm"] == "linf" else 2.5 * budget["epsilon"] / 40
        yield Line("PGD", "pgd", budget | {"steps": 40, "step": step}, ("Foolbox", "torchattacks", "ART"), SUCCESS)
    for budget in budgets():
        peers = ("Foolbox", "torchattacks", "ART") if budget["norm"] == "linf" else ("Foolbox", "ART")
        parameters = budget | {"steps": 10, "step": budget["epsilon"] / 10, "decay": 1.0}
        yield Line("MI-FGSM", "mi_fgsm", parameters, peers, SUCCESS)
    for name, attack in (("APGD, cross-entropy", "apgd"), ("APGD, DLR", "apgd_dlr")):
        for budget in budgets():
            yield Line(name, attack, budget | {"steps": 100}, ("torchattacks", "ART", "AutoAttack"), SUCCESS)
    deepfool = {"steps": 50, "overshoot": 0.02}
    yield Line("DeepFool", "deepfool", {"norm": "l2"} | deepfool, ("Foolbox", "torchattacks", "ART"), MEDIAN_L2)
    yield Line("DeepFool", "deepfool", {"norm": "linf"} | deepfool, ("Foolbox",), MEDIAN_LINF)
    carlini_wagner = {"searches": 9, "steps": 1000, "rate": 0.01, "constant": 0.001, "confidence": 0}
    yield Line("Carlini-Wagner", "cw", {"norm": "l2"} | carlini_wagner, ("Foolbox", "torchattacks", "ART"), MEDIAN_L2,
               peer_limits={"ART": 20})
    for budget in [{"norm": "linf", "epsilon": epsilon} for epsilon in LINF] + [{"norm": "l2", "epsilon": 1.5}]:
        yield Line("Square", "square", budget | {"queries": 5000}, ("AutoAttack",), SUCCESS_OF_SQUARE)
    for epsilon in LINF:
        yield Line("ensemble", "auto", {"norm": "linf", "epsilon": epsilon}, ("AutoAttack",), ROBUST_ACCURACY)

"""What is compared, and when our figure is good enough beside a peer's."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from judge import Verdict

ROUNDING = 1e-9  # so that a difference of exactly one point is one point


@dataclass(frozen=True)
class Goal:
    """`figure` of a verdict, and whether `ours` holds beside `peer`; what holds beside each holds beside the best."""
    name: str
    text: str
    figure: Callable[[Verdict], float]
    holds: Callable[[float, float], bool]
    show: Callable[[float], str]


def percent(value):
    return f"{100 * value:.2f} %"


def success_rate(verdict):
    return verdict.succeeded.double().mean().item()


def robust_accuracy(verdict):
    """Of all images, as AutoAttack counts."""
    return (~verdict.succeeded).sum().item() / verdict.count


def median(norm):
    """Of the distances, failures infinitely far."""
    return lambda verdict: statistics.median(getattr(verdict, norm).tolist())


def _success(points):
    return Goal("success", f"at most {points} point{'s' * (points != 1)} below the best peer", success_rate,
                lambda ours, peer: ours >= peer - points / 100 - ROUNDING, percent)


def _median(norm, name):
    return Goal(f"median {name}", "at most 3 % above the best peer", median(norm),
                lambda ours, peer: ours <= 1.03 * peer, lambda value: f"{value:.4f}")


SUCCESS, SUCCESS_OF_SQUARE = _success(1), _success(2)
SAME_SUCCESS = Goal("success", "within 0.2 points", success_rate,
                    lambda ours, peer: abs(ours - peer) <= 0.002 + ROUNDING, percent)
MEDIAN_LINF, MEDIAN_L2 = _median("linf", "L-inf"), _median("l2", "L2")
ROBUST_ACCURACY = Goal("robust accuracy", "at most the peer's", robust_accuracy,
                       lambda ours, peer: ours <= peer + ROUNDING, percent)

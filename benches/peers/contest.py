"""A work that several contestants do, in rounds that alternate between them."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Result:
    """One measurement: a figure, a number that shows that the same was done, and a remark."""
    figure: float
    check: float | None = None
    remark: str = ""


@dataclass
class Work:
    """`contestants` by name, ours first. `smaller` says that a smaller figure is better; `tolerance` is how far a check
    may lie from ours."""
    name: str
    unit: str
    contestants: dict[str, Callable[[], Result]]
    smaller: bool = False
    tolerance: float = 0.0
    results: dict[str, list[Result]] = field(default_factory=dict)

    def run(self, rounds):
        """Every contestant once a round, the order reversed from round to round."""
        self.results = {name: [] for name in self.contestants}
        for number in range(rounds):
            order = list(self.contestants.items())
            for name, contestant in order if number % 2 == 0 else reversed(order):
                time.sleep(0.3)  # until no idle thread of the one before spins
                self.results[name].append(contestant())

    def rows(self):
        """Name, median figure, median and range of how many times better ours is (None for ours), and remark."""
        ours, *others = self.results
        yield ours, self.median(ours), None, self.results[ours][-1].remark
        for name in others:
            pairs = zip(self.results[ours], self.results[name])
            ratios = [b.figure / a.figure if self.smaller else a.figure / b.figure for a, b in pairs]
            yield name, self.median(name), (statistics.median(ratios), min(ratios), max(ratios)), \
                self.results[name][-1].remark

    def median(self, name):
        return statistics.median(result.figure for result in self.results[name])

    def disagreements(self):
        """Contestants whose mean check lies too far from ours: they did something else."""
        checks = {name: [result.check for result in results] for name, results in self.results.items()}
        means = {name: statistics.mean(values) for name, values in checks.items() if None not in values}
        ours = next(iter(self.results))
        for name, mean in means.items():
            if abs(mean - means.get(ours, mean)) > self.tolerance:
                yield f"{self.name}: {name} finds {mean:.5f}, {ours} {means[ours]:.5f}"


def figure(value):
    """Three digits, or all of a whole number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def terminal(works):
    for work in works:
        yield f"\n{work.name} ({work.unit})"
        for name, median, ratio, remark in work.rows():
            times = "" if ratio is None else "{:.2f} times ({:.2f} to {:.2f})".format(*ratio)
            yield f"  {name:<24}{figure(median):>9}  {times:<28}{remark}".rstrip()


def markdown(works):
    yield "| work | | median | ratio (least to most) | |"
    yield "|---|---|---:|---:|---|"
    for work in works:
        title = f"{work.name}, {work.unit}"
        for name, median, ratio, remark in work.rows():
            times = "" if ratio is None else "{:.2f} ({:.2f} to {:.2f})".format(*ratio)
            yield f"| {title} | {name} | {figure(median)} | {times} | {remark} |"
            title = ""

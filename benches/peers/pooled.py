"""`wrong` on the own errors of several networks, each beside the best single detector, and all together beside `msp`, in Markdown.

    python benches/peers/pooled.py NAME=FOLDER ...

Each NAME is a network, each FOLDER one of `robust evaluate --out FOLDER` with it. The interval of a row is of the paired difference of areas under the ROC
curve (DeLong, DeLong and Clarke-Pearson 1988). AUGRC is the area under the generalised risk-coverage curve (Traub et al. 2024): less is better. The last line
is the mean difference from `msp` over all networks, with the 95 % percentile interval of 1,000 resamples of images: networks of the same images share
them. Needs numpy and scikit-learn.
"""

import csv
import sys

import numpy as np
from sklearn.metrics import roc_auc_score

from best_single import areas_of, best_of, interval, paired, rows
from questions import read, right

RESAMPLES = 1_000


def augrc(folder):
    """Of every detector, on clean images."""
    with open(f"{folder}/metrics.csv", newline="") as file:
        found = {row["detector"]: row["augrc"] for row in csv.DictReader(file) if row["set"] == "misclassified"}
    return {detector: float(area) for detector, area in found.items()}


def line(name, folder, clean):
    positives, negatives = rows(clean, ~right(clean)), rows(clean, right(clean))
    areas, risks = areas_of(positives, negatives), augrc(folder)
    best = best_of(areas)
    cells = [name, f"{len(positives['index']):,}", f"{areas['wrong']:.4f}", f"`{best}` {areas[best]:.4f}", f"{areas['msp']:.4f}"]
    cells += [interval(*paired(positives, negatives, "wrong", best)), *(f"{1000 * risks[one]:.2f}" for one in ("wrong", best, "msp"))]
    print("| " + " | ".join(cells) + " |")


def pooled(networks):
    """The mean over networks of what `wrong` is ahead of `msp`, and its interval."""
    groups = {}
    for clean in networks:
        groups.setdefault(clean["label"].tobytes(), []).append(clean)

    def ahead(clean, images):
        errors = ~right(clean)[images]
        return np.subtract(*(roc_auc_score(errors, clean[f"score_{one}"][images]) for one in ("wrong", "msp")))

    def mean(draw):
        differences = []
        for group in groups.values():
            images = draw(len(group[0]["label"]))
            differences += [ahead(clean, images) for clean in group]
        return np.mean(differences)

    rng = np.random.default_rng(0)
    low, high = np.quantile([mean(lambda count: rng.integers(0, count, count)) for _ in range(RESAMPLES)], [0.025, 0.975])
    return f"{mean(np.arange):+.4f} ({low:+.4f} to {high:+.4f})"


def main(networks):
    cleans = {name: read([folder])["clean"] for name, folder in networks.items()}
    print("| network | errors | `wrong` | best single | `msp` | `wrong` minus best (95 % interval) | 1000 AUGRC: `wrong` | best | `msp` |")
    print("|---|---:|---:|---|---:|---|---:|---:|---:|")
    for name, folder in networks.items():
        line(name, folder, cleans[name])
    print(f"\nAll together `wrong` is ahead of `msp` by {pooled(list(cleans.values()))}.")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(dict(argument.split("=", 1) for argument in sys.argv[1:]))

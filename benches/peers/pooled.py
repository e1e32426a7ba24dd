"""How well two detectors see the errors of several networks, and the paired difference between them.

    venv/bin/python pooled.py combined msp a/detect.csv b/detect.csv c/detect.csv

takes the clean images of each `detect.csv` (`robust evaluate --model FILE --method noise --epsilon 0.05 --out a`), prints the areas under the
ROC curve of wrong against right ones by scikit-learn, and the mean difference over the networks with the 95 % percentile interval of
1,000 resamples of images, the same ones for all networks and both detectors.
"""

import csv
import sys

import numpy as np
from sklearn.metrics import roc_auc_score

RESAMPLES = 1_000


def clean(path, detectors):
    """Which images are misclassified, and the scores of both detectors."""
    with open(path, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == "clean"]
    wrong = np.array([row["label"] != row["prediction"] for row in rows])
    return wrong, [np.array([float(row[f"score_{detector}"]) for row in rows]) for detector in detectors]


def main(one, other, *paths):
    networks = [clean(path, (one, other)) for path in paths]

    def difference(images):
        areas = [[roc_auc_score(wrong[images], scores[images]) for scores in both] for wrong, both in networks]
        return np.mean([a - b for a, b in areas])

    for path, (wrong, both) in zip(paths, networks):
        areas = ", ".join(f"{name} {roc_auc_score(wrong, scores):.4f}" for name, scores in zip((one, other), both))
        print(f"{path}: {wrong.sum()} errors, {areas}")
    count, rng = len(networks[0][0]), np.random.default_rng(0)
    drawn = [difference(rng.integers(0, count, count)) for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    print(f"mean difference {difference(np.arange(count)):.4f}, 95 % interval {low:.4f} to {high:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])

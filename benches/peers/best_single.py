"""`wrong` and `tampered` beside the best single detector, set by set: the table of docs/best-single.md in Markdown.

    python benches/peers/best_single.py NAME=FOLDER[,FOLDER...] ...

Each NAME is a network, each FOLDER one of `robust evaluate --out FOLDER` with it. `wrong` answers for the network's own errors and for images at the
border of two classes (DeepFool, Carlini-Wagner at confidence 0), `tampered` for every other attack. The best single detector is chosen by the very
images of the row. The interval is of the paired difference (DeLong, DeLong and Clarke-Pearson 1988); a row holds if it reaches -0.005. The last two columns
are the share of positives flagged at the threshold for 5 % of clean validation images, by that detector and by `combined`. Sets with fewer than 100
positives are left out, but for own errors. Needs numpy.
"""

import csv
import sys

import numpy as np

MANY, MARGIN, Z = 100, -0.005, 1.959964
UNIONS = ("combined", "wrong", "tampered")


def read(folders):
    """For each set, of the folder that has most of it: positives, and the scores of every detector by positive or not."""
    found = {}
    for folder in folders:
        rows = {}
        with open(f"{folder}/detect.csv", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["set"], {})[row["index"]] = row
        with open(f"{folder}/metrics.csv", newline="") as file:
            flagged = {(row["set"], row["detector"]): row["tpr"] for row in csv.DictReader(file)}
        clean = rows.pop("clean")
        right = {index for index, row in clean.items() if row["prediction"] == row["label"]}
        own = [row for index, row in clean.items() if index not in right]
        keep("misclassified", own, [clean[index] for index in right], flagged, found)
        for name, attacked in rows.items():
            if not name.startswith("worst") and name != "ambiguous":
                fooled = [row for row in attacked.values() if row["status"] == "succeeded"]
                keep(name, fooled, [clean[index] for index in right if index in attacked], flagged, found)
    return found


def keep(name, positives, negatives, flagged, found):
    if name not in found or len(positives) > found[name][0]:
        detectors = [key.removeprefix("score_") for key in negatives[0] if key.startswith("score_")]
        scores = {d: [np.array([float(row[f"score_{d}"]) for row in rows]) for rows in (positives, negatives)] for d in detectors}
        found[name] = len(positives), scores, {d: float(flagged[name, d]) for d in UNIONS}


def placements(positives, negatives):
    """Of each image the share of the others that it is ranked right against."""
    def below(these, of):
        ordered = np.sort(these)
        return (np.searchsorted(ordered, of, "left") + np.searchsorted(ordered, of, "right")) / (2 * len(ordered))
    return below(negatives, positives), 1 - below(positives, negatives)


def line(name, count, scores, flagged, wrong):
    ours = "wrong" if wrong else "tampered"
    placed = {detector: placements(*both) for detector, both in scores.items()}
    areas = {detector: of_positives.mean() for detector, (of_positives, _) in placed.items()}
    best = max((detector for detector in areas if detector not in UNIONS), key=areas.get)
    spread = sum(np.var(a - b, ddof=1) / len(a) for a, b in zip(placed[ours], placed[best]))
    difference, half = areas[ours] - areas[best], Z * np.sqrt(spread)
    holds = "yes" if difference + half >= MARGIN else "no"
    cells = [name, f"{count:,}", f"`{ours}` {areas[ours]:.4f}", f"`{best}` {areas[best]:.4f}"]
    cells += [f"{difference:+.4f} ({difference - half:+.4f} to {difference + half:+.4f})", holds]
    cells += [f"{100 * flagged[detector]:.2f} %" for detector in (ours, "combined")]
    print("| " + " | ".join(cells) + " |")


def main(networks):
    print("| set | positives | ours | best single | difference (95 % interval) | holds | it flags | `combined` flags |")
    print("|---|---:|---|---|---:|---|---:|---:|")
    for network, folders in networks:
        for name, (count, scores, flagged) in read(folders.split(",")).items():
            if name == "misclassified" or count >= MANY:
                line(f"{network}, {name}", count, scores, flagged, name == "misclassified" or name.startswith("deepfool") or name.endswith("@k0"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main([argument.split("=", 1) for argument in sys.argv[1:]])

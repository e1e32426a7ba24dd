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

from questions import read

MANY, MARGIN, Z = 100, -0.005, 1.959964
UNIONS = ("combined", "wrong", "tampered")


def sets_of(folders):
    """For each set its positives and negatives, each as columns; and which share of the positives the unions flag."""
    flagged = {}
    for folder in folders:
        with open(f"{folder}/metrics.csv", newline="") as file:
            of_folder = {(row["set"], row["detector"]): row for row in csv.DictReader(file)}
        for key, row in of_folder.items():
            if key not in flagged or int(row["n_positive"] or 0) > int(flagged[key]["n_positive"] or 0):
                flagged[key] = row
    sets = read(folders)
    clean = sets.pop("clean")
    right = clean["prediction"] == clean["label"]
    yield "misclassified", rows(clean, ~right), rows(clean, right), flagged
    for name, attacked in sets.items():
        if not name.startswith("worst") and name != "ambiguous":
            kept = right & np.isin(clean["index"], attacked["index"])
            yield name, rows(attacked, attacked["status"] == "succeeded"), rows(clean, kept), flagged


def rows(columns, chosen):
    return {key: values[chosen] for key, values in columns.items()}


def placements(positives, negatives):
    """Of each image the share of the others that it is ranked right against."""
    def below(these, of):
        ordered = np.sort(these)
        return (np.searchsorted(ordered, of, "left") + np.searchsorted(ordered, of, "right")) / (2 * len(ordered))
    return below(negatives, positives), 1 - below(positives, negatives)


def areas_of(positives, negatives):
    """The area under the ROC curve of every detector."""
    detectors = [key for key in negatives if key.startswith("score_")]
    return {key.removeprefix("score_"): placements(positives[key], negatives[key])[0].mean() for key in detectors}


def best_of(areas):
    return max((detector for detector in areas if detector not in UNIONS), key=areas.get)


def paired(positives, negatives, one, other):
    """The difference of two areas and half of its 95 % interval. An image counts with its clean and its attacked score together, which belong to each other."""
    placed = [placements(positives[f"score_{d}"], negatives[f"score_{d}"]) for d in (one, other)]
    pulls = {}
    for side, indices in enumerate((positives["index"], negatives["index"])):
        difference = placed[0][side] - placed[1][side]
        for index, pull in zip(indices, (difference - difference.mean()) / len(difference)):
            pulls[index] = pulls.get(index, 0) + pull
    return placed[0][0].mean() - placed[1][0].mean(), Z * np.sqrt(np.square(list(pulls.values())).sum())


def interval(difference, half):
    return f"{difference:+.4f} ({difference - half:+.4f} to {difference + half:+.4f})"


def line(name, positives, negatives, tpr, wrong):
    """One row."""
    ours = "wrong" if wrong else "tampered"
    areas = areas_of(positives, negatives)
    best = best_of(areas)
    difference, half = paired(positives, negatives, ours, best)
    holds = "yes" if difference + half >= MARGIN else "no"
    cells = [name, f"{len(positives['index']):,}", f"`{ours}` {areas[ours]:.4f}", f"`{best}` {areas[best]:.4f}"]
    cells += [interval(difference, half), holds]
    cells += [f"{100 * float(tpr[detector]['tpr']):.2f} %" for detector in (ours, "combined")]
    print("| " + " | ".join(cells) + " |")


def main(networks):
    print("| set | positives | ours | best single | difference (95 % interval) | holds | it flags | `combined` flags |")
    print("|---|---:|---|---|---:|---|---:|---:|")
    for network, folders in networks:
        for name, positives, negatives, flagged in sets_of(folders.split(",")):
            own = name == "misclassified"
            if len(positives["index"]) >= (1 if own else MANY):
                tpr = {detector: flagged[name, detector] for detector in UNIONS}
                line(f"{network}, {name}", positives, negatives, tpr, own or name.startswith("deepfool") or name.endswith("@k0"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main([argument.split("=", 1) for argument in sys.argv[1:]])

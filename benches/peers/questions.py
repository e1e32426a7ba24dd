"""How the parts of `wrong` and `tampered` could be put together, and how `combined` could share its false alarms.

Reads the `detect.csv` of runs of `robust evaluate --split validation` (several folders for each network) and prints the three tables of
docs/detector-choices.md in Markdown. Everything is worked out from the columns `part_*`, `score_*`, `prediction`, `label`.

    python benches/peers/questions.py NAME=FOLDER[,FOLDER...] ...

Needs numpy and scikit-learn. docs/detector-choices.md has the commands of the runs.
"""

import csv
import sys

import numpy as np
from sklearn.metrics import roc_auc_score

from detection_tables import shown


def read(folders):
    """The columns of every set, as arrays; those of `clean` once."""
    sets = {}
    for folder in folders:
        rows = {}
        with open(f"{folder}/detect.csv") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["set"], []).append(row)
        for name, found in rows.items():
            if name in sets and name != "clean":
                raise SystemExit(f"{folder}: the set {name} is in two folders")
            if name not in sets or len(found) > len(sets[name]["label"]):
                keys = [key for key in found[0] if key not in ("set", "status", "reason", "flagged")]
                columns = {key: np.array([float(row[key] or "nan") for row in found]) for key in keys}
                columns["status"] = np.array([row["status"] for row in found])
                sets[name] = columns
    return sets


def bits(clean, tail=5):
    """-log2 of the share of clean values above: quantiles down to 2^-tail, then an exponential tail of their mean excess."""
    ordered = np.sort(clean)
    count = len(ordered)
    at = [ordered[0]] + [ordered[max(0, int(np.ceil(count - count * 0.5**k)) - 1)] for k in range(1, tail + 1)]
    excess = (ordered[ordered > at[-1]] - at[-1]).mean()

    def of(values):
        inner = np.interp(values, at, np.arange(tail + 1))
        return np.where(values > at[-1], tail + (values - at[-1]) / excess / np.log(2), inner)

    return of


WRONG = {
    "classifier alone, as `msp`": lambda s: s["part_classifier"],
    "drawings alone": lambda s: s["part_drawings"],
    "2/3 and 1/3": lambda s: 2 / 3 * s["part_classifier"] + 1 / 3 * s["part_drawings"],
    "1/2 and 1/2": lambda s: (s["part_classifier"] + s["part_drawings"]) / 2,
    "1/3 and 2/3": lambda s: 1 / 3 * s["part_classifier"] + 2 / 3 * s["part_drawings"],
    "**fitted: `wrong`**": lambda s: s["score_wrong"],
    **{f"`{name}`": (lambda s, n=name: s[f"score_{n}"]) for name in ("entropy", "margin", "gini", "rel-u", "alternative")},
}


def otherwise(s):
    return np.maximum(s["part_divergence"], s["part_denoised"])


def three(s):
    return np.stack([s["part_label"], s["part_error"], otherwise(s)])


TAMPERED = {
    "**sum of three: `tampered`**": lambda s: s["score_tampered"],
    "without `denoised`": lambda s: s["part_label"] + s["part_error"] + s["part_divergence"],
    "without `divergence`": lambda s: s["part_label"] + s["part_error"] + s["part_denoised"],
    "sum of four": lambda s: three(s)[:2].sum(0) + s["part_divergence"] + s["part_denoised"],
    "largest": lambda s: three(s).max(0),
    "root of squares": lambda s: np.sqrt((three(s).clip(0) ** 2).sum(0)),
    "label + larger": lambda s: s["part_label"] + three(s)[1:].max(0),
    "`denoised`": lambda s: s["part_denoised"],
    **{f"`{name}`": (lambda s, n=name: s[f"score_{n}"]) for name in ("alternative", "magnet", "squeeze")},
}

SHARES = {"`a` = 1: `wrong` alone": 1, "0.8": 0.8, "0.67": 0.67, "0.5": 0.5, "0.2": 0.2, "0: `tampered` alone": 0}


def first_combined(clean):
    """The score of the first `combined` (revision df8c07d), whose last three constants were chosen on digits: a soft maximum of disagreement, doubt
    and strangeness."""

    def spread(values):
        mean, deviation = values.mean(), values.std()
        return lambda found: (found - mean) / deviation

    def ratio(s):
        return np.log(s["error_predicted"] / s["error_alternative"])

    of_ratio, of_odds, of_doubt = spread(ratio(clean)), spread(clean["part_drawings"]), spread(clean["part_classifier"])
    both = lambda s: of_ratio(ratio(s)) + of_odds(s["part_drawings"])
    disagreement = spread(both(clean))

    def score(s):
        return np.logaddexp.reduce([disagreement(both(s)), of_doubt(s["part_classifier"]) - 0.5, 0.6 * (s["score_magnet"] - 6)])

    return score


def right(images):
    return images["prediction"] == images["label"]


def area(of, negatives, positives):
    scores = [of(images)[chosen] for images, chosen in (negatives, positives)]
    return f"{roc_auc_score(np.repeat([0, 1], [len(found) for found in scores]), np.concatenate(scores)):.4f}"


def own_errors(networks):
    """The area under the ROC curve of the networks' own errors, a row for each way to put evidence together."""
    titles = [f"{name}, {(~right(sets['clean'])).sum()} errors" for name, sets in networks.items()]
    table("evidence of classifier and drawings", titles)
    for way, of in WRONG.items():
        cleans = [sets["clean"] for sets in networks.values()]
        line(way, [area(of, (clean, right(clean)), (clean, ~right(clean))) for clean in cleans])


def attacked(sets):
    """The sets of which at least 20 images fool the network, with those images."""
    for name, images in sets.items():
        fooled = images["status"] == "succeeded"
        if name != "clean" and not name.startswith("worst") and fooled.sum() >= 20:
            yield name, images, fooled


def attacks(networks):
    """The area under the ROC curve of images that fool the network, a row for each attack."""
    table("set", TAMPERED)
    for network, sets in networks.items():
        clean = sets["clean"]
        for name, images, fooled in attacked(sets):
            kept = np.isin(clean["index"], images["index"]) & right(clean)
            line(f"{network}, {shown(name)}", [area(of, (clean, kept), (images, fooled)) for of in TAMPERED.values()])


def budget(networks, rate=0.05):
    """Shares flagged by the union of both questions, a column for each share of the false alarms that `wrong` has."""
    table("flagged", [*SHARES, "the first `combined`"])
    for network, sets in networks.items():
        clean = sets["clean"]
        of_wrong, of_tampered = bits(clean["score_wrong"]), bits(clean["score_tampered"])

        def union(images, share):
            with np.errstate(divide="ignore"):
                logs = np.log2(share), np.log2(1 - share)
            return np.maximum(of_wrong(images["score_wrong"]) + logs[0], of_tampered(images["score_tampered"]) + logs[1])

        ways = [*(lambda images, share=share: union(images, share) for share in SHARES.values()), first_combined(clean)]
        limits = [(way, np.quantile(way(clean), 1 - rate)) for way in ways]
        for name, images, chosen in [("own errors", clean, ~right(clean)), *attacked(sets)]:
            flagged = [(way(images)[chosen] > limit).mean() for way, limit in limits]
            line(f"{network}, {shown(name)}", [f"{100 * share:.1f} %" for share in flagged])


def table(first, titles):
    print(f"\n| {first} | " + " | ".join(titles) + " |")
    print("|---|" + "---:|" * len(titles))


def line(name, cells):
    print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    read_of = {name: read(folders.split(",")) for name, folders in (argument.split("=", 1) for argument in sys.argv[1:])}
    for print_table in (own_errors, attacks, budget):
        print_table(read_of)

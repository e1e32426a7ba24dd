"""How the parts of `wrong` and `tampered` could be put together, and how `combined` could share its false alarms.

Reads the `detect.csv` of runs of `robust evaluate --split validation --limit 2500` (several folders of one network and dataset) and prints three tables
of areas under the ROC curve and shares flagged. Everything is worked out from the columns `part_*`, `score_*`, `prediction`, `label`.

    python benches/peers/questions.py FOLDER...

Needs numpy and scikit-learn. docs/detection.md has the tables and the commands of the runs.
"""

import csv
import sys

import numpy as np
from sklearn.metrics import roc_auc_score


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


def main(folders):
    sets = read(folders)
    clean = sets.pop("clean")
    right = clean["prediction"] == clean["label"]
    wrong_pools = {
        "classifier alone": lambda s: s["part_classifier"],
        "drawings alone": lambda s: s["part_drawings"],
        "2/3 and 1/3": lambda s: 2 / 3 * s["part_classifier"] + 1 / 3 * s["part_drawings"],
        "1/2 and 1/2": lambda s: (s["part_classifier"] + s["part_drawings"]) / 2,
        "1/3 and 2/3": lambda s: 1 / 3 * s["part_classifier"] + 2 / 3 * s["part_drawings"],
        "fitted": lambda s: s["score_wrong"],
    }
    print("## own errors:", int((~right).sum()), "of", len(right))
    for name, pool in {**wrong_pools, **{k: (lambda s, k=k: s[f"score_{k}"]) for k in scores(clean)}}.items():
        print(f"{name:18} {roc_auc_score(~right, pool(clean)):.4f}")

    label, error, divergence, denoised = (lambda s, n=n: s[f"part_{n}"] for n in ("label", "error", "divergence", "denoised"))
    otherwise = lambda s: np.maximum(divergence(s), denoised(s))
    three = lambda s: np.stack([label(s), error(s), otherwise(s)])
    ways = {
        "sum of three": lambda s: three(s).sum(0),
        "sum of four": lambda s: label(s) + error(s) + divergence(s) + denoised(s),
        "without denoised": lambda s: label(s) + error(s) + divergence(s),
        "without divergence": lambda s: label(s) + error(s) + denoised(s),
        "largest of three": lambda s: three(s).max(0),
        "root of squares": lambda s: np.sqrt((three(s).clip(0) ** 2).sum(0)),
        "label + larger": lambda s: label(s) + three(s)[1:].max(0),
        "label": label,
        "error": error,
        "denoised": denoised,
    }
    named = [name for name in ("tampered", "alternative", "magnet", "squeeze") if f"score_{name}" in clean]
    columns = {**ways, **{name: (lambda s, n=name: s[f"score_{n}"]) for name in named}}
    print("\n## attacked sets, area under the ROC curve\n" + f"{'set':18}{'n':>6} " + " ".join(columns))
    for name, attacked in sets.items():
        fooled = attacked["status"] == "succeeded"
        if fooled.sum() < 20:
            continue
        kept = np.isin(clean["index"], attacked["index"]) & right
        areas = []
        for of in columns.values():
            found = np.r_[of(clean)[kept], of(attacked)[fooled]]
            areas.append(roc_auc_score(np.r_[np.zeros(kept.sum()), np.ones(fooled.sum())], found))
        print(f"{name:18}{fooled.sum():6} " + " ".join(f"{area:.4f}" for area in areas))

    of_wrong, of_tampered = bits(clean["score_wrong"]), bits(clean["score_tampered"])
    shares = [1.0, 0.8, 0.67, 0.5, 0.2, 0.0]
    with np.errstate(divide="ignore"):
        union = lambda s, a: np.maximum(
            of_wrong(s["score_wrong"]) + np.log2(a), of_tampered(s["score_tampered"]) + np.log2(1 - a)
        )
        for rate in (0.05, 0.01):
            limits = [np.quantile(union(clean, a), 1 - rate) for a in shares]
            print(f"\n## flagged at {rate} of all clean images, by the share of wrong: " + " ".join(map(str, shares)))
            print("own errors         " + " ".join(f"{(union(clean, a)[~right] > t).mean():.3f}" for a, t in zip(shares, limits)))
            for name, attacked in sets.items():
                fooled = attacked["status"] == "succeeded"
                if fooled.sum() >= 20:
                    found = [(union(attacked, a)[fooled] > t).mean() for a, t in zip(shares, limits)]
                    print(f"{name:18} " + " ".join(f"{share:.3f}" for share in found))


def scores(columns):
    return [key.removeprefix("score_") for key in columns if key.startswith("score_")]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1:])

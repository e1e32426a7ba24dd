"""The tables of docs/detection.md, docs/digits.md, docs/letters.md and docs/fashion.md, from the folders of `robust evaluate` and `robust detect`.

    python benches/peers/detection_tables.py combined FOLDER...    # how one detector does on every set
    python benches/peers/detection_tables.py areas FOLDER...       # the area under the ROC curve of every detector on every set
    python benches/peers/detection_tables.py shifts FOLDER         # what benign shifts do, of a run with --shifts

Prints Markdown; the pages name the commands that made the folders. Needs nothing but Python.
"""

import csv
import sys


def rows(folders):
    """Rows of metrics.csv by set, then by detector; of sets in several folders the first, but for the largest `misclassified`."""
    found = {}
    for folder in folders:
        with open(f"{folder}/metrics.csv") as file:
            here = {}
            for row in csv.DictReader(file):
                here.setdefault(row["set"], {})[row["detector"]] = row
        for name, detectors in here.items():
            if name not in found:
                found[name] = detectors
    return {name: detectors for name, detectors in found.items() if not name.startswith(("worst", "shifted")) and name != "clean"}


def shown(name):
    """The name of a set, with an epsilon that is some steps of a byte as that."""
    method, at, epsilon = name.partition("@")
    try:
        steps = float(epsilon) * 255
    except ValueError:
        return name
    return f"{method}@{steps:.0f}/255" if abs(steps - round(steps)) < 1e-4 and len(epsilon) > 6 else name


def percent(text):
    return f"{100 * float(text):.2f} %" if text else ""


def one(folders, detector):
    print("| set | positives | AUROC (95 % interval) | detected at 1 % | at 5 % | undetected | accuracy corrected |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, detectors in rows(folders).items():
        row = detectors[detector]
        interval = f" ({float(row['auroc_low']):.4f} to {float(row['auroc_high']):.4f})" if row["auroc_low"] else ""
        area = f"{float(row['auroc']):.4f}{interval}" if row["auroc"] else ""
        cells = [shown(name), f"{int(row['n_positive']):,}", area]
        cells += [percent(row[key]) for key in ("tpr_at_1fpr", "tpr_at_5fpr", "undetected_rate", "accuracy_corrected")]
        print("| " + " | ".join(cells) + " |")


def areas(folders):
    sets = rows(folders)
    detectors = list(next(iter(sets.values())))
    print("| set | " + " | ".join(f"`{name}`" for name in detectors) + " |")
    print("|---|" + "---:|" * len(detectors))
    for name, found in sets.items():
        cells = [f"{float(found[d]['auroc']):.4f}" if found[d]["auroc"] else "" for d in detectors]
        print(f"| {shown(name)} | " + " | ".join(cells) + " |")


def shifts(folders):
    for folder in folders:
        with open(f"{folder}/shifts.csv") as file:
            found = {}
            for row in csv.DictReader(file):
                found.setdefault(row["set"], {})[row["detector"]] = row
        print("| shift | accuracy | flagged | unsure | another label | unlike | own errors: `wrong` | `msp` | `wrong` minus `msp` |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
        for name, detectors in found.items():
            both = detectors["combined"]
            areas = [float(detectors[d]["auroc"]) for d in ("wrong", "msp")]
            cells = [name.removeprefix("shifted-"), *(percent(both[key]) for key in ("accuracy", "flagged", "unsure", "another_label", "unlike"))]
            cells += [f"{area:.4f}" for area in areas] + [f"{areas[0] - areas[1]:+.4f}"]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    what, folders = sys.argv[1], sys.argv[2:]
    {"areas": areas, "shifts": shifts}.get(what, lambda folders: one(folders, what))(folders)

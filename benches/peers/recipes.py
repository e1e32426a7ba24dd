"""What single changes of a recipe do to the paper's claims: the table of docs/network.md.

    python benches/peers/recipes.py NAME=FOLDER[,FOLDER] ...

Each NAME is a row, each FOLDER one of `robust figures --claims --out FOLDER` with a network of that recipe, one for each seed. Prints Markdown.
Needs nothing but Python.
"""

import json
import sys
from pathlib import Path

CLAIMS = {
    "accuracy": ("it classifies well", 100),
    "corrections read as the true label": ("the true label corrects", 100),
    "neighbours of the class in style space, beyond those in image space": ("fewer of the nearest neighbours", 1),
    "AUROC of the mismatch": ("a mismatch of image and drawing", 1),
    "frames that stay within the class": ("and stays within the class", 100),
    "drawing's error over the generic sample's": ("drawings from prediction and style", 100),
}


def values(folder):
    claims = json.loads(Path(folder, "claims.json").read_text())["claims"]
    find = lambda start: next(claim for claim in claims if claim["claim"].startswith(start))
    return [scale * find(start)["decided_by"]["value"] for start, scale in CLAIMS.values()]


def main(rows):
    print("| recipe | " + " | ".join(CLAIMS) + " |")
    print("|---|" + "---:|" * len(CLAIMS))
    for row in rows:
        name, folders = row.split("=", 1)
        seeds = [values(folder) for folder in folders.split(",")]
        cells = []
        for (_, scale), found in zip(CLAIMS.values(), zip(*seeds)):
            cells.append(", ".join(f"{value:.1f}" if scale == 100 else f"{value:.3f}" if abs(value) < 1 else f"{value:+.1f}" for value in found) + (" %" if scale == 100 else ""))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1:])

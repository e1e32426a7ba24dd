#!/bin/sh
# Builds the Python wheel that carries the program, installs it where nothing else is, and screens digits with it:
#
#     benches/wheel.sh FOLDER
#
# FOLDER is made, and must not be there. It ends with two environments, the wheel, and the digits with their verdicts. Needs Python 3.9 or newer with
# `venv`, and a registry that has maturin. Cargo builds where it always does (`CARGO_TARGET_DIR`).
set -eu
folder=${1:?usage: benches/wheel.sh FOLDER}
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir "$folder"
folder=$(cd "$folder" && pwd)

python3 -m venv "$folder/builder"
"$folder/builder/bin/pip" install --quiet 'maturin>=1.7,<2'
cd "$here"
"$folder/builder/bin/maturin" build --release --locked --out "$folder/wheel"
ls -l "$folder/wheel"

python3 -m venv "$folder/fresh"
"$folder/fresh/bin/pip" install --quiet --no-index "$folder"/wheel/*.whl
"$folder/fresh/bin/robust" --version

# The first test digits, as pictures that are named by what they show.
mkdir "$folder/digits"
"$folder/fresh/bin/python" - "$here/data/mnist" "$folder/digits" <<'PYTHON'
import gzip, struct, sys, zlib
from pathlib import Path

mnist, digits = map(Path, sys.argv[1:])
pixels = gzip.decompress((mnist / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
labels = gzip.decompress((mnist / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

for at in range(8):
    rows = b"".join(b"\0" + pixels[28 * row : 28 * (row + 1)] for row in range(28 * at, 28 * (at + 1)))
    header = struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (digits / f"{at}-shows-{labels[at]}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
PYTHON

# From a folder in which there is nothing of the repository.
cd "$folder"
fresh/bin/robust detect --input digits
fresh/bin/robust detect --input digits --out again --jsonl --quiet | fresh/bin/python -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) == 8, lines
assert all(line["source"].endswith("-shows-" + line["class"] + ".png") for line in lines), lines
print("all 8 digits are read as what they show")'

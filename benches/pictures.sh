#!/usr/bin/env bash
# Makes the pictures in docs/ anew from the built binary, so that none is stale:
#
#   benches/pictures.sh [NAME..]
#
# NAMEs: attack, roc, report, explore, figures, letters; all of them unless named. `letters` needs LETTERS, the folder of EMNIST's letters
# (data/README.md), and is left out without it. `report` and `explore` need Chromium (CHROMIUM, else chromium on the path).
# docs/figures/paper is of a network that is not in the binary, and is not made here.
set -euo pipefail

cd "$(dirname "$0")/.."
cargo build --release
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
robust=$target/release/robust
chromium=${CHROMIUM:-chromium}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# A page as a picture: its address, the file, and its size.
shoot() {
  "$chromium" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/browser" --force-prefers-color-scheme=light \
    --virtual-time-budget=8000 --window-size="$3" --screenshot="$2" "$1" 2> "$work/browser.log" || { cat "$work/browser.log" >&2; return 1; }
}

attack() { cargo run --release --quiet --example picture; }

roc() {
  "$robust" detect --quiet --out "$work/detected" > "$work/detected.log"
  cp "$work/detected/roc.svg" docs/roc.svg
}

# The first 200 test images, all attacks and detectors: what `robust evaluate --limit 200` and `robust report` write.
report() {
  "$robust" evaluate --limit 200 --quiet --out "$work/evaluated" > "$work/evaluated.log"
  (cd "$work" && "$robust" report evaluated --quiet)
  shoot "file://$work/evaluated/report.html" docs/report.png 1200,1500
}

# The page as it opens.
explore() {
  "$robust" explore --quiet > "$work/address" &
  server=$!
  until [ -s "$work/address" ]; do kill -0 "$server"; sleep 0.1; done
  shoot "$(cat "$work/address")" docs/explore.png 1200,1740
  kill "$server"
  server=
}

# Figures without their tables.
drawn() {
  "$robust" figures --quiet --out "$work/$1" "${@:2}" > "$work/figures.log"
  cp "$work/$1"/*.png "$work/$1"/*.svg "docs/$1/"
}

figures() { drawn figures; }

letters() {
  if [ -z "${LETTERS:-}" ]; then
    echo "docs/figures/letters is left out: LETTERS names no folder" >&2
    return
  fi
  drawn figures/letters --dataset emnist-letters --data-dir "$LETTERS"
}

for name in ${@:-attack roc report explore figures letters}; do
  case $name in
    attack | roc | report | explore | figures | letters) "$name" && echo "$name" ;;
    *) echo "no picture is called $name: choose among attack, roc, report, explore, figures, letters" >&2; exit 2 ;;
  esac
done

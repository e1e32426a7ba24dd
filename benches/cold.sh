#!/bin/sh
# What a cold build costs in CPU seconds, as Cargo.toml is and with every crate optimised as cargo does by itself:
#
#     benches/cold.sh FOLDER
#
# builds twice into FOLDER, from nothing, with sources that are fetched before. Nothing else should run on the machine. FOLDER/*.html has the
# seconds of each crate (`cargo build --timings`).
set -eu
folder=${1:?usage: benches/cold.sh FOLDER}
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$folder"
cd "$here"
cargo fetch --locked --quiet

# The sum of user and system seconds of a command and its children.
seconds() {
    ( "$@" >&2; times ) | awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += 60 * t[1] + t[2] } print sum }'
}

# The same without what Cargo.toml has for the sake of a cold build.
mkdir -p "$folder/optimised"
git archive HEAD | tar -x -C "$folder/optimised"
sed -i '/^# What a cold build feels/,$d' "$folder/optimised/Cargo.toml"

for tree in "$here" "$folder/optimised"; do
    name=$(basename "$tree")
    cd "$tree"
    rm -rf "$folder/target"
    spent=$(seconds env CARGO_TARGET_DIR="$folder/target" cargo build --release --locked --timings --quiet)
    cp "$folder/target/cargo-timings/cargo-timing.html" "$folder/$name.html"
    echo "$name: $spent CPU seconds"
done

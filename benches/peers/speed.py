"""`robust` beside PyTorch, torchattacks, Foolbox and gemm: the same work side by side in one run.

    python -m venv venv && venv/bin/pip install torch torchattacks foolbox numpy safetensors
    venv/bin/python benches/peers/speed.py

builds `robust` for release, looks for the fastest configuration of every peer, then measures all of them in turn for
several rounds. README.md beside this file says how to read the result.
"""

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

RUNS = {  # work: (module, function, runs per round)
    "bim": ("bim", "work", 1),
    "fgsm": ("command", "fgsm", 1),
    "scoring": ("scoring", "work", 1),
    "training": ("training", "work", 1),
    "gemm": ("command", "gemm", 1),
    "images": ("command", "images", 1),
    "threads": ("command", "threads", 1),
    "memory": ("command", "memory", 1),
    "help": ("command", "help", 10),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(RUNS), metavar="WORK,..", help=f"of {', '.join(RUNS)}")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--threads", type=int, default=2, help="on both sides, default 2")
    parser.add_argument("--compile", action="store_true", help="let PyTorch also try torch.compile (needs a C++ compiler)")
    parser.add_argument("--quick", action="store_true", help="few images, to see that everything works; figures mean little")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there as well")
    settings = parser.parse_args()
    settings.only = settings.only.split(",")
    if unknown := set(settings.only) - set(RUNS):
        parser.error(f"no work is called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    return settings


def machine(robust, settings):
    """What the figures depend on."""
    cpus = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line] \
        if Path("/proc/cpuinfo").exists() else [platform.processor()]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchattacks", "foolbox", "numpy")]
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]
    isa = robust.machine["isa"].removeprefix("Isa(").removesuffix(")")
    yield f"{cpus[0]}, {os.cpu_count()} cores; {settings.threads} threads on both sides; {settings.rounds} rounds"
    yield f"robust: {isa}, rustc {rustc}"
    yield f"peers: {', '.join(versions)}, Python {platform.python_version()}"


def main():
    settings = arguments()
    # Before torch starts its threads; set again wherever a configuration wants another number.
    os.environ["OMP_NUM_THREADS"] = str(settings.threads)
    from contest import markdown, terminal
    from ours import Robust

    robust = Robust(settings.threads)
    facts = list(machine(robust, settings))
    print(*facts, sep="\n", flush=True)
    works = []
    for name in settings.only:
        module, function, often = RUNS[name]
        work = getattr(__import__(module), function)(robust, settings)
        work.run(settings.rounds * often)
        works.append(work)
        print(*terminal([work]), sep="\n", flush=True)
    if settings.markdown:
        Path(settings.markdown).write_text("\n".join([*markdown(works), "", "; ".join(facts) + "."]) + "\n")
    if different := [line for work in works for line in work.disagreements()]:
        sys.exit("not the same work: " + "; ".join(different))


if __name__ == "__main__":
    main()

"""`robust` beside PyTorch, torchattacks, Foolbox and gemm: the same work side by side in one run.

    python -m venv venv && venv/bin/pip install torch torchattacks foolbox numpy safetensors
    venv/bin/python benches/peers/speed.py

builds `robust` for release, looks for the fastest configuration of every peer, then measures all of them in turn for
several rounds. README.md beside this file says how to read the result.
"""

import argparse
import importlib
import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

from contest import markdown, terminal
from machine import cpu
from ours import Robust


def of(module, function="work"):
    """Imported when its turn comes."""
    return lambda robust, settings: getattr(importlib.import_module(module), function)(robust, settings)


WORKS = {  # name: (work, runs per round, 0 for one run in all)
    "bim": (of("bim"), 1),
    "fgsm": (of("command", "fgsm"), 1),
    "scoring": (of("scoring"), 1),
    "training": (of("training"), 1),
    "training-rule": (of("training", "rule"), 1),
    "training-wide": (of("training", "wide"), 1),
    "resnet": (of("resnet", "forward"), 1),
    "resnet-gradient": (of("resnet", "gradient"), 1),
    "gemm": (of("command", "gemm"), 1),
    "images": (of("command", "images"), 1),
    "threads": (of("command", "threads"), 1),
    "memory": (of("command", "memory"), 0),
    "help": (of("command", "start_up"), 10),
}
PACKAGES = ("torch", "torchattacks", "foolbox", "numpy")


def arguments(works, description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(works), metavar="WORK,..", help=f"of {', '.join(works)}")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--threads", type=int, default=2, help="on both sides, default 2")
    parser.add_argument("--compile", action="store_true", help="let PyTorch try torch.compile, with a C++ compiler")
    parser.add_argument("--quick", action="store_true", help="few images, to see that it works")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there as well")
    settings = parser.parse_args()
    settings.only = settings.only.split(",")
    if unknown := set(settings.only) - set(works):
        parser.error(f"no work is called {', '.join(sorted(unknown))}; there are {', '.join(works)}")
    return settings


def machine(robust, settings, packages):
    """What the figures depend on."""
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]
    peers = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    yield cpu()
    yield f"{settings.threads} threads on both sides, {settings.rounds} rounds"
    yield f"{robust.machine()}, rustc {rustc}"
    yield f"{', '.join(peers)}, Python {platform.python_version()}"


def main(works, description, packages):
    settings = arguments(works, description)
    robust = Robust(settings.threads)
    facts = list(machine(robust, settings, packages))
    print(*facts, sep="\n", flush=True)
    done = []
    for name in settings.only:
        prepare, often = works[name]
        work = prepare(robust, settings)
        work.run(settings.rounds * often or 1)
        done.append(work)
        print(*terminal([work]), sep="\n", flush=True)
    if settings.markdown:
        Path(settings.markdown).write_text("\n".join([*markdown(done), "", "; ".join(facts) + "."]) + "\n")
    if different := [line for work in done for line in work.disagreements()]:
        sys.exit("not the same work: " + "; ".join(different))


if __name__ == "__main__":
    main(WORKS, __doc__, PACKAGES)

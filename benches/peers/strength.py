"""`robust attack` beside Foolbox, torchattacks, ART and the AutoAttack package: how strong are the same attacks, with
the same parameters, on the same network and images?

    venv/bin/python benches/peers/strength.py --markdown strength.md

builds `robust` for release and prints one table. The peers' results are kept in `cache/` beside this file; without
them it takes hours. README.md beside this file says what counts.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import torch

import cache
import equality
import running
from goals import percent, success_rate
from judge import Subject
from lines import lines
from machine import cpu
from ours import Robust
from table import Row, markdown


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="METHOD,..", help="our names, such as fgsm,pgd-l2,cw-l2 [default: all]")
    parser.add_argument("--images", type=int, default=1000, help="test images, default 1000")
    parser.add_argument("--threads", type=int, default=2, help="of ours, default 2")
    parser.add_argument("--device", default="cpu", help="of the peers, such as cuda [default: cpu]")
    parser.add_argument("--jobs", type=int, default=1, help="peers at a time, default 1")
    parser.add_argument("--peer-threads", type=int, default=1, help="of each peer, default 1")
    parser.add_argument("--fresh", action="store_true", help="do not use what the cache has of the peers")
    parser.add_argument("--peers-only", action="store_true", help="fill the cache, build and run nothing of ours")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there as well")
    settings = parser.parse_args()
    settings.only = settings.only and settings.only.split(",")
    return settings


def compare(line, robust, everything, places):
    """Ours beside every peer, on the peer's images; where peers ran is added to `places`."""
    found = robust.adversarials(everything, *line.flags)
    ours = found and everything.judge(found.x_adv, line.parameters["norm"], line.parameters.get("epsilon"))
    if ours and abs(success_rate(ours) - found.summary["success_rate"]) > 0.002:
        reported, judged = (percent(rate) for rate in (found.summary["success_rate"], success_rate(ours)))
        robust.remarks.append(f"{line.method}, {line.description}: attack.json says {reported}, the judge {judged}")
    goal, cells, holds = line.goal, {}, []
    for peer in line.peers:
        images = line.images(peer, everything.count)
        verdict, place = line.entry(peer, images).read()
        figure = goal.figure(verdict)
        beside = ours and goal.figure(ours.first(images, len(verdict.succeeded)))
        cells[peer] = goal.show(figure)
        if images < everything.count:
            cells[peer] += f" on {images} images" + (f", ours there {goal.show(beside)}" if ours else "")
        holds.append(ours and goal.holds(beside, figure))
        places.append(place)
    figure = ours and goal.show(goal.figure(ours))
    return Row(line.title, line.description, figure, cells, goal.text, None if ours is None else all(holds))


def rows(robust, subject, places, wanted):
    for method, work in (("fgsm", equality.fgsm), ("bim", equality.bim)):
        if wanted(method):
            yield from work(robust, subject)
    for line in lines():
        if wanted(line.method):
            yield compare(line, robust, subject, places)


def about(robust, subject, places):
    """What the table depends on."""
    yield f"{len(subject.x)} of the first {subject.count} test images, those classified correctly"
    versions = ", ".join(f"{package} {cache.version(peer)}" for peer, package in cache.PACKAGES.items())
    yield f"{versions}; attacks ran on " + ", ".join(
        f"{place} ({count})" for place, count in Counter(places).most_common())
    yield f"{robust.machine()} and the judge, torch {torch.__version__}, on {cpu()}"
    yield from robust.remarks


def main():
    settings = arguments()

    def wanted(method):
        return settings.only is None or method in settings.only

    if failed := running.fill(wanted, settings):
        sys.exit("\n".join(failed))
    if settings.peers_only:
        return
    torch.set_num_threads(settings.threads)
    robust, subject = Robust(settings.threads), Subject(settings.images)
    found, places, start = [], [], time.perf_counter()
    for row in rows(robust, subject, places, wanted):
        found.append(row)
        print(f"{time.perf_counter() - start:7.0f} s  {' | '.join(row.cells())}", file=sys.stderr, flush=True)
    table = "\n".join([*markdown(found), "", ". ".join(about(robust, subject, places)) + "."])
    print(table)
    if settings.markdown:
        Path(settings.markdown).write_text(table + "\n")
    if missed := [f"{row.name}, {row.parameters}" for row in found if row.holds is False]:
        sys.exit("does not hold: " + "; ".join(missed))


if __name__ == "__main__":
    main()

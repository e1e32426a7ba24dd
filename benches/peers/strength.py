"""`robust attack` beside Foolbox, torchattacks, ART and the AutoAttack package: how strong are the same attacks, with
the same parameters, on the same network and images?

    venv/bin/python benches/peers/strength.py --markdown strength.md

builds `robust` for release and prints one table. The peers' results are kept in `cache/` beside this file; without
them it takes hours. README.md beside this file says what counts.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

import cache
import equality
from goals import percent, success_rate
from judge import BATCH, Subject
from lines import lines
from ours import Robust
from table import Row, markdown

SEED = 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="METHOD,..", help="our names, such as fgsm,pgd-l2,cw-l2 [default: all]")
    parser.add_argument("--images", type=int, default=1000, help="test images, default 1000")
    parser.add_argument("--threads", type=int, default=2, help="of ours, default 2")
    parser.add_argument("--peer-threads", type=int, default=1, help="of the peers, default 1")
    parser.add_argument("--fresh", action="store_true", help="do not use what the cache has of the peers")
    parser.add_argument("--peers-only", action="store_true", help="fill the cache, build and run nothing of ours")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there as well")
    settings = parser.parse_args()
    settings.only = settings.only and settings.only.split(",")
    return settings


def limited(subject, limit):
    """Its first images, if there is a limit below their number."""
    return subject if limit is None or limit >= subject.count else Subject(limit)


def verdict_on(peer, line, subject, settings):
    """The judge's verdict on a peer."""
    def compute():
        torch.manual_seed(SEED)
        np.random.seed(SEED)
        perturb = line.attack_of(peer, subject.net)
        batches = zip(subject.x.split(BATCH), subject.label.split(BATCH))
        x_adv = torch.cat([perturb(*batch).detach() for batch in batches])
        return subject.judge(x_adv, line.parameters["norm"], line.parameters.get("epsilon"))

    return cache.verdict(peer, line.attack, line.parameters, subject.count, compute, settings.fresh)


def compare(line, robust, everything, settings):
    """Ours beside every peer, on the peer's images."""
    subject = limited(everything, line.limit)
    found = robust and robust.adversarials(subject, *line.flags)
    ours = found and subject.judge(found.x_adv, line.parameters["norm"], line.parameters.get("epsilon"))
    if ours and abs(success_rate(ours) - found.summary["success_rate"]) > 0.002:
        reported, judged = (percent(rate) for rate in (found.summary["success_rate"], success_rate(ours)))
        robust.remarks.append(f"{line.method}, {line.description}: attack.json says {reported}, the judge {judged}")
    goal, cells, holds = line.goal, {}, []
    for peer in line.peers:
        images = limited(subject, line.peer_limits.get(peer))
        figure = goal.figure(verdict_on(peer, line, images, settings))
        beside = ours and goal.figure(ours.first(images))
        cells[peer] = goal.show(figure)
        if images is not subject:
            cells[peer] += f" on {images.count} images" + (f", ours there {goal.show(beside)}" if ours else "")
        holds.append(ours and goal.holds(beside, figure))
    figure = ours and goal.show(goal.figure(ours))
    description = line.description + (f", {subject.count} images" if subject is not everything else "")
    return Row(line.title, description, figure, cells, goal.text, None if ours is None else all(holds))


def rows(robust, subject, settings):
    def wanted(method):
        return settings.only is None or method in settings.only

    for method, work in (("fgsm", equality.fgsm), ("bim", equality.bim)):
        if robust and wanted(method):
            yield from work(robust, subject)
    for line in lines():
        if wanted(line.method):
            yield compare(line, robust, subject, settings)


def main():
    settings = arguments()
    torch.set_num_threads(settings.peer_threads)
    robust = None if settings.peers_only else Robust(settings.threads)
    subject = Subject(settings.images)
    found, start = [], time.perf_counter()
    for row in rows(robust, subject, settings):
        found.append(row)
        print(f"{time.perf_counter() - start:7.0f} s  {' | '.join(row.cells())}", file=sys.stderr, flush=True)
    versions = ", ".join(f"{package} {cache.version(peer)}" for peer, package in cache.PACKAGES.items())
    about = [f"{len(subject.x)} of the first {subject.count} test images, those classified correctly",
             f"{versions}, torch {torch.__version__}"]
    if robust:
        about += robust.remarks
    table = "\n".join([*markdown(found), "", ". ".join(about) + "."])
    print(table)
    if settings.markdown:
        Path(settings.markdown).write_text(table + "\n")
    if missed := [f"{row.name}, {row.parameters}" for row in found if row.holds is False]:
        sys.exit("does not hold: " + "; ".join(missed))


if __name__ == "__main__":
    main()

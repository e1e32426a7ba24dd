"""Images per second of the slower attacks beside the peers that have them, each at its fastest batch size.

    venv/bin/python benches/peers/attack_speed.py --markdown attack_speed.md

works like `speed.py`. Everyone classifies the clean images, attacks those that are right, with the same parameters, and
classifies the result.
"""

import time
from dataclasses import replace

from bim import campaign
from cache import PACKAGES
from configuration import configurations, fastest
from contest import Result, Work
from lines import lines
from network import images
from speed import main


def contestant(peer, line, brief, count, settings):
    """A peer in its fastest configuration, found with the `brief` parameters."""
    x, label = images("t10k", limit=count)

    def run(configuration, line):
        def attacker(net, line):
            # Anew for every batch: some keep what they are doing in themselves, and batches may run side by side.
            return lambda x, label: line.attack_of(peer, net)(x, label).detach()
        return campaign(configuration, settings.threads, attacker, x, label, line)

    shortened = replace(line, parameters=line.parameters | brief)
    best = fastest(configurations(settings, count), lambda configuration: run(configuration, shortened))

    def measure():
        run(best, shortened)
        start = time.perf_counter()
        attacked, fooled = run(best, line)
        return Result(count / (time.perf_counter() - start), fooled / attacked, f"{count} images, {best}")
    return measure


def work(method, brief, count, peers, tolerance, epsilon=None):
    """`brief`: parameters for a look at how fast a configuration is. `tolerance`: how far success rates may differ."""
    line, = (line for line in lines() if line.method == method and line.parameters.get("epsilon") == epsilon)

    def compare(robust, settings):
        few, chosen = (40, replace(line, parameters=line.parameters | brief)) if settings.quick else (count, line)

        def ours():
            found = robust.attack(*chosen.flags, "--limit", str(few))
            return Result(found["images_per_second"], found["success_rate"], f"{few} images")

        contestants = {peer: contestant(peer, chosen, brief, few, settings) for peer in peers}
        name = f"{line.name}, {chosen.description}"
        return Work(name, "images/s", {"robust": ours} | contestants, tolerance=1 if settings.quick else tolerance)
    return compare


WORKS = {
    "apgd": (work("apgd", {"steps": 10}, 1000, ("torchattacks", "ART", "AutoAttack"), 0.02, epsilon=0.1), 1),
    # AutoAttack gives all images of a batch the same windows, and asks about late ones that change nothing: it fools fewer.
    "square": (work("square", {"queries": 100}, 500, ("AutoAttack",), 0.06, epsilon=0.1), 1),
    "deepfool": (work("deepfool-l2", {"steps": 3}, 500, ("Foolbox", "ART"), 0.02), 1),
    # torchattacks does not search for the constant, so it misses some images.
    "cw": (work("cw-l2", {"searches": 1, "steps": 20}, 100, ("Foolbox", "torchattacks"), 0.07), 1),
}

if __name__ == "__main__":
    main(WORKS, __doc__, ["torch", *PACKAGES.values()])

"""`robust attack` as a whole process, and how its cost grows: start-up, memory, numbers of images and of threads."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bim import STEPS
from configuration import clock
from contest import Result, Work

MFLOP = 13.9  # of one attack step on one image, counted as direct products


def fgsm(robust, settings):
    def python(batch):
        with tempfile.TemporaryDirectory() as out:
            script = [sys.executable, Path(__file__).with_name("fgsm.py"), str(settings.threads), str(batch), out]
            start = time.perf_counter()
            found = subprocess.run(script, stdout=subprocess.PIPE, check=True).stdout
            return Result(time.perf_counter() - start, float(found), f"batch {batch}")

    best = min((250,) if settings.quick else (128, 250, 500, 1000), key=lambda batch: clock(python, batch))
    contestants = {"robust": lambda: robust.wall("--method", "fgsm"), "Python": lambda: python(best)}
    return Work("FGSM on 10,000 images, whole process", "s", contestants, smaller=True, tolerance=0.002)


def gemm(robust, settings):
    def ours():
        found = robust.attack("--method", "bim", "--limit", "500" if settings.quick else "2000")
        steps = STEPS * (found["n"] - found["skipped"]) / found["seconds"]
        return Result(steps * MFLOP / 1e3, remark=f"BIM, {MFLOP} MFLOP per image and step")

    return Work("arithmetic", "GFLOP/s", {"robust": ours, "gemm": lambda: robust.measure("gemm")})


def short_bim(robust, images, threads=None):
    """Images per second of ten steps on so many images."""
    split = "test" if images <= 10_000 else "train"
    flags = ("--method", "bim", "--steps", "10", "--step-size", "0.03", "--split", split, "--limit", str(images))
    return Result(robust.attack(*flags, threads=threads)["images_per_second"])


def images(robust, settings):
    counts = (2000, 100, 500) if settings.quick else (10_000, 100, 1000, 55_000)
    contestants = {f"{count:,} images": lambda count=count: short_bim(robust, count) for count in counts}
    return Work("BIM, 10 steps, by number of images", "images/s", contestants)


def threads(robust, settings):
    count = 500 if settings.quick else 5000
    names = {settings.threads: f"{settings.threads} threads", 1: "1 thread"}
    contestants = {name: lambda threads=threads: short_bim(robust, count, threads) for threads, name in names.items()}
    return Work("BIM, 10 steps, by number of threads", "images/s", contestants)


def memory(robust, settings):
    limit = "500" if settings.quick else "10000"
    peak = {"robust": lambda: robust.peak("--method", "bim", "--limit", limit)}
    return Work("peak memory of robust attack --method bim", "MiB", peak, smaller=True)


def start_up(robust, settings):
    return Work("robust --help", "ms", {"robust": robust.help}, smaller=True)

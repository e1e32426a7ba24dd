"""Our side: the `robust` command that a user runs, and the bench target `peers` for what the command does not time."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from contest import Result
from machine import commit
from network import ROOT

# A process starts with the peak memory of the one that it was made by: this small one stands between it and us.
PEAK = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
print(os.wait4(child, 0)[2].ru_maxrss)
"""


@dataclass
class Found:
    """What `robust attack` wrote: the summary, and the adversarial images of those that it attacked."""
    summary: dict
    x_adv: torch.Tensor


class Robust:
    """Both programs, built for release, on a number of threads."""

    def __init__(self, threads):
        self.threads = threads
        self.remarks = []
        # In this order: the bench gives `gemm` AVX-512, and the command is to be as a user has it.
        self.bench = self._build("bench", "--bench", "peers", "--features", "gemm/x86-v4", "--no-run")["peers"]
        self.command = self._build("build", "--release", "--bin", "robust")["robust"]

    def machine(self):
        """Version and commit of `robust`, and the instruction set that it chose."""
        version = subprocess.run([self.command, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        isa = json.loads(self._peers("machine"))["isa"].removeprefix("Isa(").removesuffix(")")
        return f"{version.strip()} (commit {commit()}) on {isa}"

    def _build(self, *arguments):
        command = ["cargo", arguments[0], "--package", "robust", "--message-format", "json", *arguments[1:]]
        lines = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        artefacts = [json.loads(line) for line in lines]
        return {found["target"]["name"]: found["executable"] for found in artefacts if found.get("executable")}

    def _peers(self, *arguments):
        environment = os.environ | {"RAYON_NUM_THREADS": str(self.threads)}
        return subprocess.run([self.bench, *arguments], env=environment, stdout=subprocess.PIPE, check=True).stdout

    def measure(self, *work):
        """One work of the bench target."""
        found = json.loads(self._peers(*work))
        return Result(found["rate"], found.get("check"), found.get("remark", ""))

    def attack(self, *flags, threads=None):
        """The summary of `robust attack`."""
        with tempfile.TemporaryDirectory() as out:
            command = self._attack(out, *flags, threads=threads or self.threads)
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def adversarials(self, subject, *flags):
        """The images that `robust attack` makes of a subject's; None, and a remark, if it does not know the attack or a
        flag."""
        with tempfile.TemporaryDirectory() as out:
            command = self._attack(out, *flags, "--limit", str(subject.count))
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                self.remarks.append(f"`robust attack {' '.join(flags)}`: {done.stderr.strip().splitlines()[0]}")
                return None
            with np.load(Path(out) / "adversarial.npz") as arrays:
                return Found(json.loads(done.stdout), torch.from_numpy(arrays["x_adv"])[subject.positions])

    def step(self, x0, x, label, epsilon, step):
        """One step of BIM from the iterates `x`, within `epsilon` of `x0`."""
        with tempfile.TemporaryDirectory() as folder:
            before, after = (str(Path(folder) / name) for name in ("before.npz", "after.npz"))
            np.savez(before, x0=x0.numpy(), x=x.numpy(), label=label.numpy())
            self._peers("steps", before, after, str(epsilon), str(step))
            with np.load(after) as arrays:
                return torch.from_numpy(arrays["x"])

    def wall(self, *flags):
        """Wall seconds and success rate of `robust attack` as a whole process, reports included."""
        with tempfile.TemporaryDirectory() as out:
            start = time.perf_counter()
            found = subprocess.run(self._attack(out, *flags), stdout=subprocess.PIPE, check=True).stdout
            return Result(time.perf_counter() - start, json.loads(found)["success_rate"])

    def peak(self, *flags):
        """Peak resident memory of `robust attack` in MiB."""
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-S", "-c", PEAK, *self._attack(out, *flags)]
            found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            summary, kibibytes = found.splitlines()
            return Result(int(kibibytes) / 1024, remark=f"{json.loads(summary)['n']:,} images")

    def help(self):
        """Wall milliseconds of `robust --help`."""
        start = time.perf_counter()
        subprocess.run([self.command, "--help"], stdout=subprocess.DEVNULL, check=True)
        return Result(1e3 * (time.perf_counter() - start))

    def _attack(self, out, *flags, threads=None):
        threads = str(threads or self.threads)
        return [self.command, "attack", *flags, "--threads", threads, "--json", "--quiet", "--out", out]

"""Our side: the `robust` command that a user runs, and the bench target `peers` for what the command does not time."""

import json
import os
import subprocess
import sys
import tempfile
import time

from contest import Result
from network import ROOT

# A process starts with the peak memory of the one that it was made by: this small one stands between it and us.
PEAK = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
print(os.wait4(child, 0)[2].ru_maxrss)
"""


class Robust:
    """Both programs, built for release, on a number of threads."""

    def __init__(self, threads):
        self.threads = threads
        # In this order: the bench gives `gemm` AVX-512, and the command is to be as a user has it.
        self.bench = self._build("bench", "--bench", "peers", "--features", "gemm/x86-v4", "--no-run")["peers"]
        self.command = self._build("build", "--release", "--bin", "robust")["robust"]

    def machine(self):
        """Version of `robust`, and the instruction set that it chose."""
        version = subprocess.run([self.command, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return f"{version.strip()} on {self._peers('machine')['isa'].removeprefix('Isa(').removesuffix(')')}"

    def _build(self, *arguments):
        command = ["cargo", arguments[0], "--package", "robust", "--message-format", "json", *arguments[1:]]
        lines = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        artefacts = [json.loads(line) for line in lines]
        return {found["target"]["name"]: found["executable"] for found in artefacts if found.get("executable")}

    def _peers(self, work):
        environment = os.environ | {"RAYON_NUM_THREADS": str(self.threads)}
        found = subprocess.run([self.bench, work], env=environment, stdout=subprocess.PIPE, check=True).stdout
        return json.loads(found)

    def measure(self, work):
        """One work of the bench target."""
        found = self._peers(work)
        return Result(found["rate"], found.get("check"), found.get("remark", ""))

    def attack(self, *flags, threads=None):
        """The summary of `robust attack`."""
        with tempfile.TemporaryDirectory() as out:
            command = self._attack(out, *flags, threads=threads or self.threads)
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

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

"""What figures depend on: processor, device, version of the code."""

import os
import platform
import re
import subprocess
from pathlib import Path

import torch

from network import ROOT


def cpu():
    """The processor's name, and its cores."""
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"model name\s*: (.*)", cpuinfo)
    return f"{name[1] if name else platform.processor()}, {os.cpu_count()} cores"


def device(name):
    """What PyTorch calls `cpu` or `cuda`, by its own name."""
    return cpu() if name == "cpu" else torch.cuda.get_device_name(name)


def commit():
    """Of the code that is measured; `-dirty` if it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

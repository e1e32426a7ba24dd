"""Runs the peers' attacks in processes of their own, on the CPU or a GPU, and keeps each verdict as soon as it is there."""

import functools
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np
import torch

import machine
import network
from cache import Entry
from judge import BATCH, Subject
from lines import lines

SEED = 0

subject = functools.cache(Subject)


@functools.cache
def net(device):
    return network.load().to(device)


def prepare(threads):
    torch.set_num_threads(threads)
    # Single precision, as on a CPU: a GPU's convolutions would round to 10 bits otherwise.
    torch.backends.cudnn.allow_tf32 = False


def run(number, peer, images, device):
    """A peer's attack of the line with that number; returns seconds."""
    line = list(lines())[number]
    start = time.perf_counter()
    torch.manual_seed(SEED)
    np.random.seed(SEED)
    perturb = line.attack_of(peer, net(device))
    x, label = (tensor.to(device) for tensor in (subject(images).x, subject(images).label))
    batch = BATCH if device == "cpu" else len(x)  # a GPU waits for its next order more than it computes
    x_adv = torch.cat([perturb(*some).detach().cpu() for some in zip(x.split(batch), label.split(batch))])
    verdict = subject(images).judge(x_adv, line.parameters["norm"], line.parameters.get("epsilon"))
    seconds = time.perf_counter() - start
    line.entry(peer, images).write(verdict, machine.device(device), seconds)
    return seconds


def fill(wanted, settings):
    """The cache with what it lacks of all wanted lines; returns what failed."""
    failed = []
    with ProcessPoolExecutor(settings.jobs, multiprocessing.get_context("spawn"), prepare,
                             (settings.peer_threads,)) as pool:
        running = {}
        for number, line in enumerate(lines()):
            for peer in line.peers if wanted(line.method) else ():
                images = line.images(peer, settings.images)
                if settings.fresh or not line.entry(peer, images).exists():
                    running[pool.submit(run, number, peer, images, settings.device)] = f"{peer}, {line.title}, {line.description}"
        for done in as_completed(running):
            try:
                print(f"{done.result():7.0f} s  {running[done]}", file=sys.stderr, flush=True)
            except Exception as error:  # of a peer, whatever it may be: the others go on
                failed.append(f"{running[done]}: {error!r}")
    return failed

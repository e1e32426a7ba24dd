"""The ways to run PyTorch on a few cores, and the search for the fastest: a comparison owes its peer the best one."""

import functools
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch

import network

BATCHES = (64, 128, 250, 500, 1000)


@dataclass(frozen=True)
class Configuration:
    channels_last: bool
    batch: int
    workers: int = 1  # batches at a time; the threads are shared out among them
    compiled: bool = False

    def __str__(self):
        parts = ["channels-last" if self.channels_last else "channels-first", f"batch {self.batch}"]
        parts += [f"{self.workers} batches at a time"] * (self.workers > 1) + ["torch.compile"] * self.compiled
        return ", ".join(parts)

    @property
    def layout(self):
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def net(self):
        """The network in this layout."""
        return _net(self.layout, self.compiled)

    def spread(self, work, threads, images, *others):
        """`work` on every batch of images and of what goes with them, on `threads` threads in all; results in order."""
        images = images.contiguous(memory_format=self.layout)
        batches = [tensor.split(self.batch) for tensor in (images, *others)]
        share = threads // self.workers
        torch.set_num_threads(share)
        if self.workers == 1:
            return [work(*batch) for batch in zip(*batches)]
        with ThreadPoolExecutor(self.workers, initializer=torch.set_num_threads, initargs=(share,)) as pool:
            return list(pool.map(work, *batches))


@functools.cache
def _net(layout, compiled):
    net = network.load().to(memory_format=layout)
    return torch.compile(net) if compiled else net


def configurations(settings, images=max(BATCHES)):
    """What to try: both layouts, each batch size up to the first that holds all images, all threads on one batch or one
    batch per thread."""
    batches = (250, 500) if settings.quick else [batch for batch in BATCHES if batch // 2 < images]
    workers = sorted({1, settings.threads})
    layouts = (False, True)
    found = [Configuration(*choice) for choice in itertools.product(layouts, batches, workers)]
    if settings.compile:
        found += [Configuration(*choice, compiled=True) for choice in itertools.product(layouts, (250, 500), (1,))]
    return found


def fastest(choices, work):
    """The choice for which `work(choice)` takes the least time, the better of two runs."""
    return min(choices, key=lambda choice: min(clock(work, choice), clock(work, choice)))


def clock(work, *arguments):
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start

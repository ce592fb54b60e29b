"""What a process holds: memory, descriptors, threads, tasks, processes. Taken between citizens, compared at the end."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.soak import resident_mb
from tests.soak.services import children


@dataclass(frozen=True, slots=True)
class Census:
    resident_mb: float
    descriptors: int
    threads: int
    tasks: int
    children: int

    def told(self) -> str:
        return (
            f"{self.resident_mb:.1f} MB, {self.descriptors} descriptors, {self.threads} threads, {self.tasks} tasks, "
            f"{self.children} processes"
        )


def census() -> Census:
    gc.collect()
    return Census(
        resident_mb(),
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        len(asyncio.all_tasks()),
        len(children(os.getpid())),
    )


def grown(seen: Sequence[Census]) -> list[str]:
    """What there is more of in the second half than in the first, with every service up: by the fewest of each half, so that work in
    flight (a connection that is kept open, an executor's thread on its first job, a worker that was just killed) does not count."""
    half = len(seen) // 2
    first, last = seen[:half], seen[half:]
    found = []
    for name, allowed in (("descriptors", 2), ("threads", 1), ("tasks", 1), ("children", 2)):
        before, after = (min(getattr(each, name) for each in part) for part in (first, last))
        if after > before + allowed:
            found.append(f"{name}: {before}, later never fewer than {after}")
    return found

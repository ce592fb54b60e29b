"""What the engine looks after, and when: one date for each order and each refund. Times are the loop's own, which no clock moves."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from kiosk.front.states import Kind

Entry = tuple[Kind, str]


class Agenda:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Entry]] = []
        self._due: dict[Entry, float] = {}
        self._count = itertools.count()
        self._changed = asyncio.Event()

    def __contains__(self, entry: Entry) -> bool:
        return entry in self._due

    def put(self, entry: Entry, due: float) -> None:
        """The newest date counts, whether it is earlier or later than the one before."""
        self._due[entry] = due
        heapq.heappush(self._heap, (due, next(self._count), entry))
        self._changed.set()

    async def next(self) -> Entry:
        """The entry that is due; waits until there is one. It has no date any more."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            while self._heap and self._heap[0][0] <= loop.time():
                due, _, entry = heapq.heappop(self._heap)
                if self._due.get(entry) == due:
                    del self._due[entry]
                    return entry
            try:
                async with asyncio.timeout(self._heap[0][0] - loop.time() if self._heap else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

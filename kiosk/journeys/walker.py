"""Runs the steps of a journey in order over an immutable context.

A step is one async function: it shows a screen, asks a device, calls a gateway, and returns the next context. `Back` runs the
step before again with the context it had, passing over steps that have no page of their own. A step marked as a barrier (a
decision issued, money taken) seals the way behind it from its beginning, because what it does cannot be undone by leaving it in
the middle: from then on Back and Cancel neither are shown nor accepted. Whatever happens, the desk is wiped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from kiosk.screens.base import Back, Cancelled, Desk, Progress

C = TypeVar("C")
K = TypeVar("K")


class Ended(Exception):
    """The journey is over before its last step, in good order. `outcome` names the end: refused:E02, nothing_open, …"""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Step(Generic[C, K]):
    """`title` is the phase on the step bar; steps of one phase follow each other. `when` leaves a step out by the context.

    `silent` says that the step shows no page when all is well, so that Back does not run into it again and again.
    """

    title: str
    run: Callable[[C, K], Awaitable[C]]
    when: Callable[[C], bool] = lambda _: True
    barrier: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Walked(Generic[C]):
    """How a journey ended, and with which context. Outcome: completed, cancelled:exit|idle|shutdown, or a step's own word."""

    outcome: str
    context: C


class IdleGuard:
    """Warns and then ends a session in which nobody touches anything.

    `limit` and `warning` are seconds. While held (a device or a payment is at work, or a payment result is unknown) time does
    not count: such a session is never ended by the clock.
    """

    def __init__(self, desk: Desk, limit: float, warning: int) -> None:
        self._desk = desk
        self._limit = limit
        self._warning = warning
        self._held = 0
        self._touched = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    def touch(self) -> None:
        self._touched.set()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        self._held += 1
        self._free.clear()
        self._desk.idle_warning(None)
        self._touched.set()
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._free.set()
            self._touched.set()

    async def expired(self) -> None:
        """Returns when the citizen has gone."""
        while True:
            await self._free.wait()
            if await self._quiet(self._limit * self._desk.patience):
                for left in range(self._warning, 0, -1):
                    self._desk.idle_warning(left)
                    if not await self._quiet(1.0):
                        break
                else:
                    self._desk.idle_warning(None)
                    return
                self._desk.idle_warning(None)

    async def _quiet(self, seconds: float) -> bool:
        self._touched.clear()
        try:
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes in the moment of a touch, and the walk would
            # wait for this guard for ever.
            async with asyncio.timeout(seconds):
                await self._touched.wait()
        except TimeoutError:
            return not self._held
        return False


async def walk(steps: Sequence[Step[C, K]], context: C, kit: K, desk: Desk, guard: IdleGuard) -> Walked[C]:
    """Run `steps`. Never raises for what a citizen, a rule or the clock does; bugs and device faults that a step does not
    handle pass through after the wipe."""
    run = _Run(tuple(steps), context, kit, desk)
    desk.on_touch(guard.touch)
    journey = asyncio.ensure_future(run.to_the_end())
    idle = asyncio.ensure_future(guard.expired())
    try:
        await asyncio.wait((journey, idle), return_when=asyncio.FIRST_COMPLETED)
        outcome = journey.result() if journey.done() else "cancelled:idle"
        return Walked(outcome, run.context)
    finally:
        for task in (journey, idle):
            task.cancel()
        await asyncio.gather(journey, idle, return_exceptions=True)
        desk.on_touch(None)
        desk.progress(None)
        desk.wipe()


@dataclass
class _Run(Generic[C, K]):
    steps: tuple[Step[C, K], ...]
    context: C
    kit: K
    desk: Desk

    async def to_the_end(self) -> str:
        titles = tuple(dict.fromkeys(step.title for step in self.steps if step.title))
        done: list[tuple[int, C]] = []
        sealed = False
        index = 0
        while index < len(self.steps):
            step = self.steps[index]
            if not step.when(self.context):
                index += 1
                continue
            if step.barrier:
                done.clear()
                sealed = True
            self.desk.progress(Progress(titles, titles.index(step.title)) if step.title else None)
            self.desk.allow(
                back=bool(done) or not sealed, cancel=not sealed
            )  # before the first step lies the home screen
            try:
                new = await step.run(self.context, self.kit)
            except Back:
                while done and self.steps[done[-1][0]].silent:
                    done.pop()
                if not done:
                    return "cancelled:exit"
                index, self.context = done.pop()
                continue
            except Cancelled as cancelled:
                # Behind a barrier only the clock or a shutdown comes here; the ledger's sweeper finishes what is open.
                return f"cancelled:{cancelled.why}"
            except Ended as ended:
                return ended.outcome
            if not step.barrier:
                done.append((index, self.context))
            self.context, index = new, index + 1
        return "completed"

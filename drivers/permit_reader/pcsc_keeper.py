"""Keeps one PC/SC worker alive: starts it, replaces one that ended or was killed, and knows what it told of the slots."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable

import structlog

from drivers.permit_reader.channel import trouble
from drivers.permit_reader.pcsc_link import Slots
from drivers.permit_reader.pcsc_process import PcscProcess
from kiosk.domain.errors import DeviceError, ErrorKind

_REST, _REST_MAX, _YOUNG = 0.5, 10.0, 2.0
log = structlog.get_logger(__name__)


def library_there() -> bool:
    return importlib.util.find_spec("smartcard") is not None


class PcscKeeper:
    """`wanted`: somebody wants to know of readers, so that a worker that ended is replaced without being asked for.

    `changed` is called whenever `process` or `slots` may have become others, `begun` whenever a worker is started, with how many there
    were before.
    """

    def __init__(self, start_timeout: float, changed: Callable[[], None], begun: Callable[[int], None]) -> None:
        self.wanted = False
        self.process: PcscProcess | None = None
        self.slots: Slots | None = None
        """None: nobody has told yet."""
        self._start_timeout = start_timeout
        self._told, self._begun = changed, begun
        self._before = 0
        self._begun_at = float("-inf")
        self._rest = 0.0
        self._reviving: asyncio.Task[None] | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()

    async def ensure(self) -> None:
        """A worker that has told of the slots. Raises OFFLINE."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._start_timeout
        if self.process is None or not self.process.alive:
            self.discard()  # what is left of one that ended by itself
            self._begun(self._before)
            self._before, self._begun_at = self._before + 1, loop.time()
            try:
                self.process = PcscProcess(self._on_slots, self._on_end)
            except OSError as error:
                raise trouble(ErrorKind.OFFLINE, "The PC/SC worker cannot be started.", type(error).__name__) from error
        while self.slots is None:
            if self.process is None or not self.process.alive:
                raise trouble(ErrorKind.OFFLINE, "The PC/SC worker ended while starting.", "WORKER")
            if not await self.wait_change(end):
                self.discard()
                raise trouble(ErrorKind.OFFLINE, "The PC/SC service does not answer.", "START")

    def discard(self) -> None:
        """Kill a worker that hangs, or whose word cannot be trusted any more; a new one begins with the truth."""
        process, self.process, self.slots = self.process, None, None
        if process is None:
            return
        process.kill()
        ending = asyncio.get_running_loop().create_task(process.end(0.0))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        self._changed()
        self.revive()

    def revive(self) -> None:
        """See to it that a worker watches, as long as one is wanted."""
        free = self._reviving is None or self._reviving.done()
        if self.wanted and self.slots is None and free and library_there():
            self._reviving = asyncio.get_running_loop().create_task(self._start_again(), name="pcsc-worker")

    async def close(self) -> None:
        """Let the worker go; idempotent."""
        self.wanted = False
        reviving, self._reviving = self._reviving, None
        if reviving is not None:
            reviving.cancel()
            await asyncio.gather(reviving, return_exceptions=True)
        process, self.process, self.slots = self.process, None, None
        if process is not None:
            await process.end()
        for ending in tuple(self._endings):
            await ending
        self._changed()

    async def wait_change(self, until: float | None) -> bool:
        """False when nothing changed until then."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout_at(until):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    async def _start_again(self) -> None:
        """At once, but one that dies young again and again is given time: 0.5 s doubling to 10 s."""
        loop = asyncio.get_running_loop()
        self._rest = min(max(2 * self._rest, _REST), _REST_MAX) if loop.time() - self._begun_at < _YOUNG else 0.0
        await asyncio.sleep(self._rest)
        wait = _REST
        while self.slots is None:
            try:
                await self.ensure()
            except DeviceError as error:
                log.info("permit_reader_worker_not_started", native=error.native)
                await asyncio.sleep(wait)
                wait = min(2 * wait, _REST_MAX)

    def _on_slots(self, slots: Slots) -> None:
        self.slots = slots
        self._changed()

    def _on_end(self) -> None:
        log.warning("permit_reader_worker_ended")
        self.slots = None
        self._changed()
        self.revive()

    def _changed(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._told()

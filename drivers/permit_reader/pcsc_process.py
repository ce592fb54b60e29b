"""The kiosk's end of one PC/SC worker: start it, order, hear answers on the event loop, kill it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from drivers.permit_reader.pcsc_link import MESSAGE_LIMIT, SLOTS, Slots, pair, parse_reply

_ROOT = Path(__file__).resolve().parents[2]
log = structlog.get_logger(__name__)


class WorkerGone(Exception):
    """The worker ended by itself."""


class PcscProcess:
    """One life of a worker. `on_slots` gets what it tells of readers; answers are waited for with `answer`."""

    def __init__(self, on_slots: Callable[[Slots], None], on_end: Callable[[], None]) -> None:
        self._on_slots, self._on_end = on_slots, on_end
        self._loop = asyncio.get_running_loop()
        self._answers: deque[tuple[bytes, int, bytes]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._line, theirs = pair()
        path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "drivers.permit_reader.pcsc_worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError:
            self._line.close()
            raise
        finally:
            theirs.close()
        self._line.setblocking(False)
        self.alive = True
        self._loop.add_reader(self._line.fileno(), self._readable)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: bytes) -> None:
        """Raises WorkerGone. Orders are small and one at a time: the line always has room for one."""
        if not self.alive:
            raise WorkerGone
        try:
            self._line.send(message)
        except OSError as error:
            raise WorkerGone(type(error).__name__) from error

    async def answer(self, kind: bytes, deadline: float) -> tuple[int, bytes]:
        """Code and data of the next answer of this kind. Raises TimeoutError, WorkerGone."""
        async with asyncio.timeout(deadline):
            while True:
                while self._answers:
                    found, code, data = self._answers.popleft()
                    if found == kind:
                        return code, data
                if not self.alive:
                    raise WorkerGone
                self._waiter = self._loop.create_future()
                try:
                    await self._waiter
                finally:
                    self._waiter = None

    def kill(self) -> None:
        """At once; the kernel ends a killed process, even one that stands in a call that never returns."""
        self._deafen()
        self._process.kill()

    async def end(self, grace: float = 0.5) -> None:
        """Hang up, give the worker `grace` seconds to let the card go and leave, then kill it."""
        self._deafen()
        loop = self._loop
        until = loop.time() + grace
        while self._process.poll() is None and loop.time() < until:
            await asyncio.sleep(0.01)
        if self._process.poll() is None:
            self._process.kill()
            while self._process.poll() is None:
                await asyncio.sleep(0.005)

    def _readable(self) -> None:
        for _ in range(32):  # a few at a time: the loop has other work
            try:
                data = self._line.recv(MESSAGE_LIMIT)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self._deafen()
                self._on_end()
                break
            if data[:1] == SLOTS:
                self._on_slots(Slots.decode(data))
            else:
                self._answers.append(parse_reply(data))
            if not self.alive:
                break
        if self._waiter is not None and not self._waiter.done() and (self._answers or not self.alive):
            self._waiter.set_result(None)

    def _deafen(self) -> None:
        if self.alive:
            self.alive = False
            self._loop.remove_reader(self._line.fileno())
            self._line.close()
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)

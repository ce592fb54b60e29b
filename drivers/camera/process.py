"""The kiosk's end of one capture worker: start it, hear it on the event loop, order it about, kill it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from drivers.camera.link import MESSAGE_LIMIT, FrameMemory, Job, decode, encode, pair

log = structlog.get_logger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_KILLED_WITHIN = 2.0
"""Seconds. A process that the kernel holds in a camera driver's call dies only when that call ends, if ever."""


class WorkerProcess:
    """One life of a worker. `on_message` gets every message, `on_end` is called once when the worker is gone by itself."""

    def __init__(self, job: Job, on_message: Callable[[dict[str, Any]], None], on_end: Callable[[], None]) -> None:
        self._on_message, self._on_end = on_message, on_end
        self._loop = asyncio.get_running_loop()
        self.memory = FrameMemory()
        self._line, theirs = pair()
        path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "drivers.camera.worker", str(theirs.fileno()), str(self.memory.fd), job.dump()],
                pass_fds=(theirs.fileno(), self.memory.fd),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError:
            self._line.close()
            self.memory.close()
            raise
        finally:
            theirs.close()
        self.heard_at = time.monotonic()
        self._line.setblocking(False)
        self._listening = True
        self._loop.add_reader(self._line.fileno(), self._readable)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: dict[str, Any]) -> None:
        """Hand an order over without waiting; a worker that does not take it is found out by its silence."""
        if not self._listening:
            return
        try:
            self._line.send(encode(message))
        except OSError as error:
            log.warning("camera_order_not_taken", error=type(error).__name__)

    def _readable(self) -> None:
        for _ in range(8):  # a few at a time: the loop has other work
            try:
                data = self._line.recv(MESSAGE_LIMIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._deafen()
                self._on_end()
                return
            self.heard_at = time.monotonic()
            self._on_message(decode(data))
            if not self._listening:
                return

    def _deafen(self) -> None:
        if self._listening:
            self._listening = False
            self._loop.remove_reader(self._line.fileno())
            self._line.close()

    async def end(self, grace: float = 0.6) -> int | None:
        """Hang up, give the worker `grace` seconds to leave, then kill it. Wipes the frames.

        Returns its exit status; None where the kernel does not let it die: nobody waits for that.
        """
        self._deafen()
        until = time.monotonic() + grace
        while (status := self._process.poll()) is None and time.monotonic() < until:
            await asyncio.sleep(0.01)
        if status is None:
            self._process.kill()
            until = time.monotonic() + _KILLED_WITHIN
            while (status := self._process.poll()) is None and time.monotonic() < until:
                await asyncio.sleep(0.005)
            if status is None:
                log.error("camera_worker_unkillable", pid=self._process.pid)
        self._discard()
        return status

    def kill(self) -> None:
        """At once, for callers that cannot wait: the kernel ends a killed process; `end` collects it."""
        self._deafen()
        self._process.kill()

    def _discard(self) -> None:
        self.memory.wipe()
        self.memory.close()

"""A microphone of this machine: ALSA's own `arecord` as a process whose raw samples come through a pipe.

A sound driver can hang in the kernel; a process can be killed and the kiosk goes on.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping

import structlog

from drivers.transport.arrival import Arrival
from drivers.transport.fd import FdTransport
from kiosk.domain.errors import DeviceError, ErrorKind

PROGRAM = "arecord"
_HARDWARE = re.compile(r"(?:plug)?hw:(?:CARD=)?([0-9]+)(?:,(?:DEV=)?([0-9]+))?")
_GRACE, _KILLED_WITHIN = 0.3, 2.0
_SAYS: Mapping[str, ErrorKind] = {
    "resource busy": ErrorKind.BUSY,
    "permission denied": ErrorKind.PERMISSION,
    "no such": ErrorKind.OFFLINE,
    "cannot find card": ErrorKind.OFFLINE,
    "unknown pcm": ErrorKind.CONFIG,
    "not available": ErrorKind.CONFIG,
}
"""What arecord writes when it gives up, in small letters, and what it means."""
log = structlog.get_logger(__name__)


class ProgramLine(FdTransport):
    """`ByteTransport` of raw samples, signed 16 bit, little-endian, one channel. What is written to it goes nowhere."""

    def __init__(self, device: str, rate: int) -> None:
        super().__init__(f"alsa:{device}")
        self._device, self._rate = device, rate
        self._process: subprocess.Popen[bytes] | None = None
        self._words: int | None = None
        hardware = _HARDWARE.fullmatch(device)
        node = f"/dev/snd/pcmC{hardware[1]}D{hardware[2] or 0}c" if hardware is not None else "/dev/snd"
        self._arrival = Arrival(node)

    async def _acquire(self) -> int:
        self._arrival.note()
        program = shutil.which(PROGRAM)
        if program is None:
            raise DeviceError(
                ErrorKind.CONFIG, self.name, f"{PROGRAM} is not installed (package alsa-utils).", "ENOENT"
            )
        return self._begin(program)

    def _begin(self, program: str) -> int:
        ours, theirs = os.pipe()
        words = os.memfd_create("onetrip-arecord", os.MFD_CLOEXEC)
        shape = ("-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(self._rate), "--buffer-time=500000")
        try:
            self._process = subprocess.Popen(
                [program, "-D", self._device, *shape],
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=words,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError:
            os.close(ours)
            os.close(words)
            raise
        finally:
            os.close(theirs)
        self._words = words
        return ours

    async def read(self, limit: int, deadline: float) -> bytes:
        try:
            return await super().read(limit, deadline)
        except DeviceError as error:
            if error.kind is ErrorKind.OFFLINE and (told := self._said()) is not None:
                raise told from error
            raise

    def _said(self) -> DeviceError | None:
        """Why arecord has gone, in its own words."""
        if self._words is None:
            return None
        text = os.pread(self._words, 2000, 0).decode("utf-8", "replace")
        line = next((line for line in text.splitlines() if "rror" in line or ":" in line), "").strip()
        if not line:
            return None
        kind = next((kind for word, kind in _SAYS.items() if word in text.lower()), ErrorKind.OFFLINE)
        return DeviceError(kind, self.name, f"{PROGRAM}: {line[:160]}", PROGRAM)

    def _release(self, fd: int) -> None:
        os.close(fd)
        if self._words is not None:
            os.close(self._words)
            self._words = None

    async def _let_go(self, fd: int) -> None:
        self._release(fd)
        process, self._process = self._process, None
        if process is not None:
            await _end(process)

    async def _returned(self) -> None:
        await self._arrival.wait()


async def _end(process: subprocess.Popen[bytes]) -> None:
    """It has a moment to leave, then it is killed; nobody waits for one that the kernel holds."""
    for stop, within in ((process.terminate, _GRACE), (process.kill, _KILLED_WITHIN)):
        if process.poll() is None:
            stop()
        until = time.monotonic() + within
        while process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.005)
    if process.poll() is None:
        log.error("arecord_unkillable", pid=process.pid)

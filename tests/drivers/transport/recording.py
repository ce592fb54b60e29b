"""Recording and playing a session of any driver, for the tests of tapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from drivers.transport.base import BaudLine, ByteTransport
from drivers.transport.record import Recorder, recording
from drivers.transport.replay import ReplayTransport
from drivers.transport.tape import Header, Masker, TapeWriter
from drivers.transport.url import lines_through

T = TypeVar("T")


async def record(tape: Path, kind: str, url: str, masker: Masker, session: Callable[[], Awaitable[T]]) -> T:
    """Run `session`, which makes its driver by URL, with the line recorded."""
    recorders: list[Recorder] = []

    def wrap(line: ByteTransport) -> ByteTransport:
        baud = line.baud if isinstance(line, BaudLine) else None
        header = Header(kind, url, line.name, line.simulated, baud, masker.name, "2026-11-21T18:00:00+08:00", "test")
        recorders.append(Recorder(TapeWriter(tape, header), masker))
        return recording(line, recorders[0])

    with lines_through(wrap):
        try:
            return await session()
        finally:
            recorders[0].close()


async def replay(session: Callable[[], Awaitable[T]]) -> tuple[T, ReplayTransport]:
    """Run `session`, whose driver's URL is that of a tape; the line it was played on comes with its result."""
    lines: list[ReplayTransport] = []

    def keep(line: ByteTransport) -> ByteTransport:
        assert isinstance(line, ReplayTransport)
        lines.append(line)
        return line

    with lines_through(keep):
        return await session(), lines[0]

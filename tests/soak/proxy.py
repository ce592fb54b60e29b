"""A line between two programs that can be cut: for network partitions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum

PIECE = 65536


class Line(StrEnum):
    OPEN = "open"
    CUT = "cut"
    """Connections are reset, new ones too."""
    HOLE = "hole"
    """Bytes go nowhere, in both directions, and nobody is told."""
    DEAF = "deaf"
    """Requests arrive; what is answered is lost."""


class Proxy:
    """`line` may be changed at any time, for connections that are there as well."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._line = Line.OPEN
        self._there: set[asyncio.StreamWriter] = set()

    @property
    def line(self) -> Line:
        return self._line

    @line.setter
    def line(self, line: Line) -> None:
        before, self._line = self._line, line
        if line is Line.CUT or (line is Line.OPEN and before is not Line.OPEN):
            # What was lost in between would be found again by nobody: the connection is of no more use.
            for writer in tuple(self._there):
                _reset(writer)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._line is Line.CUT:
            _reset(writer)
            return
        self._there.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self._to)
            self._there.add(there)
            ways = self._pass(reader, there, (Line.HOLE,)), self._pass(back, writer, (Line.HOLE, Line.DEAF))
            tasks = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except OSError:
            return  # cut, or nobody there: the other end sees it
        finally:
            for end in (writer, there):
                if end is not None:
                    self._there.discard(end)
                    end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: tuple[Line, ...]) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(PIECE):
                if self._line not in lost:
                    writer.write(piece)
                    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[tuple[Proxy, int]]:
    """The proxy before this port, and its own."""
    made, sessions = Proxy(port), set[asyncio.Task[None]]()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        sessions.add(task)
        task.add_done_callback(sessions.discard)
        with suppress(asyncio.CancelledError):
            await made._session(reader, writer)

    server = await asyncio.start_server(session, "127.0.0.1", 0)
    try:
        yield made, int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tuple(sessions):
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await server.wait_closed()

"""The soak of killed payments, short; ten thousand kills with `python -m tests.soak.money`."""

from __future__ import annotations

import asyncio

import pytest

from tests.soak.money import run
from tests.soak.proxy import Line, proxy

pytestmark = [pytest.mark.timeout(600)]


@pytest.mark.chaos
async def test_two_hundred_kills() -> None:
    tally = await run(200, seed=11)
    assert tally.troubles == []
    assert tally.payments["paid"] > 20, tally


async def test_a_line_that_is_cut() -> None:
    """Open, a hole, deaf, cut, open again: what arrives, and what comes back."""
    heard: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            heard.append(piece)
            writer.write(piece.upper())
        writer.close()

    async def said(word: bytes) -> bytes:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(word)
            async with asyncio.timeout(0.3):
                return await reader.read(100)
        except (TimeoutError, ConnectionError):
            return b""
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, proxy(server.sockets[0].getsockname()[1]) as (line, port):
        assert await said(b"a") == b"A"
        line.line = Line.HOLE
        assert await said(b"b") == b""
        line.line = Line.DEAF
        assert await said(b"c") == b""
        line.line = Line.CUT
        assert await said(b"d") == b""
        line.line = Line.OPEN
        assert await said(b"e") == b"E"
    assert heard == [b"a", b"c", b"e"]
